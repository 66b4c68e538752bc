#include "wardex/event.hpp"

#include <charconv>
#include <cmath>
#include <utility>

#include <nlohmann/json.hpp>

#include "wardex/text.hpp"

namespace wardex {
namespace {

using Json = nlohmann::json;

template <class E, std::size_t N>
std::optional<E> parse_name(std::string_view name, const std::array<E, N>& values) {
  for (const E value : values)
    if (to_string(value) == name) return value;
  return std::nullopt;
}

std::string number_text(double value) {
  std::array<char, 32> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), end};
}

/// 87 stays 87 (not 87.0) in what receivers and humans read.
Json number_json(double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53: integers below are exact in a double
  if (std::isfinite(value) && std::trunc(value) == value && std::fabs(value) < kExact)
    return static_cast<std::int64_t>(value);
  return value;
}

void put(Json& out, const char* name, const std::string& value) {
  if (!value.empty()) out[name] = text::valid_utf8(value);
}

void put(Json& out, const char* name, const std::vector<std::string>& values) {
  if (values.empty()) return;
  auto& list = out[name] = Json::array();
  for (const auto& value : values) list.push_back(text::valid_utf8(value));
}

using Values = std::vector<std::string>;

Values one(const std::string& value) { return value.empty() ? Values{} : Values{value}; }
Values one(std::string_view value) { return {std::string(value)}; }
Values one(const std::optional<double>& value) { return value ? Values{number_text(*value)} : Values{}; }

struct Field {
  std::string_view name;
  Values (*values)(const Event&);
};

/// In the order of the struct.
constexpr std::array kFields{
    Field{"id", [](const Event& e) { return one(e.id); }},
    Field{"kind", [](const Event& e) { return one(to_string(e.kind)); }},
    Field{"origin", [](const Event& e) { return one(e.origin); }},
    Field{"action", [](const Event& e) { return one(e.action); }},
    Field{"case_id", [](const Event& e) { return one(e.case_id); }},
    Field{"alert_ids", [](const Event& e) { return e.alert_ids; }},
    Field{"severity", [](const Event& e) { return one(to_string(e.severity)); }},
    Field{"status", [](const Event& e) { return e.status ? one(to_string(*e.status)) : Values{}; }},
    Field{"title", [](const Event& e) { return one(e.title); }},
    Field{"description", [](const Event& e) { return one(e.description); }},
    Field{"endpoint_id", [](const Event& e) { return one(e.endpoint_id); }},
    Field{"host", [](const Event& e) { return one(e.host); }},
    Field{"user", [](const Event& e) { return one(e.user); }},
    Field{"process", [](const Event& e) { return one(e.process); }},
    Field{"rule", [](const Event& e) { return one(e.rule); }},
    Field{"score", [](const Event& e) { return one(e.score); }},
    Field{"confidence", [](const Event& e) { return one(e.confidence); }},
    Field{"mitre", [](const Event& e) { return e.mitre; }},
    Field{"observables",
          [](const Event& e) {
            Values out;
            for (const auto& observable : e.observables) out.push_back(observable.value);
            return out;
          }},
    Field{"assignee", [](const Event& e) { return one(e.assignee); }},
    Field{"tags", [](const Event& e) { return e.tags; }},
    Field{"tenant", [](const Event& e) { return one(e.tenant); }},
    Field{"wardex_url", [](const Event& e) { return one(e.wardex_url); }},
    Field{"occurred_at", [](const Event& e) { return e.occurred_at ? one(e.occurred_at->str()) : Values{}; }},
    Field{"received_at", [](const Event& e) { return one(e.received_at.str()); }},
    Field{"intel",
          [](const Event& e) {
            Values out;
            for (const auto& verdict : e.intel) out.push_back(verdict.verdict);
            return out;
          }},
};

}  // namespace

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::alert:
      return "alert";
    case Kind::case_:
      return "case";
    case Kind::telemetry:
      return "telemetry";
    case Kind::runbook:
      return "runbook";
    case Kind::digest:
      return "digest";
    case Kind::sync:
      return "sync";
  }
  return "alert";
}

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::info:
      return "info";
    case Severity::low:
      return "low";
    case Severity::medium:
      return "medium";
    case Severity::high:
      return "high";
    case Severity::critical:
      return "critical";
  }
  return "info";
}

