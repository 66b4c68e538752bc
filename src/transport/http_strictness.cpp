#include "transport/http_strictness.hpp"

#include <string>
#include <variant>

#include "transport/http_wire.hpp"
#include "transport/url.hpp"
#include "wardex/text.hpp"

namespace wardex::transport {

namespace {

constexpr int kBadRequest = 400;
constexpr int kMethodNotAllowed = 405;
constexpr int kTooManyFields = 431;
constexpr int kNotImplemented = 501;
constexpr int kVersionNotSupported = 505;

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

struct Fields {
  std::size_t count = 0;
  int hosts = 0;
  std::string_view host;
  int lengths = 0;
  int encodings = 0;
  std::string_view encoding;
};

std::optional<Violation> read_field(std::string_view line, Fields& fields) {
  if (line.front() == ' ' || line.front() == '\t') return Violation{kBadRequest, "a folded header line (obs-fold)"};
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return Violation{kBadRequest, "a header line without a colon"};
  const auto name = line.substr(0, colon);
  if (!is_token(name)) return Violation{kBadRequest, "a space or a control character in a header name"};
  const auto value = trim(line.substr(colon + 1));
  if (!is_field_value(value)) return Violation{kBadRequest, "a control character in a header value"};
  if (text::iequals(name, "host")) {
    ++fields.hosts;
    fields.host = value;
  } else if (text::iequals(name, "content-length")) {
    ++fields.lengths;
    // RFC 9110 8.6 also allows "42, 42"; nobody sends that in good faith. 18 digits keep it below 2^63.
    if (value.empty() || value.size() > 18 || value.find_first_not_of("0123456789") != std::string_view::npos)
      return Violation{kBadRequest, "a Content-Length that is not one decimal number"};
  } else if (text::iequals(name, "transfer-encoding")) {
    ++fields.encodings;
    fields.encoding = value;
  }
  return std::nullopt;
}

std::optional<Violation> check_framing(const Fields& fields, bool http11) {
  if (fields.lengths > 1) return Violation{kBadRequest, "more than one Content-Length"};
  if (fields.encodings == 0) return std::nullopt;
  if (fields.lengths > 0) return Violation{kBadRequest, "Transfer-Encoding together with Content-Length"};
  if (fields.encodings > 1) return Violation{kBadRequest, "more than one Transfer-Encoding"};
  if (!http11) return Violation{kBadRequest, "Transfer-Encoding in HTTP/1.0"};
  if (!text::iequals(fields.encoding, "chunked"))
    return Violation{kNotImplemented, "a Transfer-Encoding other than exactly chunked"};
  return std::nullopt;
}

/// uri-host [":" port]: no userinfo, no path, no list.
bool is_host_value(std::string_view host) {
  return std::holds_alternative<Url>(parse_url("http://" + std::string(host) + "/")) &&
         host.find_first_of("/?#@") == std::string_view::npos;
}

std::optional<Violation> check_target(std::string_view method, std::string_view target, const Fields& fields) {
  if (target.starts_with('/')) return std::nullopt;
  if (target == "*" && method == "OPTIONS") return std::nullopt;
  // absolute-form (RFC 9112 3.2.2) is for proxies, which we are not; to ourselves it is harmless.
  if (!std::holds_alternative<Url>(parse_url(target))) return Violation{kBadRequest, "a malformed request target"};
  auto rest = target.substr(target.find("://") + 3);
  const auto authority = rest.substr(0, rest.find_first_of("/?#"));
  if (!text::iequals(authority, fields.host)) return Violation{kBadRequest, "a request target for another host"};
  return std::nullopt;
}

}  // namespace

std::optional<std::size_t> find_header_end(std::string_view bytes) {
  for (auto at = bytes.find('\n'); at != std::string_view::npos; at = bytes.find('\n', at + 1)) {
    auto next = at + 1;
    if (next < bytes.size() && bytes[next] == '\r') ++next;
    if (next < bytes.size() && bytes[next] == '\n') return next + 1;
  }
  return std::nullopt;
}

std::optional<Violation> check_request_head(std::string_view head, std::size_t max_fields) {
  for (std::size_t i = 0; i < head.size(); ++i) {
    if (head[i] == '\0') return Violation{kBadRequest, "a NUL byte in the header"};
    if (head[i] == '\n' && (i == 0 || head[i - 1] != '\r')) return Violation{kBadRequest, "a bare LF in the header"};
    if (head[i] == '\r' && (i + 1 == head.size() || head[i + 1] != '\n'))
      return Violation{kBadRequest, "a bare CR in the header"};
  }
  const auto take_line = [&head] {
    const auto end = head.find("\r\n");
    const auto line = head.substr(0, end);
    head.remove_prefix(end == std::string_view::npos ? head.size() : end + 2);
    return line;
  };

  const auto request = take_line();
  const auto first = request.find(' ');
  const auto last = request.rfind(' ');
  if (first == std::string_view::npos || first == last) return Violation{kBadRequest, "a malformed request line"};
  const auto method = request.substr(0, first);
  const auto target = request.substr(first + 1, last - first - 1);
  const auto version = request.substr(last + 1);
  if (!is_token(method)) return Violation{kBadRequest, "a malformed method"};
  if (method == "CONNECT" || method == "TRACE") return Violation{kMethodNotAllowed, "CONNECT and TRACE are not served"};
  for (const char c : target)
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F)
      return Violation{kBadRequest, "a space, a control or a non-ASCII character in the request target"};
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return Violation{kVersionNotSupported, "HTTP/1.1 is spoken here"};
  const bool http11 = version == "HTTP/1.1";

  Fields fields;
  for (auto line = take_line(); !line.empty(); line = take_line()) {
    if (++fields.count > max_fields) return Violation{kTooManyFields, "too many header fields"};
    if (auto violation = read_field(line, fields)) return violation;
  }
  if (fields.hosts > 1) return Violation{kBadRequest, "more than one Host"};
  if (fields.hosts == 0 && http11) return Violation{kBadRequest, "no Host header"};
  if (fields.hosts == 1 && !is_host_value(fields.host)) return Violation{kBadRequest, "a malformed Host header"};
  if (auto violation = check_framing(fields, http11)) return violation;
  return check_target(method, target, fields);
}

}  // namespace wardex::transport
