// Fields that mean the same wherever they stand. Where several names mean one field, the first in this order counts.
#include <array>

#include "normalise/convert.hpp"
#include "normalise/shape.hpp"

namespace wardex::normalise {

namespace {

constexpr std::array kRules{
    Rule{"/event_id", "id", identifier<&Draft::event_id>},
    Rule{"/action", "action", action},
    Rule{"/event_type", "action", dotted_type},
    Rule{"/case_id", "case_id", case_id},
    Rule{"/alert_ids", "alert_ids", alert_ids},
    Rule{"/alert_id", "alert_ids", alert_ids},
    Rule{"/severity", "severity", severity},
    Rule{"/level", "severity", severity},
    Rule{"/priority", "severity", priority},
    Rule{"/status", "status", status},
    Rule{"/title", "title", text<&Event::title>},
    Rule{"/headline", "title", text<&Draft::headline>},
    Rule{"/name", "title", name<&Draft::headline>},
    Rule{"/description", "description", text<&Event::description>},
    Rule{"/message", "description", name<&Draft::summary>},
    Rule{"/summary", "description", name<&Draft::summary>},
    Rule{"/reasons", "description", list<&Draft::reasons>},
    Rule{"/endpoint_id", "endpoint_id", name<&Event::endpoint_id>},
    Rule{"/device_id", "endpoint_id", name<&Event::endpoint_id>},
    Rule{"/agent_id", "endpoint_id", name<&Event::endpoint_id>},
    Rule{"/host", "host", name<&Event::host>},
    Rule{"/hostname", "host", name<&Event::host>},
    Rule{"/user", "user", name<&Event::user>},
    Rule{"/username", "user", name<&Event::user>},
    Rule{"/process", "process", name<&Event::process>},
    Rule{"/process_name", "process", name<&Event::process>},
    Rule{"/rule", "rule", name<&Event::rule>},
    Rule{"/rule_name", "rule", name<&Event::rule>},
    Rule{"/rule_id", "rule", name<&Event::rule>},
    Rule{"/score", "score", number<&Event::score>},
    Rule{"/confidence", "confidence", number<&Event::confidence>},
    Rule{"/mitre", "mitre", mitre},
    Rule{"/mitre_techniques", "mitre", mitre},
    Rule{"/technique_id", "mitre", mitre},
    Rule{"/tactic", "labels.mitre_tactics", tactic},
    Rule{"/observables", "observables", observables},
    Rule{"/entities", "observables", entities},
    Rule{"/ip", "observables", address},
    Rule{"/ip_address", "observables", address},
    Rule{"/src_ip", "observables", address},
    Rule{"/source_ip", "observables", address},
    Rule{"/dst_ip", "observables", address},
    Rule{"/dest_ip", "observables", address},
    Rule{"/destination_ip", "observables", address},
    Rule{"/remote_ip", "observables", address},
    Rule{"/domain", "observables", observable<ObservableType::domain>},
    Rule{"/url", "observables", observable<ObservableType::url>},
    Rule{"/md5", "observables", hash},
    Rule{"/sha1", "observables", hash},
    Rule{"/sha256", "observables", hash},
    Rule{"/file_hash", "observables", hash},
    Rule{"/email", "observables", observable<ObservableType::email>},
    Rule{"/assignee", "assignee", name<&Event::assignee>},
    Rule{"/tags", "tags", list<&Event::tags>},
    Rule{"/tenant", "tenant", name<&Event::tenant>},
    Rule{"/tenant_id", "tenant", name<&Event::tenant>},
    Rule{"/wardex_url", "wardex_url", url},
    Rule{"/occurred_at", "occurred_at", time<&Draft::occurred>},
    Rule{"/timestamp", "occurred_at", time<&Draft::occurred>},
    Rule{"/updated_at", "occurred_at", time<&Draft::updated>},
    Rule{"/created_at", "occurred_at", time<&Draft::created>},
    Rule{"/intel", "intel", intel},
    Rule{"/labels", "labels.site", labels},
};

constexpr std::array<const Shape*, 5> kShapes{&kAlertRecord, &kIncident, &kCase, &kSeededAlert, &kGuide};

}  // namespace

std::span<const Rule> shared_rules() { return kRules; }
std::span<const Shape* const> shapes() { return kShapes; }

}  // namespace wardex::normalise
