// Conversions whose outcome is one of a fixed set of words.
#include "normalise/convert.hpp"
#include "normalise/vocabulary.hpp"

namespace wardex::normalise {

Reading severity(const Node& value, Draft& draft) {
  if (draft.severity) return Reading::kept();
  if (value.is_text()) {
    if (value.text().empty()) return Reading::taken();
    draft.severity = severity_word(value.text());
  }
  if (!draft.severity)
    if (const auto number = scalar_number(value)) draft.severity = severity_number(*number);
  if (draft.severity) return Reading::taken();
  draft.notes["wardex.severity_unreadable"] = ScalarText(value).string_or(kind_of_value(value));
  return Reading::kept();
}

Reading priority(const Node& value, Draft& draft) {
  if (const auto number = scalar_number(value); number && !draft.severity) {
    draft.severity = priority_number(*number);
    return draft.severity ? Reading::taken() : Reading::kept();
  }
  return severity(value, draft);
}

Reading status(const Node& value, Draft& draft) {
  if (value.is_text() && value.text().empty()) return Reading::taken();
  if (value.is_text() && !draft.event.status) {
    draft.event.status = status_word(value.text());
    if (draft.event.status) return Reading::taken();
  }
  if (!draft.event.status) draft.notes["wardex.status_unreadable"] = ScalarText(value).string_or(kind_of_value(value));
  return Reading::kept();
}

Reading kind(const Node& value, Draft& draft) {
  if (value.is_text()) draft.kind = kind_word(value.text());
  if (!draft.kind) return Reading::refused("must be one of alert, case, telemetry, runbook, digest, sync");
  return Reading::taken();
}

Reading action(const Node& value, Draft& draft) {
  const auto read = value.is_text() ? action_word(value.text()) : std::nullopt;
  if (!read || !draft.action.empty()) return Reading::kept();
  draft.action = *read;
  return Reading::taken();
}

Reading dotted_type(const Node& value, Draft& draft) {
  if (!value.is_text()) return Reading::kept();
  const auto word = value.text();
  const auto dot = word.find('.');
  const auto named = kind_word(word.substr(0, dot));
  if (!named) return Reading::kept();
  if (!draft.kind) draft.kind = named;
  if (dot != std::string::npos && draft.action.empty()) draft.action = action_word(word.substr(dot + 1)).value_or("");
  return Reading::taken();
}

}  // namespace wardex::normalise
