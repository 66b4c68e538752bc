#include "transport/server_message.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "transport/http_wire.hpp"
#include "transport/url.hpp"
#include "wardex/text.hpp"

namespace wardex::transport {

std::string_view ServerRequest::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (text::iequals(key, name)) return value;
  return {};
}

bool ServerRequest::has_header(std::string_view name) const {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const auto& field) { return text::iequals(field.first, name); });
}

std::string ServerRequest::query_parameter(std::string_view name) const {
  // application/x-www-form-urlencoded: '+' is a space.
  const auto decode = [](std::string_view part) {
    std::string spaced(part);
    std::replace(spaced.begin(), spaced.end(), '+', ' ');
    return percent_decode(spaced).value_or(std::string());
  };
  for (std::string_view rest = query; !rest.empty();) {
    const auto end = std::min(rest.find('&'), rest.size());
    const auto pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    if (decode(pair.substr(0, equals)) == name) return decode(pair.substr(std::min(equals + 1, pair.size())));
  }
  return {};
}

ServerResponse problem(int status, std::string_view title, std::string_view detail) {
  nlohmann::ordered_json body;
  body["type"] = "about:blank";
  body["title"] = title;
  body["status"] = status;
  if (!detail.empty()) body["detail"] = detail;
  ServerResponse response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.body = body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  return response;
}

bool may_have_body(int status) { return status >= 200 && status != 204 && status != 304; }

std::optional<std::string> response_head(const ServerResponse& response, const ResponseFraming& framing) {
  static constexpr std::array<std::string_view, 4> kOurs = {"content-type", "content-length", "connection",
                                                            "transfer-encoding"};
  if (!is_field_value(response.content_type)) return std::nullopt;
  auto head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head.append(reason_phrase(response.status)).append("\r\n");
  head.append("Content-Type: ").append(response.content_type).append("\r\n");
  if (may_have_body(response.status))
    head.append("Content-Length: ").append(std::to_string(response.body.size())).append("\r\n");
  head.append("X-Content-Type-Options: nosniff\r\n");
  if (!framing.keep_alive)
    head.append("Connection: close\r\n");
  else if (framing.http10)
    head.append("Connection: keep-alive\r\n");
  for (const auto& [name, value] : response.headers) {
    if (!is_token(name) || !is_field_value(value)) return std::nullopt;
    if (std::find(kOurs.begin(), kOurs.end(), text::lower(name)) != kOurs.end()) continue;
    head.append(name).append(": ").append(value).append("\r\n");
  }
  return head += "\r\n";
}

}  // namespace wardex::transport
