#include "transport/http_wire.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "wardex/text.hpp"

namespace wardex::transport {

namespace {

/// RFC 9110 5.6.2.
constexpr auto kTokenChars = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = '0'; c <= '9'; ++c) table[c] = true;
  for (std::size_t c = 'a'; c <= 'z'; ++c) table[c] = table[c - 'a' + 'A'] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

/// Framing and routing are the transport's: a connector that sets them could smuggle or be misread.
constexpr std::array<std::string_view, 10> kOurs = {
    "host", "content-length",      "transfer-encoding", "connection", "keep-alive", "upgrade",
    "te",   "proxy-authorization", "proxy-connection",  "expect"};

}  // namespace

bool is_token(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return kTokenChars[static_cast<unsigned char>(c)]; });
}

bool is_field_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return (u < 0x20 && u != '\t') || u == 0x7F;
  });
}

std::optional<std::string> refuse_request(const HttpRequest& request) {
  if (!is_token(request.method) || request.method == "CONNECT" || request.method == "TRACE")
    return "the method is not one that is sent";
  for (const auto& header : request.headers) {
    if (!is_token(header.name)) return "a header name has a character that names do not have";
    if (!is_field_value(header.value.reveal()))
      return "header " + header.name + ": the value has a line break or a control character";
    if (std::any_of(kOurs.begin(), kOurs.end(), [&](auto name) { return text::iequals(name, header.name); }))
      return "header " + header.name + ": is set by the gateway itself; remove it from the connector's headers";
  }
  return std::nullopt;
}

std::string request_head(const HttpRequest& request, const Url& url, const WireOptions& options) {
  std::string head;
  head.append(request.method).append(" ");
  if (options.absolute_form) head.append("http://").append(url.host_field());
  head.append(url.target).append(" HTTP/1.1\r\nHost: ").append(url.host_field()).append("\r\n");
  if (!request.header("User-Agent")) head.append("User-Agent: ").append(options.user_agent).append("\r\n");
  if (!options.proxy_authorization.empty())
    head.append("Proxy-Authorization: ").append(options.proxy_authorization).append("\r\n");
  for (const auto& header : request.headers)
    head.append(header.name).append(": ").append(header.value.reveal()).append("\r\n");
  // RFC 9110 8.6: a method that defines a body says so even when it is empty.
  const bool bodiless = request.method == "GET" || request.method == "HEAD" || request.method == "DELETE";
  if (!request.body.empty() || !bodiless)
    head.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
  return head += "\r\n";
}

std::string connect_head(const Url& url, const WireOptions& options) {
  std::string head = "CONNECT " + url.authority() + " HTTP/1.1\r\nHost: " + url.authority() + "\r\n";
  head.append("User-Agent: ").append(options.user_agent).append("\r\n");
  if (!options.proxy_authorization.empty())
    head.append("Proxy-Authorization: ").append(options.proxy_authorization).append("\r\n");
  return head += "\r\n";
}

std::string_view reason_phrase(int status) {
  static constexpr std::array<std::pair<int, std::string_view>, 34> kPhrases{{
      {100, "Continue"},
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {411, "Length Required"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {417, "Expectation Failed"},
      {422, "Unprocessable Content"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {505, "HTTP Version Not Supported"},
  }};
  for (const auto& [code, phrase] : kPhrases)
    if (code == status) return phrase;
  return "Unknown";
}

}  // namespace wardex::transport
