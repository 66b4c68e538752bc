#include "deliver/essentials.hpp"

#include <nlohmann/json.hpp>

#include "wardex/text.hpp"

namespace wardex::deliver {
namespace {

constexpr std::size_t kText = 200;
constexpr std::size_t kUrl = 1000;

std::string clean(const std::string& text) { return text::truncate(text::single_line(text), kText); }

}  // namespace

Event essentials(const Event& event) {
  Event out;
  out.id = event.id;
  out.kind = event.kind;
  out.origin = event.origin;
  out.action = clean(event.action);
  out.case_id = event.case_id;
  out.severity = event.severity;
  out.status = event.status;
  out.title = clean(event.title);
  out.description = "Reduced: the gateway could not make the full payload of this event. Its audit trail says why.";
  out.endpoint_id = clean(event.endpoint_id);
  out.tenant = clean(event.tenant);
  if (event.wardex_url.size() <= kUrl) out.wardex_url = event.wardex_url;
  out.occurred_at = event.occurred_at;
  out.received_at = event.received_at;
  out.original = to_json(out).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return out;
}

}  // namespace wardex::deliver
