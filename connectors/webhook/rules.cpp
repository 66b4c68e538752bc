#include "webhook/rules.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "wardex/text.hpp"
#include "webhook/signature.hpp"

namespace wardex::webhook {
namespace {

// The transport's own (Host, framing, hop-by-hop of RFC 9110 7.6.1, User-Agent) and the ones render() sets.
constexpr std::array kReserved{
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "user-agent",
    "http2-settings",
    "proxy-connection",
    "proxy-authorization",
    "content-type",
    "content-encoding",
    "idempotency-key",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "x-wardex-event",
    "x-wardex-delivery",
    "x-wardex-attempt",
    "x-wardex-truncated",
};
// A name with one of these is a credential more often than not.
constexpr std::array kCredentialWords{"auth", "token", "secret", "key", "password", "cookie", "session"};

constexpr std::size_t kMaxHeaders = 64;
constexpr std::size_t kMaxHeaderBytes = 8192;

// RFC 9110 5.6.2.
bool is_token(std::string_view name) {
  constexpr std::string_view kPunctuation = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kPunctuation.find(static_cast<char>(c)) != std::string_view::npos;
  });
}

// RFC 9110 5.5: no control characters, so no value can end its line and start another header.
bool is_field_value(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7F; });
}

bool is_reserved(std::string_view lower_name) {
  return std::find(kReserved.begin(), kReserved.end(), lower_name) != kReserved.end();
}

bool is_loopback(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return false;
  url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  if (url.starts_with("[::1]")) return true;
  const auto host = url.substr(0, url.find(':'));
  return text::iequals(host, "localhost") ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos);
}

// A header of the user's own: its name, and what it says.
void check_header(std::string_view name, const Secret& text, const Signing& signing, const Place& place,
                  std::initializer_list<std::string_view> keys, Problems& problems) {
  if (!is_token(name)) {
    place.error(problems, keys, "is not a header name: use letters, digits and hyphens");
    return;
  }
  const auto lower_name = text::lower(name);
  const auto signatures = signature_headers(signing);
  const bool signs = std::any_of(signatures.begin(), signatures.end(),
                                 [&](const std::string& own) { return text::iequals(own, lower_name); });
  if (is_reserved(lower_name) || signs)
    place.error(problems, keys, "is set by the gateway itself: choose another name or leave it out");
  if (!is_field_value(text.reveal()))
    place.error(problems, keys, "the value has a line break or another control character: take it out");
  if (text.reveal().size() > kMaxHeaderBytes) place.error(problems, keys, "the value is longer than 8 KiB");
}

void check_standard_secret(const Secret& secret, const Place& place, std::initializer_list<std::string_view> keys,
                           Problems& problems) {
  const auto key = standard_key(secret.reveal());
  if (!key || key->size() < 24 || key->size() > 64)
    place.error(problems, keys,
                "scheme standard takes base64 of 24 to 64 random bytes, with or without the prefix whsec_ "
                "(make one: `openssl rand -base64 32`)");
}

std::pair<Position, std::string> locate(const Place& place, std::initializer_list<std::string_view> keys) {
  const Value* node = &place.root;
  std::string path(place.path);
  for (auto key : keys) {
    path = settings_detail::join_path(path, key);
    const Value* next = node->find(key);
    if (next != nullptr) node = next;
  }
  return {node->at, path};
}

}  // namespace

bool Place::given(std::initializer_list<std::string_view> keys) const {
  const Value* node = &root;
  for (auto key : keys) {
    node = node->find(key);
    if (node == nullptr || node->kind == Value::Kind::null) return false;
  }
  return true;
}

void Place::error(Problems& problems, std::initializer_list<std::string_view> keys, std::string message) const {
  const auto [at, where] = locate(*this, keys);
  problems.error(at, where, std::move(message));
}

void Place::warning(Problems& problems, std::initializer_list<std::string_view> keys, std::string message) const {
  const auto [at, where] = locate(*this, keys);
  problems.warning(at, where, std::move(message));
}

void check_url(const Settings& settings, const Place& place, Problems& problems) {
  if (settings.url.is_https() || is_loopback(settings.url.text.reveal())) return;
  if (!settings.allow_insecure)
    place.error(problems, {"url"},
                "http:// sends alert data and credentials in the clear: use https://, or set allow_insecure: true");
}

