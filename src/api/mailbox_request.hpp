// What a caller wants of the failure mailbox: query parameters and JSON bodies -> a filter and what to do. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <nlohmann/json_fwd.hpp>

#include "store/store.hpp"
#include "transport/http_server.hpp"
#include "wardex/time.hpp"

namespace wardex::api {

/// "8/s", "30/m", "100/h" or a bare number (a second), between one an hour and a million a second.
std::optional<double> parse_rate(std::string_view text);

enum class MailboxVerb { replay, discard };

struct MailboxRequest {
  store::MailboxFilter which;
  std::string what;  ///< the selection in words
  double per_second = 0;
  bool preview = false;
  std::string reason;
};
/// {"ids":[1,2], "connector":..., "fingerprint":..., "cause":..., "severity":..., "case_id":..., "event_id":...,
/// "since":..., "until":..., "all":true}, "preview", and "rate" of a replay or "reason" of a discard. What is named
/// adds up as "and"; naming nothing is refused, and so is everything unknown: 422.
std::variant<MailboxRequest, transport::ServerResponse> read_mailbox_request(MailboxVerb verb,
                                                                             const nlohmann::json& body, WallTime now);

/// The same filters as query parameters (one text each), with `after` and `limit`. `more`: parameters that the endpoint
/// takes beside them. Unknown ones are refused: 400.
std::variant<store::MailboxFilter, transport::ServerResponse> read_mailbox_query(
    const transport::ServerRequest& request, std::initializer_list<std::string_view> more, WallTime now);

}  // namespace wardex::api
