// HTTP/1.1 heads as bytes, and the checks that keep a header from becoming two. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "transport/url.hpp"
#include "wardex/request.hpp"

namespace wardex::transport {

/// RFC 9110 5.6.2
bool is_token(std::string_view text);
/// No CR, LF, NUL or other control character but HTAB (RFC 9110 5.5).
bool is_field_value(std::string_view text);

/// Why the request must not be sent, naming the header but repeating no value; nullopt: it may.
std::optional<std::string> refuse_request(const HttpRequest& request);

struct WireOptions {
  std::string_view user_agent;
  std::string_view proxy_authorization;  ///< "Basic ...", empty: none
  bool absolute_form = false;            ///< http through a proxy (RFC 9112 3.2.2)
};
std::string request_head(const HttpRequest& request, const Url& url, const WireOptions& options);
std::string connect_head(const Url& url, const WireOptions& options);

std::string_view reason_phrase(int status);

}  // namespace wardex::transport
