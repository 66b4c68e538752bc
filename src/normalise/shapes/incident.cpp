// Incidents group alerts and carry a status, as cases do: they are mirrored like cases, under ids of their own.
#include <array>

#include "normalise/convert.hpp"
#include "normalise/shape.hpp"

namespace wardex::normalise {

namespace {

constexpr char kTimeline[] = "timeline";

constexpr std::array kRules{
    // INC-88, not CASE-88: cases are numbered separately.
    Rule{"/id", "case_id", incident_id},
    Rule{"/affected_hosts", "host", hosts},
    Rule{"/related_alerts", "alert_ids", alert_ids},
    Rule{"/timeline", "labels.timeline", count<kTimeline>},
};

bool matches(const Members& document, Hint hint) {
  if (hint == Hint::alert || hint == Hint::case_ || document.has_any({"kind", "event_id"})) return false;
  if (hint == Hint::incident) return true;
  return document.has_any({"affected_hosts", "related_alerts", "timeline"}) && !document.has_any({"case_id"});
}

std::span<const std::string_view> volatile_members(const Members&) { return {}; }

void finish(const Members&, Hint, Draft& draft) { draft.kind = Kind::case_; }

}  // namespace

constinit const Shape kIncident{"incident", matches, kRules, volatile_members, finish};

}  // namespace wardex::normalise