void check_auth(const Settings& settings, const Place& place, Problems& problems) {
  const auto& auth = settings.auth;
  const int given = (auth.basic ? 1 : 0) + (auth.bearer.empty() ? 0 : 1) + (auth.header ? 1 : 0);
  if (given > 1) place.error(problems, {"auth"}, "has more than one of basic, bearer and header: keep one");
  if (given == 0 && place.given({"auth"}))
    place.error(problems, {"auth"}, "is empty: give one of basic, bearer and header, or leave `auth` out");
  if (auth.basic && auth.basic->username.find(':') != std::string::npos)
    place.error(problems, {"auth", "basic", "username"}, "a user name cannot have a colon (RFC 7617)");
  if (auth.basic && !is_field_value(auth.basic->username))
    place.error(problems, {"auth", "basic", "username"}, "has a control character: take it out");
  if (!is_field_value(auth.bearer.reveal()))
    place.error(problems, {"auth", "bearer"}, "has a line break or another control character: take it out");
  if (auth.header)
    check_header(auth.header->name, auth.header->value, settings.signing, place, {"auth", "header", "name"}, problems);
}

void check_signing(const Settings& settings, const Place& place, Problems& problems) {
  const auto& signing = settings.signing;
  if (!settings.signing_secret.empty()) {
    if (place.given({"signing"}))
      place.error(problems, {"signing_secret"}, "stands beside `signing`: move the secret to signing.secrets");
    check_standard_secret(settings.signing_secret, place, {"signing_secret"}, problems);
    return;
  }
  if (!place.given({"signing"})) return;

  if (signing.scheme == Scheme::none) {
    if (!signing.secrets.empty())
      place.error(problems, {"signing", "secrets"}, "scheme none signs nothing: leave the secrets out");
  } else if (signing.secrets.empty() || signing.secrets.size() > 2) {
    place.error(problems, {"signing", "secrets"}, "takes one secret, or two during a rotation");
  } else if (std::all_of(signing.secrets.begin(), signing.secrets.end(),
                         [](const SigningSecret& secret) { return secret.not_after.has_value(); })) {
    place.error(problems, {"signing", "secrets"},
                "all of them expire, after which requests would go out unsigned: leave not_after out of the new one");
  }
  for (const auto& secret : signing.secrets) {
    if (secret.value.empty()) place.error(problems, {"signing", "secrets"}, "a secret is empty");
    if (signing.scheme == Scheme::standard)
      check_standard_secret(secret.value, place, {"signing", "secrets"}, problems);
  }

  const bool timestamped = signing.scheme == Scheme::timestamped;
  const auto only_for = [&](std::string_view key, bool applies, std::string_view where) {
    if (!applies && place.given({"signing", key}))
      place.error(problems, {"signing", key}, "applies to " + std::string(where) + " only: leave it out");
  };
  only_for("header", timestamped || signing.scheme == Scheme::github, "the schemes github and timestamped");
  only_for("timestamp_header", timestamped && signing.layout == Layout::split, "scheme timestamped with layout split");
  only_for("layout", timestamped, "scheme timestamped");
  only_for("separator", timestamped, "scheme timestamped");
  for (const auto& [key, name] :
       {std::pair{"header", &signing.header}, {"timestamp_header", &signing.timestamp_header}})
    if (!name->empty() && (!is_token(*name) || is_reserved(text::lower(*name))))
      place.error(problems, {"signing", key}, "cannot be a signature's header: choose another name");
}

void check_headers(const Settings& settings, const Place& place, Problems& problems) {
  if (settings.headers.size() > kMaxHeaders) place.error(problems, {"headers"}, "has more than 64 entries");
  std::set<std::string> seen;
  if (settings.auth.basic || !settings.auth.bearer.empty()) seen.insert("authorization");
  if (settings.auth.header) seen.insert(text::lower(settings.auth.header->name));
  for (const auto& [name, value] : settings.headers) {
    check_header(name, value.text, settings.signing, place, {"headers", name}, problems);
    const auto lower_name = text::lower(name);
    if (!seen.insert(lower_name).second)
      place.error(problems, {"headers", name}, "is given twice (names are case-insensitive, and `auth` counts)");
    const Value* node = place.root.find("headers");
    if (node != nullptr) node = node->find(name);
    const bool credential = std::any_of(kCredentialWords.begin(), kCredentialWords.end(), [&](std::string_view word) {
      return lower_name.find(word) != std::string::npos;
    });
    if (credential && node != nullptr && !node->is_reference)
      place.warning(problems, {"headers", name},
                    "looks like a credential written into the file: use ${file:...}, ${env:...} or ${credential:...}");
  }
}

void check_success_codes(const Settings& settings, const Place& place, Problems& problems) {
  for (auto code : settings.success_codes)
    if ((code < 200 || code > 299) && code != 409)
      place.error(problems, {"success_codes"},
                  std::to_string(code) + " cannot mean delivered: list codes from 200 to 299, or 409");
}

}  // namespace wardex::webhook
