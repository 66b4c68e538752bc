// GET /api/cases and /api/cases/{id}, and the `case` of the stream.
#include <array>

#include "normalise/convert.hpp"
#include "normalise/shape.hpp"

namespace wardex::normalise {

namespace {

constexpr char kComments[] = "comments";
constexpr char kEvidence[] = "evidence";
constexpr char kIncidentIds[] = "incident_ids";

constexpr std::array kRules{
    Rule{"/id", "case_id", case_id},
    Rule{"/priority", "severity", priority},
    Rule{"/mitre_techniques", "mitre", mitre},
    Rule{"/event_ids", "alert_ids", alert_ids},
    Rule{"/incident_ids", "labels.incident_ids", joined<kIncidentIds>},
    Rule{"/comments", "labels.comments", count<kComments>},
    Rule{"/evidence", "labels.evidence", count<kEvidence>},
};

bool matches(const Members& document, Hint hint) {
  if (hint == Hint::alert || hint == Hint::incident || !document.has_all({"id"})) return false;
  if (document.has_any({"case_id", "event_id"})) return false;
  if (const auto* kind = document.find("kind"); kind != nullptr && !(kind->is_text() && kind->text() == "case"))
    return false;
  if (hint == Hint::case_) return true;
  if (document.has_any({"incident_ids", "event_ids", "incident_count", "event_count", "mitre_techniques"})) return true;
  return document.has_all({"title", "status"}) && document.has_any({"priority", "created_at", "updated_at"});
}

std::span<const std::string_view> volatile_members(const Members&) { return {}; }

void finish(const Members&, Hint, Draft& draft) { draft.kind = Kind::case_; }

}  // namespace

constinit const Shape kCase{"case", matches, kRules, volatile_members, finish};

}  // namespace wardex::normalise
