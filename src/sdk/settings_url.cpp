// URLs as settings: strict (what two parsers could read differently is refused) and masked from the moment they are
// read. No message ever shows one, for a URL may be the credential.
#include <arpa/inet.h>

#include <charconv>

#include "settings_text.hpp"
#include "wardex/text.hpp"

namespace wardex::settings_detail {
namespace {

/// Practically every server and proxy takes this much (RFC 9110 4.1 recommends at least 8000 octets).
constexpr std::size_t kLongestUrl = 8000;

struct Parts {
  std::string scheme;    ///< lower case
  std::string userinfo;  ///< without the '@'
  std::string host;      ///< host and port
  std::string rest;      ///< from the '/' or '?' on
};

bool is_ipv6(const std::string& address) {
  in6_addr parsed{};
  return inet_pton(AF_INET6, address.c_str(), &parsed) == 1;
}

/// Empty when "host", "host:port" or "[v6]:port" is sound, else what is wrong.
std::string check_host(std::string_view authority) {
  std::string_view host = authority;
  std::string_view port;
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    if (close == std::string_view::npos) return "an IPv6 address needs its closing ']'";
    host = authority.substr(1, close - 1);
    port = authority.substr(close + 1);
    if (!is_ipv6(std::string(host))) return "there is no IPv6 address between '[' and ']'";
  } else {
    const auto colon = authority.find(':');
    host = authority.substr(0, colon);
    if (colon != std::string_view::npos) port = authority.substr(colon);
    if (host.empty()) return "the host is missing";
    if (host.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") !=
        std::string_view::npos)
      return "a host name is made of letters, digits, '-' and '.'; write others in their xn-- form";
    if (host.find("..") != std::string_view::npos || host.starts_with('.')) return "the host name has an empty part";
  }
  if (port.empty()) return {};
  unsigned number = 0;
  const auto digits = port.substr(1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (port.front() != ':' || error != std::errc{} || end != digits.data() + digits.size() || number == 0 ||
      number > 65535)
    return "the port must be a number between 1 and 65535";
  return {};
}

/// Empty when all is well; fills `parts`.
std::string split(const std::string& url, Parts& parts) {
  if (url.size() > kLongestUrl) return "must not be longer than " + std::to_string(kLongestUrl) + " characters";
  for (const char c : url) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F) return "must not contain white space or control characters";
    if (static_cast<unsigned char>(c) > 0x7F) return "must be ASCII; percent-encode other characters";
    if (c == '\\') return "must not contain '\\'; a URL's separator is '/'";
  }
  const auto colon = url.find("://");
  if (colon == std::string::npos) return "expected an absolute URL such as https://host/path";
  parts.scheme = text::lower(url.substr(0, colon));
  if (parts.scheme != "http" && parts.scheme != "https") return "expected a URL that starts with https:// (or http://)";
  if (url.find('#') != std::string::npos) return "must not have a fragment; remove the '#' and what follows";
  const std::string after = url.substr(colon + 3);
  const auto path = after.find_first_of("/?");
  std::string authority = after.substr(0, path);
  if (path != std::string::npos) parts.rest = after.substr(path);
  if (const auto at = authority.rfind('@'); at != std::string::npos) {
    parts.userinfo = authority.substr(0, at);
    authority.erase(0, at + 1);
    if (parts.userinfo.empty()) return "must not have an '@' before the host";
  }
  parts.host = authority;
  return check_host(parts.host);
}

/// scheme://host/ stays readable; what may be a credential is masked.
SensitiveText mask(const Parts& parts, bool path_too) {
  SensitiveText out(parts.scheme + "://");
  if (!parts.userinfo.empty()) out.append_masked(parts.userinfo).append("@");
  out.append(parts.host);
  const auto question = parts.rest.find('?');
  const auto path = std::string_view(parts.rest).substr(0, question);
  if (path_too && !path.empty()) return out.append("/").append_masked(std::string_view(parts.rest).substr(1));
  out.append(path);
  if (question != std::string::npos) out.append("?").append_masked(std::string_view(parts.rest).substr(question + 1));
  return out;
}

}  // namespace

std::optional<SensitiveText> read_url(const Value& v, std::string_view path, Problems& problems, bool path_is_secret) {
  const auto text = scalar_text(v, path, problems, "a URL such as https://host/path", References::any);
  if (!text) return std::nullopt;
  Parts parts;
  std::string wrong = split(*text, parts);
  const bool bare = parts.rest.empty() || parts.rest == "/";
  // A proxy is the one URL that has no path and may carry a login; it is read as a SecretUrl.
  if (wrong.empty() && !parts.userinfo.empty() && !(path_is_secret && bare))
    wrong = "must not have a user or password in it; use the settings for authentication";
  if (!wrong.empty()) {
    if (v.is_reference) wrong = v.scalar + ": " + wrong;
    problems.error(v.at, path, wrong);
    return std::nullopt;
  }
  if (path_is_secret && !v.is_reference && (!bare || !parts.userinfo.empty()))
    problems.warning(v.at, path,
                     "the secret URL stands in the file itself; use a reference such as ${env:NAME}, ${file:/path} or "
                     "${credential:name}");
  return mask(parts, path_is_secret || v.is_reference);
}

}  // namespace wardex::settings_detail
