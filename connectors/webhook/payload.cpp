#include "webhook/payload.hpp"

#include <cmath>
#include <string_view>

#include "wardex/json_writer.hpp"
#include "wardex/text.hpp"

namespace wardex::webhook {
namespace {

void write(JsonWriter& json, const char* name, const std::string& text) {
  if (!text.empty()) json.key(name).value(text);
}
void write(JsonWriter& json, const char* name, std::optional<double> number) {
  if (number && std::isfinite(*number)) json.key(name).value(*number);
}
template <class Items>
void write_list(JsonWriter& json, const char* name, const Items& items) {
  json.key(name).begin_array();
  for (const auto& item : items) json.value(std::string_view(item));
  json.end_array();
}

void write_observables(JsonWriter& json, const Event& event) {
  if (event.observables.empty()) return;
  json.key("observables").begin_array();
  for (const auto& one : event.observables)
    json.begin_object().key("type").value(to_string(one.type)).key("value").value(one.value).end_object();
  json.end_array();
}

void write_intel(JsonWriter& json, const Event& event) {
  if (event.intel.empty()) return;
  json.key("intel").begin_array();
  for (const auto& one : event.intel) {
    json.begin_object().key("at").value(one.at.str()).key("observable").value(one.observable);
    json.key("source").value(one.source).key("verdict").value(one.verdict).end_object();
  }
  json.end_array();
}

void write_labels(JsonWriter& json, const Event& event) {
  if (event.labels.empty()) return;
  json.key("labels").begin_object();
  for (const auto& [name, value] : event.labels) json.key(name).value(value);
  json.end_object();
}

/// What stands on top in every form, in the order of the keys among the fields; nothing inside an envelope.
struct Frame {
  std::string_view type;
  std::string_view id;
  bool inside = true;
};

// Keys in alphabetical order, as the document above has them.
void write_fields(JsonWriter& json, const Delivery& delivery, bool thin, const Frame& frame) {
  const Event& event = *delivery.event;
  if (!thin) json.key("action").value(event.action);
  if (!event.alert_ids.empty()) write_list(json, "alert_ids", event.alert_ids);
  write(json, "also_sent_via", delivery.also_sent_via);
  if (!thin) write(json, "assignee", event.assignee);
  json.key("case_id").value(event.case_id);
  if (delivery.coalesced > 0) json.key("coalesced").value(delivery.coalesced);
  if (!thin) write(json, "confidence", event.confidence);
  if (!thin) write(json, "description", event.description);
  json.key("endpoint_id").value(event.endpoint_id);
  json.key("event_id").value(event.id);
  if (!thin) {
    write(json, "host", event.host);
    write_intel(json, event);
    json.key("kind").value(to_string(event.kind));
    write_labels(json, event);
    write_list(json, "mitre", event.mitre);
    write_observables(json, event);
    if (event.occurred_at) json.key("occurred_at").value(event.occurred_at->str());
    write(json, "process", event.process);
    json.key("received_at").value(event.received_at.str());
    json.key("rule").value(event.rule);
  }
  json.key("schema_version").value(1);
  if (!thin) write(json, "score", event.score);
  json.key("sequence").value(delivery.seq);
  if (!thin) {
    json.key("severity").value(to_string(event.severity));
    json.key("severity_num").value(kSeverityNumber[event.severity]);
  }
  write(json, "stands_in_for", delivery.stands_in_for);
  json.key("status").value(event.status ? to_string(*event.status) : "");
  if (!thin && !event.tags.empty()) write_list(json, "tags", event.tags);
  write(json, "tenant", event.tenant);
  if (frame.inside) json.key("timestamp").value(event.when().str());
  if (!thin) json.key("title").value(event.title);
  if (frame.inside) json.key("type").value(frame.type);
  if (!thin) write(json, "user", event.user);
  json.key("wardex_url").value(event.wardex_url);
  if (frame.inside && !frame.id.empty()) json.key("webhook_id").value(frame.id);
}

void write_payload(std::string& out, const Delivery& delivery, PayloadForm form, const std::string& type,
                   std::string_view id) {
  JsonWriter json(out);
  json.begin_object();
  if (form == PayloadForm::envelope) {
    json.key("data").begin_object();
    write_fields(json, delivery, false, {.type = {}, .id = {}, .inside = false});
    json.end_object().key("timestamp").value(delivery.event->when().str()).key("type").value(type);
    if (!id.empty()) json.key("webhook_id").value(id);
  } else {
    write_fields(json, delivery, form == PayloadForm::thin, {.type = type, .id = id, .inside = true});
  }
  json.end_object();
}

}  // namespace

std::string type_name(const Event& event) {
  std::string action = text::lower(event.action.substr(0, 64));
  for (char& c : action)
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) c = '_';
  return std::string(to_string(event.kind)) + "." + (action.empty() ? "updated" : action);
}

Payload make_payload(const Delivery& delivery, PayloadForm form, std::size_t max_bytes, std::string_view id) {
  Payload payload{.type = type_name(*delivery.event), .body = {}, .trimmed = {}};
  payload.body.reserve(1024 + 2 * delivery.event->original.size());
  payload.trimmed = append_payload(payload.body, delivery, form, max_bytes, id);
  return payload;
}

std::vector<std::string> append_payload(std::string& body, const Delivery& delivery, PayloadForm form,
                                        std::size_t max_bytes, std::string_view id) {
  const auto begin = body.size();
  write_payload(body, delivery, form, type_name(*delivery.event), id);
  if (body.size() - begin <= max_bytes) return {};
  auto cut = cut_payload(delivery, form, max_bytes, id);
  body.replace(begin, std::string::npos, cut.body);
  return std::move(cut.trimmed);
}

}  // namespace wardex::webhook
