#include "normalise/envelope.hpp"

#include <array>

#include "normalise/convert.hpp"
#include "normalise/vocabulary.hpp"

namespace wardex::normalise {

namespace {

struct TypeWord {
  std::string_view word;
  Hint hint;
};
constexpr std::array kTypes{
    TypeWord{"alert", Hint::alert},     TypeWord{"incident", Hint::incident},   TypeWord{"case", Hint::case_},
    TypeWord{"agent", Hint::telemetry}, TypeWord{"telemetry", Hint::telemetry},
};

const Node* type_of(const Members& whole) {
  for (const Name name : {Name("type"), Name("event_type")})
    if (const auto* member = whole.find(name); member != nullptr && member->is_text()) return member;
  return nullptr;
}

}  // namespace

std::variant<Envelope, Heartbeat, Rejection> open_envelope(const Members& whole) {
  Envelope envelope;
  envelope.document = &whole.object();
  const auto* type = type_of(whole);
  if (type == nullptr) return envelope;
  const auto word = plain_word(type->text());
  const auto* data = whole.find("data");
  // An event may well be of a `type` heartbeat (an agent that fell silent); the bare signal has nothing but its time.
  if (word == "heartbeat" && (data != nullptr || !whole.has_any({"title", "severity", "kind", "case_id"})))
    return Heartbeat{};
  if (data == nullptr || whole.has_any({"title", "severity", "kind", "case_id"})) return envelope;
  if (!data->is_object())
    return Rejection{"/data", "data must be the JSON object that type '" + word.substr(0, 40) + "' announces"};

  envelope.document = data;
  envelope.pointer = "/data";
  const auto dot = word.find('.');
  for (const auto& row : kTypes)
    if (row.word == std::string_view(word).substr(0, dot)) envelope.hint = row.hint;
  if (dot != std::string::npos && envelope.hint != Hint::none)
    envelope.action = action_word(word.substr(dot + 1)).value_or("");
  if (const auto* time = whole.find("timestamp")) envelope.timestamp = ScalarText(*time).string_or("");
  const Options none;
  for (const Name name : {Name("event_id"), Name("id")}) {
    Event nothing;
    Draft scratch(none, nothing);
    const auto* member = whole.find(name);
    if (member == nullptr || !member->is_text() || !envelope.event_id.empty()) continue;
    const auto reading = identifier<&Draft::event_id>(*member, scratch);
    if (reading.kind == Reading::Kind::refused) {
      const std::string key(member->name());
      return Rejection{"/" + key, key + " " + reading.why};
    }
    envelope.event_id = scratch.event_id;
  }
  return envelope;
}

}  // namespace wardex::normalise
