// document -> [envelope off] -> shape -> rules -> what spans fields -> identity -> Event
#include "normalise/normalise.hpp"

#include <algorithm>
#include <chrono>

#include <nlohmann/json.hpp>

#include "normalise/complete.hpp"
#include "normalise/convert.hpp"
#include "normalise/envelope.hpp"
#include "normalise/identity.hpp"
#include "normalise/leftover.hpp"
#include "normalise/pointer.hpp"
#include "normalise/shape.hpp"

namespace wardex::normalise {

namespace {

using nlohmann::json;

/// What the store knows of an event that was accepted earlier.
struct StoredIdentity {
  std::string id;
  std::string case_id;
};

const Shape& shape_of(const json& document, Hint hint) {
  for (const auto* shape : shapes())
    if (shape->matches(document, hint)) return *shape;
  return kGuide;
}

bool has_row(std::span<const Rule> rules, std::string_view pointer) {
  return std::any_of(rules.begin(), rules.end(), [&](const Rule& rule) { return rule.pointer == pointer; });
}

class Reader {
 public:
  Reader(const json& document, Draft& draft) : document_(document), draft_(draft) {}

  /// A Rejection (its pointer relative to the document) ends it. Members that `decided` has a row for are left to it.
  std::optional<Rejection> apply(std::span<const Rule> rules, std::span<const Rule> decided) {
    for (const auto& rule : rules) {
      const json* value = find(document_, rule.pointer);
      if (value == nullptr || value->is_null() || has_row(decided, rule.pointer)) continue;
      const auto reading = rule.convert(*value, draft_);
      if (reading.kind == Reading::Kind::refused)
        return Rejection{std::string(rule.pointer), std::string(rule.pointer.substr(1)) + " " + reading.why};
      if (reading.kind == Reading::Kind::taken) taken_.insert(rule.pointer);
    }
    return std::nullopt;
  }
  /// Pointers whose value is in a field now.
  [[nodiscard]] const std::set<std::string_view>& taken() const { return taken_; }

 private:
  const json& document_;
  Draft& draft_;
  std::set<std::string_view> taken_;
};

std::string identity(const json& document, const Shape& shape, const Envelope& envelope, const Draft& draft) {
  if (!draft.event_id.empty()) return draft.event_id;
  if (!draft.options.idempotency_key.empty()) return key_id(draft.options);
  // The stream's wrapper says nothing new about an alert that has its own time: pushed, polled or posted, it is one.
  std::string context = envelope.action;
  if (!envelope.timestamp.empty() && !has_any(document, {"timestamp", "occurred_at", "updated_at", "created_at"}))
    context += " " + envelope.timestamp;
  return content_id(document, shape.volatile_members(document), context);
}

Outcome derive(const json& whole, std::string_view original, const Options& options, const StoredIdentity* stored) {
  if (!whole.is_object()) return Rejection{"", std::string("an event is a JSON object, not ") + whole.type_name()};
  auto opened = open_envelope(whole);
  if (auto* rejection = std::get_if<Rejection>(&opened)) return std::move(*rejection);
  if (std::holds_alternative<Heartbeat>(opened)) return Heartbeat{};
  const auto& envelope = std::get<Envelope>(opened);
  const json& document = *envelope.document;

  Draft draft(options);
  draft.event_id = envelope.event_id;
  draft.action = envelope.action;
  const auto& shape = shape_of(document, envelope.hint);
  Reader reader(document, draft);
  auto rejection = reader.apply(shape.rules, {});
  if (!rejection) rejection = reader.apply(shared_rules(), shape.rules);
  if (rejection) {
    rejection->pointer.insert(0, envelope.pointer);
    return std::move(*rejection);
  }
  shape.finish(document, envelope.hint, draft);
  if (says_nothing(draft, document.size()))
    return Rejection{
        envelope.pointer,
        "this is no event: it has no title, description, rule, case_id, alert_id, mitre technique, or level "
        "with a hostname"};
  if (!draft.occurred && !draft.updated && !draft.created && !envelope.timestamp.empty())
    time<&Draft::occurred>(envelope.timestamp, draft);

  auto& event = draft.event;
  if (stored != nullptr) {
    event.id = stored->id;
    event.case_id = stored->case_id;
  } else {
    event.id = identity(document, shape, envelope, draft);
  }
  keep_leftover(document, reader.taken(), draft);
  complete(draft);
  event.origin = options.origin;
  // The store keeps milliseconds: an event must look the same before and after.
  event.received_at = {std::chrono::floor<std::chrono::milliseconds>(options.received_at), 3};
  event.original = original;
  return std::move(draft.event);
}

}  // namespace

Outcome normalise(const json& document, std::string_view original, const Options& options) {
  return derive(document, original, options, nullptr);
}

Event restore(std::string_view body, std::string id, std::string case_id, const Options& options) {
  const StoredIdentity stored{std::move(id), std::move(case_id)};
  // It was within the limits of its day; today's may be tighter.
  constexpr std::size_t kAnyDepth = 1024;
  const auto parsed = parse_json(body, kAnyDepth);
  if (const auto* document = std::get_if<json>(&parsed)) {
    auto outcome = derive(*document, body, options, &stored);
    if (auto* event = std::get_if<Event>(&outcome)) return std::move(*event);
  }
  // Accepted once, so it is delivered, whatever today's rules make of it.
  Event event;
  event.id = stored.id;
  event.case_id = stored.case_id;
  event.title = "Wardex event " + event.subject();
  event.description = "The stored event can no longer be read; its original is kept.";
  event.origin = options.origin;
  event.received_at = {std::chrono::floor<std::chrono::milliseconds>(options.received_at), 3};
  event.original = body;
  event.severity = Severity::medium;
  return event;
}

}  // namespace wardex::normalise
