// The integration guide's JSON (case_id, severity, status, title, endpoint_id, rule, mitre, wardex_url), the canonical
// event, our own webhook's payload, and whatever others send in those words.
#include <array>

#include "normalise/convert.hpp"
#include "normalise/shape.hpp"

namespace wardex::normalise {

namespace {

constexpr std::array kRules{
    Rule{"/id", "id", identifier<&Draft::record_id>},
    Rule{"/kind", "kind", kind},
    Rule{"/type", "kind", dotted_type},
};

bool matches(const Members&, Hint) { return true; }

std::span<const std::string_view> volatile_members(const Members&) { return {}; }

void finish(const Members& document, Hint hint, Draft& draft) {
  auto& event = draft.event;
  if (!draft.kind && hint == Hint::telemetry) draft.kind = Kind::telemetry;
  if (!draft.kind && (hint == Hint::case_ || hint == Hint::incident)) draft.kind = Kind::case_;
  if (!draft.kind) {
    // The guide's example names the rule and the endpoint of an alert in a case; a case by itself has neither.
    const bool about_an_alert = hint == Hint::alert || event.case_id.empty() || !event.rule.empty() ||
                                !event.endpoint_id.empty() || !event.process.empty() || !event.alert_ids.empty();
    draft.kind = about_an_alert ? Kind::alert : Kind::case_;
  }
  // Elsewhere an `id` may be anything; in an event that says what it is or where it belongs, text there is its own.
  const auto* id = document.find("id");
  if (draft.event_id.empty() && document.has_any({"kind", "case_id"}) && id != nullptr && id->is_text())
    draft.event_id = draft.record_id;
  else if (!draft.record_id.empty() && draft.record_id != draft.event_id)
    event.labels["id"] = draft.record_id;
}

}  // namespace

constinit const Shape kGuide{"guide", matches, kRules, volatile_members, finish};

}  // namespace wardex::normalise
