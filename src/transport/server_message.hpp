// A response as bytes. Pure.
#pragma once

#include <optional>
#include <string>

#include "transport/http_server.hpp"

namespace wardex::transport {

struct ResponseFraming {
  bool keep_alive = true;
  bool http10 = false;
};

/// The head, or nullopt when a header holds a line break (a handler's bug: it must not become two headers).
std::optional<std::string> response_head(const ServerResponse& response, const ResponseFraming& framing);
/// 1xx, 204 and 304 have no body (RFC 9110 6.4.1).
bool may_have_body(int status);

}  // namespace wardex::transport
