// Conversions whose outcome is one of a fixed set of words.
#include <nlohmann/json.hpp>

#include "normalise/convert.hpp"
#include "normalise/vocabulary.hpp"

namespace wardex::normalise {

using nlohmann::json;

Reading severity(const json& value, Draft& draft) {
  if (draft.severity) return Reading::kept();
  if (const auto* word = value.get_ptr<const std::string*>(); word != nullptr) {
    if (word->empty()) return Reading::taken();
    draft.severity = severity_word(*word);
  }
  if (!draft.severity)
    if (const auto number = scalar_number(value)) draft.severity = severity_number(*number);
  if (draft.severity) return Reading::taken();
  draft.notes["wardex.severity_unreadable"] = scalar_text(value).value_or(kind_of_value(value));
  return Reading::kept();
}

Reading priority(const json& value, Draft& draft) {
  if (const auto number = scalar_number(value); number && !draft.severity) {
    draft.severity = priority_number(*number);
    return draft.severity ? Reading::taken() : Reading::kept();
  }
  return severity(value, draft);
}

Reading status(const json& value, Draft& draft) {
  const auto* word = value.get_ptr<const std::string*>();
  if (word != nullptr && word->empty()) return Reading::taken();
  if (word != nullptr && !draft.event.status) {
    draft.event.status = status_word(*word);
    if (draft.event.status) return Reading::taken();
  }
  if (!draft.event.status) draft.notes["wardex.status_unreadable"] = scalar_text(value).value_or(kind_of_value(value));
  return Reading::kept();
}

Reading kind(const json& value, Draft& draft) {
  const auto* word = value.get_ptr<const std::string*>();
  if (word != nullptr) draft.kind = kind_word(*word);
  if (!draft.kind) return Reading::refused("must be one of alert, case, telemetry, runbook, digest, sync");
  return Reading::taken();
}

Reading action(const json& value, Draft& draft) {
  const auto* word = value.get_ptr<const std::string*>();
  const auto read = word == nullptr ? std::nullopt : action_word(*word);
  if (!read || !draft.action.empty()) return Reading::kept();
  draft.action = *read;
  return Reading::taken();
}

Reading dotted_type(const json& value, Draft& draft) {
  const auto* word = value.get_ptr<const std::string*>();
  if (word == nullptr) return Reading::kept();
  const auto dot = word->find('.');
  const auto named = kind_word(std::string_view(*word).substr(0, dot));
  if (!named) return Reading::kept();
  if (!draft.kind) draft.kind = named;
  if (dot != std::string::npos && draft.action.empty())
    draft.action = action_word(std::string_view(*word).substr(dot + 1)).value_or("");
  return Reading::taken();
}

}  // namespace wardex::normalise