std::string_view to_string(Status status) {
  switch (status) {
    case Status::new_:
      return "new";
    case Status::triage:
      return "triage";
    case Status::investigating:
      return "investigating";
    case Status::escalated:
      return "escalated";
    case Status::resolved:
      return "resolved";
    case Status::closed:
      return "closed";
  }
  return "new";
}

std::string_view to_string(ObservableType type) {
  switch (type) {
    case ObservableType::ipv4:
      return "ipv4";
    case ObservableType::ipv6:
      return "ipv6";
    case ObservableType::domain:
      return "domain";
    case ObservableType::url:
      return "url";
    case ObservableType::md5:
      return "md5";
    case ObservableType::sha1:
      return "sha1";
    case ObservableType::sha256:
      return "sha256";
    case ObservableType::email:
      return "email";
  }
  return "domain";
}

std::optional<Kind> parse_kind(std::string_view name) { return parse_name(name, kKinds); }
std::optional<Severity> parse_severity(std::string_view name) { return parse_name(name, kSeverities); }
std::optional<Status> parse_status(std::string_view name) { return parse_name(name, kStatuses); }

bool Event::is_resolved() const {
  return action == "resolved" || action == "closed" || status == Status::resolved || status == Status::closed;
}

SharedEvent::SharedEvent() {
  static const auto empty = std::make_shared<const Event>();
  event_ = empty;
}

Json to_json(const Event& event) {
  Json out = Json::object();
  put(out, "id", event.id);
  out["kind"] = to_string(event.kind);
  put(out, "origin", event.origin);
  put(out, "action", event.action);
  put(out, "case_id", event.case_id);
  put(out, "alert_ids", event.alert_ids);
  out["severity"] = to_string(event.severity);
  if (event.status) out["status"] = to_string(*event.status);
  put(out, "title", event.title);
  put(out, "description", event.description);
  put(out, "endpoint_id", event.endpoint_id);
  put(out, "host", event.host);
  put(out, "user", event.user);
  put(out, "process", event.process);
  put(out, "rule", event.rule);
  if (event.score) out["score"] = number_json(*event.score);
  if (event.confidence) out["confidence"] = number_json(*event.confidence);
  put(out, "mitre", event.mitre);
  for (const auto& observable : event.observables)
    out["observables"].push_back({{"type", to_string(observable.type)}, {"value", text::valid_utf8(observable.value)}});
  put(out, "assignee", event.assignee);
  put(out, "tags", event.tags);
  put(out, "tenant", event.tenant);
  put(out, "wardex_url", event.wardex_url);
  if (event.occurred_at) out["occurred_at"] = event.occurred_at->str();
  out["received_at"] = event.received_at.str();
  for (const auto& verdict : event.intel)
    out["intel"].push_back({{"observable", text::valid_utf8(verdict.observable)},
                            {"source", text::valid_utf8(verdict.source)},
                            {"verdict", text::valid_utf8(verdict.verdict)},
                            {"at", verdict.at.str()}});
  for (const auto& [name, value] : event.labels) out["labels"][text::valid_utf8(name)] = text::valid_utf8(value);
  return out;
}

std::optional<std::vector<std::string>> field_values(const Event& event, std::string_view name) {
  constexpr std::string_view kLabels = "labels.";
  if (name.starts_with(kLabels) && name.size() > kLabels.size()) {
    const auto found = event.labels.find(std::string(name.substr(kLabels.size())));
    return found == event.labels.end() ? Values{} : Values{found->second};
  }
  for (const auto& field : kFields)
    if (field.name == name) return field.values(event);
  return std::nullopt;
}

const std::vector<std::string>& field_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& field : kFields) all.emplace_back(field.name);
    return all;
  }();
  return names;
}

}  // namespace wardex
