// Every way intake says no, as RFC 9457 problem details with stable type URIs that senders may match on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "transport/http_server.hpp"

namespace wardex::intake {

enum class Reason : std::uint8_t {
  bad_request,         ///< 400: a header that cannot be right
  malformed,           ///< 400: the body is not what its type says
  unauthorised,        ///< 401
  forbidden,           ///< 403
  method,              ///< 405
  reused_message,      ///< 409
  too_large,           ///< 413
  unsupported_type,    ///< 415
  unsupported_coding,  ///< 415
  no_event,            ///< 422
  backlog,             ///< 429
  unavailable,         ///< 503
};

struct Refusal {
  Reason reason;
  std::string detail;  ///< what is wrong and the way out
};

/// "urn:wardex:problem:too-large"
std::string problem_type(Reason reason);
int status_of(Reason reason);
/// With the headers the status asks for: WWW-Authenticate, Allow, Retry-After, Accept-Encoding.
transport::ServerResponse respond(const Refusal& refusal);
/// The same with more members beside the standard ones.
transport::ServerResponse respond(const Refusal& refusal, nlohmann::ordered_json members);

}  // namespace wardex::intake
