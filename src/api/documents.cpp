#include "api/documents.hpp"

#include <nlohmann/json.hpp>

namespace wardex::api {

using nlohmann::json;

namespace {

/// Stored JSON text as JSON, or as the text it is when somebody edited it by hand.
json parsed(const std::string& text) {
  auto document = json::parse(text, nullptr, false);
  return document.is_discarded() ? json(text) : document;
}

template <class T>
void put(json& document, const char* key, const std::optional<T>& value) {
  if (value) document[key] = *value;
}
void put(json& document, const char* key, const std::string& value) {
  if (!value.empty()) document[key] = value;
}
void put(json& document, const char* key, const std::optional<WallTime>& value) {
  if (value) document[key] = to_iso(*value);
}

}  // namespace

json to_json(const store::AuditRow& row) {
  json out{{"id", row.id},           {"at", to_iso(row.at)},       {"actor", row.actor}, {"action", row.action},
           {"outcome", row.outcome}, {"prev_hash", row.prev_hash}, {"hash", row.hash}};
  put(out, "connector", row.connector);
  put(out, "first_seq", row.first_seq);
  put(out, "last_seq", row.last_seq);
  if (row.count > 0) out["count"] = row.count;
  if (row.attempt > 0) out["attempt"] = row.attempt;
  put(out, "status_code", row.status_code);
  put(out, "latency_ms", row.latency_ms);
  put(out, "request_digest", row.request_digest);
  put(out, "detail", row.detail);
  return out;
}

json to_json(const store::MailboxEntry& entry) {
  return {{"id", entry.id},
          {"connector", entry.connector},
          {"seq", entry.seq},
          {"event_id", entry.event_id},
          {"case_id", entry.case_id},
          {"severity", entry.severity},
          {"cause", entry.cause},
          {"reason", entry.reason},
          {"fingerprint", entry.fingerprint},
          {"attempts", entry.attempts},
          {"at", to_iso(entry.at)}};
}

json to_json(const store::MailboxGroup& group) {
  return {{"connector", group.connector},
          {"fingerprint", group.fingerprint},
          {"cause", group.cause},
          {"reason", group.reason},
          {"count", group.count},
          {"worst", to_string(group.worst)},
          {"first_at", to_iso(group.first_at)},
          {"last_at", to_iso(group.last_at)},
          {"first_id", group.first_id}};
}

json preview_document(const store::MailboxSum& sum, double per_second) {
  json out{{"preview", true}, {"entries", sum.entries}, {"connectors", sum.connectors}};
  put(out, "oldest_at", sum.oldest);
  if (per_second > 0) {
    const auto takes = deliver::replay_time(sum.entries, per_second);
    out["per_second"] = per_second;
    out["takes_seconds"] = static_cast<double>(takes.count()) / 1000;
    out["takes"] = format_duration(std::chrono::ceil<std::chrono::seconds>(takes));
  }
  return out;
}

json to_json(const deliver::ReplayStatus& replay) {
  json out{{"id", replay.id},
           {"state", to_string(replay.state)},
           {"actor", replay.actor},
           {"what", replay.what},
           {"entries", replay.entries},
           {"replayed", replay.replayed},
           {"connectors", replay.connectors},
           {"started_at", to_iso(replay.started_at)}};
  if (replay.per_second > 0) out["per_second"] = replay.per_second;
  put(out, "error", replay.error);
  put(out, "ended_at", replay.ended_at);
  put(out, "expected_end", replay.expected_end);
  return out;
}

json to_json(const std::vector<deliver::ReplayStatus>& replays) {
  json out = json::array();
  for (const auto& replay : replays) out.push_back(to_json(replay));
  return out;
}

json mailbox_alarms(const std::map<std::string, deliver::MailboxWatch::State>& states) {
  json out = json::array();
  for (const auto& [connector, state] : states) {
    if (state.alarm.empty()) continue;
    json& one = out.emplace_back(json{{"connector", connector}, {"entries", state.entries}, {"why", state.alarm}});
    put(one, "oldest_at", state.oldest_at);
  }
  return out;
}

json to_json(const store::EventSummary& event) {
  json out{{"seq", event.seq},
           {"id", event.id},
           {"kind", event.kind},
           {"severity", event.severity},
           {"received_at", to_iso(event.received_at)},
           {"routes", parsed(event.routes)}};
  put(out, "case_id", event.case_id);
  put(out, "tenant", event.tenant);
  return out;
}

json to_json(const store::EventTrail& trail) {
  json deliveries = json::array();
  for (const auto& delivery : trail.deliveries) {
    json one{{"connector", delivery.connector}, {"state", delivery.state}};
    put(one, "stands_in_for", delivery.stands_in_for);
    put(one, "fallback_to", delivery.fallback_to);
    if (delivery.attempts > 0) one["attempts"] = delivery.attempts;
    put(one, "next_attempt_at", delivery.next_attempt_at);
    put(one, "last_error", delivery.last_error);
    deliveries.push_back(std::move(one));
  }
  json audit = json::array();
  for (const auto& row : trail.audit) audit.push_back(to_json(row));
  json out{{"seq", trail.event.seq},
           {"id", trail.event.id},
           {"origin", trail.event.origin},
           {"received_at", to_iso(trail.event.received_at)},
           {"routes", parsed(trail.event.routes)},
           {"original", parsed(trail.event.body)},
           {"deliveries", std::move(deliveries)},
           {"audit", std::move(audit)}};
  put(out, "case_id", trail.event.case_id);
  return out;
}

json to_json(const store::Account& account) {
  return {{"routed", account.routed},       {"delivered", account.delivered}, {"muted", account.muted},
          {"coalesced", account.coalesced}, {"discarded", account.discarded}, {"pending", account.pending},
          {"mailbox", account.mailbox}};
}

json to_json(const store::Control& control) {
  const bool drain = control.mode == store::Control::Mode::drain;
  json out{{"connector", control.connector},
           {"mode", drain ? "drain" : "hold"},
           {"actor", control.actor},
           {"reason", control.reason},
           {"at", to_iso(control.at)}};
  if (drain) out["upto_seq"] = control.upto;
  put(out, "until", control.until);
  return out;
}

json to_json(const deliver::TestReport& report) {
  json checks = json::array();
  for (const auto& check : report.checks)
    checks.push_back({{"name", check.name}, {"ok", check.ok}, {"detail", check.detail}});
  return {{"ok", report.ok()}, {"checks", std::move(checks)}};
}

json to_json(const Problem& problem) {
  return {{"level", problem.level == Problem::Level::error ? "error" : "warning"},
          {"file", problem.at.file ? *problem.at.file : ""},
          {"line", problem.at.line},
          {"column", problem.at.column},
          {"path", problem.path},
          {"message", problem.message}};
}

json audit_document(const store::Store::Gauges& gauges, WallTime now) {
  json out{{"head_id", gauges.audit_head_id}, {"checkpoint", nullptr}, {"pruned_id", gauges.pruned_id}};
  if (gauges.checkpoint_id > 0)
    out["checkpoint"] = {
        {"id", gauges.checkpoint_id},
        {"at", to_iso(gauges.checkpoint_at)},
        {"age_seconds", std::chrono::duration_cast<std::chrono::seconds>(now - gauges.checkpoint_at).count()}};
  return out;
}

json connector_document(const config::Connector& connector, const deliver::LaneStatus* lane,
                        const store::Account* account, const store::Control* control) {
  json out{{"id", connector.id},
           {"type", connector.common.type},
           {"title", connector.manifest->title},
           {"category", to_string(connector.manifest->category)},
           {"enabled", connector.common.enabled}};
  put(out, "owner", connector.common.owner);
  if (const auto every = connector.common.credential.rotate_every) out["rotate_every"] = format_duration(*every);
  if (const auto& fallback = connector.common.fallback)
    out["fallback"] = {{"to", fallback->to}, {"after", format_duration(fallback->after)}};
  if (control != nullptr) out["control"] = to_json(*control);
  if (lane != nullptr) {
    out["state"] = to_string(lane->state);
    put(out, "reason", lane->reason);
    out["in_flight"] = lane->in_flight;
    out["attempts"] = lane->attempts;
    if (lane->reduced > 0) out["reduced"] = lane->reduced;
    put(out, "oldest_received_at", lane->oldest_received_at);
    put(out, "next_attempt_at", lane->next_attempt_at);
    put(out, "last_delivered_at", lane->last_delivered_at);
  } else {
    out["state"] = connector.common.enabled ? "stopped" : "disabled";
  }
  out["account"] = to_json(account != nullptr ? *account : store::Account{});
  return out;
}

}  // namespace wardex::api
