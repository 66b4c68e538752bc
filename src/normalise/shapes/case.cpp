// GET /api/cases and /api/cases/{id}, and the `case` of the stream.
#include <array>

#include <nlohmann/json.hpp>

#include "normalise/convert.hpp"
#include "normalise/shape.hpp"

namespace wardex::normalise {

namespace {

using nlohmann::json;

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

bool matches(const json& document, Hint hint) {
  if (hint == Hint::alert || hint == Hint::incident || !has_all(document, {"id"})) return false;
  if (has_any(document, {"case_id", "event_id"})) return false;
  if (const auto kind = document.find("kind"); kind != document.end() && *kind != "case") return false;
  if (hint == Hint::case_) return true;
  if (has_any(document, {"incident_ids", "event_ids", "incident_count", "event_count", "mitre_techniques"}))
    return true;
  return has_all(document, {"title", "status"}) && has_any(document, {"priority", "created_at", "updated_at"});
}

std::span<const std::string_view> volatile_members(const json&) { return {}; }

void finish(const json&, Hint, Draft& draft) { draft.kind = Kind::case_; }

}  // namespace

constinit const Shape kCase{"case", matches, kRules, volatile_members, finish};

}  // namespace wardex::normalise
