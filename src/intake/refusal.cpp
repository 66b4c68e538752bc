#include "intake/refusal.hpp"

#include <array>

#include <nlohmann/json.hpp>

namespace wardex::intake {

namespace {

struct Row {
  Reason reason;
  int status;
  std::string_view type;
  std::string_view title;
  std::string_view header;  ///< name, or empty
  std::string_view value;
};

constexpr std::array kRows{
    Row{Reason::bad_request, 400, "bad-request", "Bad request", "", ""},
    Row{Reason::malformed, 400, "malformed-body", "Malformed body", "", ""},
    Row{Reason::unauthorised, 401, "unauthorised", "Unauthorised", "WWW-Authenticate",
        "Bearer realm=\"wardex-gateway\""},
    Row{Reason::forbidden, 403, "forbidden", "Forbidden", "", ""},
    Row{Reason::method, 405, "method-not-allowed", "Method not allowed", "Allow", "POST"},
    Row{Reason::reused_message, 409, "message-id-reused", "Message id reused", "", ""},
    Row{Reason::too_large, 413, "too-large", "Too large", "", ""},
    Row{Reason::unsupported_type, 415, "unsupported-type", "Unsupported content type", "", ""},
    // RFC 9110, section 12.5.3: in a 415, Accept-Encoding says which codings would do.
    Row{Reason::unsupported_coding, 415, "unsupported-coding", "Unsupported content coding", "Accept-Encoding",
        "gzip, zstd"},
    Row{Reason::no_event, 422, "no-event", "No event in the request", "", ""},
    Row{Reason::backlog, 429, "backlog", "Too much is waiting to be delivered", "Retry-After", "30"},
    Row{Reason::unavailable, 503, "unavailable", "Not accepting events now", "Retry-After", "5"},
};

const Row& row_of(Reason reason) { return kRows.at(static_cast<std::size_t>(reason)); }

constexpr bool in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i)
    if (static_cast<std::size_t>(kRows[i].reason) != i) return false;
  return true;
}
static_assert(in_order());

}  // namespace

std::string problem_type(Reason reason) { return "urn:wardex:problem:" + std::string(row_of(reason).type); }
int status_of(Reason reason) { return row_of(reason).status; }

transport::ServerResponse respond(const Refusal& refusal, nlohmann::ordered_json members) {
  const auto& row = row_of(refusal.reason);
  nlohmann::ordered_json body;
  body["type"] = problem_type(refusal.reason);
  body["title"] = row.title;
  body["status"] = row.status;
  body["detail"] = refusal.detail;
  for (auto& [key, value] : members.items()) body[key] = std::move(value);

  transport::ServerResponse response;
  response.status = row.status;
  response.content_type = "application/problem+json";
  // Details quote the sender's bytes.
  response.body = body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  if (!row.header.empty()) response.headers.emplace_back(row.header, row.value);
  return response;
}

transport::ServerResponse respond(const Refusal& refusal) { return respond(refusal, nlohmann::ordered_json::object()); }

}  // namespace wardex::intake
