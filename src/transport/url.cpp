#include "transport/url.hpp"

#include <algorithm>
#include <charconv>

#include "wardex/text.hpp"

namespace wardex::transport {

namespace ip = boost::asio::ip;

namespace {

constexpr std::size_t kMaxUrl = 8192;
constexpr std::size_t kMaxHost = 253;  // RFC 1035 2.3.4, without the root dot

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_alnum(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// "ends in a number" of the WHATWG URL standard: such a host is an IPv4 address in some spelling (127.1, 0177.0.0.1,
/// 0x7f000001, 2130706433), which getaddrinfo would accept and a reader would not recognise.
bool ends_in_a_number(std::string_view host) {
  const auto dot = host.rfind('.');
  const auto last = dot == std::string_view::npos ? host : host.substr(dot + 1);
  if (last.empty()) return false;
  if (std::all_of(last.begin(), last.end(), is_digit)) return true;
  return last.size() >= 2 && last[0] == '0' && (last[1] == 'x' || last[1] == 'X') &&
         std::all_of(last.begin() + 2, last.end(), is_hex);
}

std::string read_host(std::string_view text, Url& url) {
  boost::system::error_code error;
  if (text.starts_with('[')) {
    if (!text.ends_with(']')) return "the host's '[' has no ']'";
    const auto address = ip::make_address_v6(std::string(text.substr(1, text.size() - 2)), error);
    if (error || address.scope_id() != 0) return "the host in brackets is not an IPv6 address";
    url.literal = address;
    url.host = address.to_string();
    return {};
  }
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.empty()) return "the host is missing";
  if (text.size() > kMaxHost) return "the host is longer than 253 characters";
  if (ends_in_a_number(text)) {
    const auto address = ip::make_address_v4(std::string(text), error);
    if (error || address.to_string() != text)
      return "the host is an unusual spelling of an IPv4 address (octal, hexadecimal, short or integer form): write "
             "it as four decimal numbers";
    url.literal = address;
    url.host = address.to_string();
    return {};
  }
  // Underscores are not host names but common in private DNS.
  for (const char c : text)
    if (!is_alnum(c) && c != '-' && c != '.' && c != '_')
      return "the host has a character that host names do not have (write an international name in its xn-- form)";
  if (text.starts_with('.') || text.find("..") != std::string_view::npos) return "the host has an empty label";
  url.host = text::lower(text);
  return {};
}

std::string read_authority(std::string_view authority, Url& url) {
  std::string_view host = authority;
  std::string_view port;
  bool has_port = false;
  const auto bracket = authority.rfind(']');
  const auto colon = authority.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    host = authority.substr(0, colon);
    port = authority.substr(colon + 1);
    has_port = !port.empty();
  }
  if (auto error = read_host(host, url); !error.empty()) return error;
  url.port = url.tls ? 443 : 80;
  if (has_port) {
    const auto* end = port.data() + port.size();
    const auto [stop, code] = std::from_chars(port.data(), end, url.port);
    if (code != std::errc() || stop != end || url.port == 0) return "the port is not a number from 1 to 65535";
  }
  return {};
}

}  // namespace

std::string Url::host_field() const {
  const bool standard = port == (tls ? 443 : 80);
  const bool v6 = literal && literal->is_v6();
  auto out = v6 ? "[" + host + "]" : host;
  return standard ? out : out + ":" + std::to_string(port);
}

std::string Url::authority() const {
  const bool v6 = literal && literal->is_v6();
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::variant<Url, std::string> parse_url(std::string_view text) {
  if (text.size() > kMaxUrl) return "the URL is longer than 8192 bytes";
  for (const char c : text)
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F || c == '\\')
      return "the URL has a space, a control character, a backslash or a non-ASCII character: percent-encode it";
  Url url;
  const auto scheme = text::lower(text.substr(0, std::min<std::size_t>(8, text.size())));
  if (scheme.starts_with("https://")) {
    url.tls = true;
    text.remove_prefix(8);
  } else if (scheme.starts_with("http://")) {
    text.remove_prefix(7);
  } else {
    return "the URL does not begin with http:// or https://";
  }
  text = text.substr(0, text.find('#'));  // a fragment is never sent (RFC 9110 4.2.5)
  const auto end = std::min(text.find_first_of("/?"), text.size());
  const auto authority = text.substr(0, end);
  if (authority.find('@') != std::string_view::npos)
    return "the URL has a user name or password before the host: use the connector's own credential settings";
  if (auto error = read_authority(authority, url); !error.empty()) return error;
  const auto rest = text.substr(end);
  url.target = rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest);
  return url;
}

std::variant<ProxyUrl, std::string> parse_proxy(std::string_view text) {
  constexpr std::string_view kWayOut = "proxy: write http://[user:password@]host:port";
  const auto scheme = text::lower(text.substr(0, std::min<std::size_t>(7, text.size())));
  if (scheme != "http://") return std::string(kWayOut);
  auto rest = text.substr(7);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  ProxyUrl proxy;
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
    auto user = percent_decode(rest.substr(0, at));
    if (!user) return std::string(kWayOut) + " (the user or password has a bad % escape)";
    proxy.basic = std::move(*user);
    rest.remove_prefix(at + 1);
  }
  if (rest.find_first_of("/?#") != std::string_view::npos) return std::string(kWayOut) + ", without a path";
  auto parsed = parse_url("http://" + std::string(rest));
  if (auto* error = std::get_if<std::string>(&parsed)) return std::string(kWayOut) + " (" + *error + ")";
  proxy.server = std::move(std::get<Url>(parsed));
  return proxy;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return std::nullopt;
    unsigned value = 0;
    std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16);
    out += static_cast<char>(value);
    i += 2;
  }
  return out;
}

}  // namespace wardex::transport
