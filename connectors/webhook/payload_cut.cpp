// Payloads that are too long, by way of a document that can be cut to size.
#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "wardex/text.hpp"
#include "webhook/payload.hpp"

namespace wardex::webhook {
namespace {

using Json = nlohmann::json;

// Least missed first. The description comes before all of them; ids, severity, status and link are never cut.
constexpr std::array kExpendable{"labels", "intel", "observables", "tags", "process", "user", "mitre"};

// Invalid UTF-8 becomes U+FFFD; control characters are escaped as JSON has it, nothing else is.
std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

void add(Json& out, const char* name, const std::string& text) {
  if (!text.empty()) out[name] = text;
}
void add(Json& out, const char* name, std::optional<double> number) {
  if (number && std::isfinite(*number)) out[name] = *number;  // JSON has no NaN
}
template <class Items, class Write>
void add_list(Json& out, const char* name, const Items& items, Write write) {
  if (items.empty()) return;
  Json& list = out[name] = Json::array();
  for (const auto& item : items) list.push_back(write(item));
}

// Ids, status and link: what a receiver needs to fetch the rest from Wardex itself.
Json reference_fields(const Delivery& delivery) {
  const Event& event = *delivery.event;
  Json out{
      {"case_id", event.case_id},
      {"endpoint_id", event.endpoint_id},
      {"status", event.status ? to_string(*event.status) : ""},
      {"wardex_url", event.wardex_url},
      {"event_id", event.id},
      {"sequence", delivery.seq},  // grows with every event: lets a receiver drop what is older than what it has
      {"schema_version", 1},
  };
  add(out, "tenant", event.tenant);
  add(out, "stands_in_for", delivery.stands_in_for);
  add(out, "also_sent_via", delivery.also_sent_via);
  if (delivery.coalesced > 0) out["coalesced"] = delivery.coalesced;
  add_list(out, "alert_ids", event.alert_ids, [](const std::string& id) { return id; });
  return out;
}

Json all_fields(const Delivery& delivery) {
  const Event& event = *delivery.event;
  Json out = reference_fields(delivery);
  out["severity"] = to_string(event.severity);
  out["severity_num"] = kSeverityNumber[event.severity];
  out["title"] = event.title;
  out["rule"] = event.rule;
  out["mitre"] = event.mitre;
  out["kind"] = to_string(event.kind);
  out["action"] = event.action;
  out["received_at"] = event.received_at.str();
  if (event.occurred_at) out["occurred_at"] = event.occurred_at->str();
  add(out, "description", event.description);
  add(out, "host", event.host);
  add(out, "user", event.user);
  add(out, "process", event.process);
  add(out, "assignee", event.assignee);
  add(out, "score", event.score);
  add(out, "confidence", event.confidence);
  add_list(out, "tags", event.tags, [](const std::string& tag) { return tag; });
  add_list(out, "observables", event.observables, [](const Observable& observable) {
    return Json{{"type", to_string(observable.type)}, {"value", observable.value}};
  });
  add_list(out, "intel", event.intel, [](const IntelVerdict& verdict) {
    return Json{{"observable", verdict.observable},
                {"source", verdict.source},
                {"verdict", verdict.verdict},
                {"at", verdict.at.str()}};
  });
  if (!event.labels.empty()) out["labels"] = event.labels;
  return out;
}

// type and timestamp go on top in every form, as the envelope of Standard Webhooks has them.
Json wrap(Json fields, PayloadForm form, const std::string& type, const Event& event) {
  Json out = form == PayloadForm::envelope ? Json{{"data", std::move(fields)}} : std::move(fields);
  out["type"] = type;
  out["timestamp"] = event.when().str();
  return out;
}

// The longest beginning of `text` that takes at most `room` bytes as a JSON string (escaping lengthens it).
std::string shorten(const std::string& text, std::size_t room) {
  std::string cut = text::truncate_bytes(text, room);
  for (std::size_t size = dump(cut).size(); !cut.empty() && size > room; size = dump(cut).size())
    cut = text::truncate_bytes(cut, std::min(cut.size() - 1, cut.size() * room / size));
  return cut;
}

}  // namespace

Payload cut_payload(const Delivery& delivery, PayloadForm form, std::size_t max_bytes, std::string_view id) {
  Payload payload{.type = type_name(*delivery.event), .body = {}, .trimmed = {}};
  Json body = wrap(form == PayloadForm::thin ? reference_fields(delivery) : all_fields(delivery), form, payload.type,
                   *delivery.event);
  if (!id.empty()) body["webhook_id"] = id;
  payload.body = dump(body);
  Json& fields = form == PayloadForm::envelope ? body["data"] : body;

  const auto too_long = [&] { return payload.body.size() > max_bytes; };
  const auto shorten_field = [&](const char* name) {
    const std::string whole = fields[name].get<std::string>();
    fields[name] = "";
    const std::size_t rest = dump(body).size();
    fields[name] = rest < max_bytes ? shorten(whole, max_bytes - rest) : "";
    payload.trimmed.emplace_back(name);
    payload.body = dump(body);
  };
  if (too_long() && fields.contains("description")) shorten_field("description");
  for (const auto* name : kExpendable) {
    if (!too_long()) break;
    if (!fields.contains(name) || fields[name].empty()) continue;
    fields[name].is_array() ? fields[name].clear() : static_cast<void>(fields.erase(name));
    payload.trimmed.emplace_back(name);
    payload.body = dump(body);
  }
  if (too_long() && fields.contains("title")) shorten_field("title");
  if (too_long())
    throw std::length_error("ids and link alone exceed max_body_bytes (" + std::to_string(max_bytes) +
                            "): raise it in the connector's settings");
  return payload;
}

}  // namespace wardex::webhook
