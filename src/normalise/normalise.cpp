// document -> [envelope off] -> shape -> rules -> what spans fields -> identity -> Event
#include "normalise/normalise.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>

#include "normalise/complete.hpp"
#include "normalise/convert.hpp"
#include "normalise/document.hpp"
#include "normalise/envelope.hpp"
#include "normalise/identity.hpp"
#include "normalise/leftover.hpp"
#include "normalise/plan.hpp"
#include "normalise/shape.hpp"

namespace wardex::normalise {

namespace {

/// What the store knows of an event that was accepted earlier.
struct StoredIdentity {
  std::string id;
  std::string case_id;
};

class Reader {
 public:
  Reader(const Members& document, Draft& draft) : document_(document), draft_(draft) { taken_.reserve(kNames.size()); }

  /// A Rejection (its pointer relative to the document) ends it.
  std::optional<Rejection> apply(std::span<const Row> rows) {
    for (const auto& row : rows) {
      const Node* value = row.find(document_);
      if (value == nullptr || value->is_null()) continue;
      const auto reading = row.rule.convert(*value, draft_);
      if (reading.kind == Reading::Kind::refused)
        return Rejection{std::string(row.rule.pointer), std::string(row.rule.pointer.substr(1)) + " " + reading.why};
      if (reading.kind == Reading::Kind::taken) taken_.push_back(value);
    }
    return std::nullopt;
  }
  /// Whose value is in a field now, sorted by address.
  std::span<const Node* const> taken() {
    std::sort(taken_.begin(), taken_.end(), std::less<>());
    return taken_;
  }

 private:
  const Members& document_;
  Draft& draft_;
  std::vector<const Node*> taken_;
};

std::string identity(const Members& document, const Shape& shape, const Envelope& envelope, const Draft& draft) {
  if (!draft.event_id.empty()) return draft.event_id;
  if (!draft.options.idempotency_key.empty()) return key_id(draft.options);
  // The stream's wrapper says nothing new about an alert that has its own time: pushed, polled or posted, it is one.
  std::string context = envelope.action;
  if (!envelope.timestamp.empty() && !document.has_any({"timestamp", "occurred_at", "updated_at", "created_at"}))
    context += " " + envelope.timestamp;
  return content_id(document.object(), shape.volatile_members(document), context);
}

std::string_view type_name(const Node& value) {
  constexpr std::array<std::string_view, 8> names{"null",   "boolean", "number", "number",
                                                  "number", "string",  "array",  "object"};
  return names.at(static_cast<std::size_t>(value.type()));
}

Outcome derive(const Node& whole, std::string_view original, const Options& options, const StoredIdentity* stored) {
  if (!whole.is_object()) return Rejection{"", std::string("an event is a JSON object, not ").append(type_name(whole))};
  Members document(whole);
  auto opened = open_envelope(document);
  if (auto* rejection = std::get_if<Rejection>(&opened)) return std::move(*rejection);
  if (std::holds_alternative<Heartbeat>(opened)) return Heartbeat{};
  const auto& envelope = std::get<Envelope>(opened);
  if (envelope.document != &whole) document = Members(*envelope.document);

  Outcome outcome(std::in_place_type<Event>);
  auto& event = std::get<Event>(outcome);
  Draft draft(options, event);
  draft.event_id = envelope.event_id;
  draft.action = envelope.action;
  const auto& plan = plan_of(document, envelope.hint);
  const auto& shape = plan.shape;
  Reader reader(document, draft);
  if (auto rejection = reader.apply(plan.rows)) {
    rejection->pointer.insert(0, envelope.pointer);
    return std::move(*rejection);
  }
  shape.finish(document, envelope.hint, draft);
  if (says_nothing(draft, document.object().items().size()))
    return Rejection{
        envelope.pointer,
        "this is no event: it has no title, description, rule, case_id, alert_id, mitre technique, or level "
        "with a hostname"};
  if (!draft.occurred && !draft.updated && !draft.created && !envelope.timestamp.empty())
    time<&Draft::occurred>(Node::text(envelope.timestamp), draft);

  if (stored != nullptr) {
    event.id = stored->id;
    event.case_id = stored->case_id;
  } else {
    event.id = identity(document, shape, envelope, draft);
  }
  keep_leftover(document.object(), reader.taken(), draft);
  complete(draft);
  event.origin = options.origin;
  // The store keeps milliseconds: an event must look the same before and after.
  event.received_at = {std::chrono::floor<std::chrono::milliseconds>(options.received_at), 3};
  event.original = original;
  return outcome;
}

}  // namespace

Outcome normalise(const Node& document, std::string_view original, const Options& options) {
  return derive(document, original, options, nullptr);
}

Event restore(std::string_view body, std::string id, std::string case_id, const Options& options) {
  const StoredIdentity stored{std::move(id), std::move(case_id)};
  // It was within the limits of its day; today's may be tighter.
  constexpr std::size_t kAnyDepth = 1024;
  Document document;
  if (!document.read(body, kAnyDepth)) {
    auto outcome = derive(document.root(), body, options, &stored);
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
