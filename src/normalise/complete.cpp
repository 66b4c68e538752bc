#include "normalise/complete.hpp"

#include <algorithm>

#include "normalise/limits.hpp"
#include "wardex/text.hpp"

namespace wardex::normalise {

namespace {

constexpr std::size_t kTitleLength = 120;

void complete_severity(Draft& draft) {
  // A severity that was meant but cannot be read must not sink to the bottom; one that was never stated may.
  const bool unreadable = draft.notes.contains("wardex.severity_unreadable");
  draft.event.severity = draft.severity.value_or(unreadable ? Severity::medium : Severity::info);
}

void complete_action(Draft& draft) {
  auto& action = draft.event.action;
  if (!draft.action.empty())
    action = draft.action;
  else if (draft.event.status == Status::resolved || draft.event.status == Status::closed)
    action = to_string(*draft.event.status);
  else if (draft.created && draft.updated && draft.created->at != draft.updated->at)
    action = "updated";
}

void complete_time(Draft& draft) {
  // When what this event tells happened: for a case that is its last change.
  for (const auto* time : {&draft.occurred, &draft.updated, &draft.created})
    if (*time && !draft.event.occurred_at) draft.event.occurred_at = **time;
}

void add_paragraph(std::string& text, std::string more) {
  if (more.empty()) return;
  if (text.empty())
    text = std::move(more);
  else
    text.append("\n").append(more);
}

void complete_texts(Draft& draft) {
  auto& event = draft.event;
  if (event.title.empty())
    event.title = draft.headline;
  else if (!draft.headline.empty() && draft.headline != event.title)
    event.labels.emplace("headline", text::truncate_bytes(draft.headline, kMaxLabelValue));

  // The description, the summary, the reasons: each a paragraph, unless it says what one before it said.
  const bool reason_is_title = draft.reasons.size() == 1 && draft.reasons.front() == event.title;
  const auto reasons = reason_is_title ? std::string() : text::join(draft.reasons, "; ");
  const bool reasons_are_new = reasons != event.description && reasons != draft.summary;
  if (draft.summary != event.description) add_paragraph(event.description, std::move(draft.summary));
  if (reasons_are_new) add_paragraph(event.description, reasons);

  if (event.title.empty() && !event.description.empty()) {
    const std::string_view text(event.description);
    event.title = text::truncate(text.substr(0, text.find('\n')), kTitleLength);
  }
  if (event.title.empty()) {
    // Never nothing: receivers refuse an empty subject.
    event.title = event.rule.empty() ? "Wardex " + std::string(to_string(event.kind)) : event.rule;
    if (!event.case_id.empty())
      event.title += " " + event.case_id;
    else if (!event.endpoint_id.empty())
      event.title += " on " + event.endpoint_id;
  }
}

void complete_link(Draft& draft) {
  auto& event = draft.event;
  std::string_view console = draft.options.console_url;
  while (console.ends_with('/')) console.remove_suffix(1);
  if (!event.wardex_url.empty() || console.empty()) return;
  event.wardex_url = console;
  if (!draft.incident_ref.empty())
    event.wardex_url.append("/incidents/").append(text::percent_encode(draft.incident_ref));
  else if (!event.case_id.empty())
    event.wardex_url.append("/cases/").append(text::percent_encode(event.case_id));
}

void complete_labels(Draft& draft) {
  auto& labels = draft.event.labels;
  const auto add = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) labels.insert_or_assign(name, text::truncate_bytes(value, kMaxLabelValue));
  };
  add("mitre_tactics", text::join(draft.tactics, ", "));
  add("mitre_other", text::join(draft.techniques_unknown, ", "));
  for (const auto& [name, value] : draft.notes) add(name, value);
}

}  // namespace

void complete(Draft& draft) {
  auto& event = draft.event;
  if (draft.kind) event.kind = *draft.kind;
  if (event.endpoint_id.empty()) event.endpoint_id = event.host;
  complete_severity(draft);
  complete_action(draft);
  complete_time(draft);
  complete_texts(draft);
  complete_link(draft);
  complete_labels(draft);
}

bool says_nothing(const Draft& draft, std::size_t members) {
  const auto& event = draft.event;
  // What is measured, run or summarised may be all labels; an alert or a case has to say something.
  const bool free_form = draft.kind && *draft.kind != Kind::alert && *draft.kind != Kind::case_;
  if (free_form) return members < 2;
  return event.title.empty() && event.description.empty() && event.rule.empty() && event.case_id.empty() &&
         event.alert_ids.empty() && draft.headline.empty() && draft.summary.empty() && draft.reasons.empty() &&
         draft.event_id.empty() && event.mitre.empty() && !(draft.severity && !event.host.empty());
}

}  // namespace wardex::normalise
