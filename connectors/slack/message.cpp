#include "slack/message.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <nlohmann/json.hpp>

#include "wardex/text.hpp"

namespace wardex::slack {
namespace {

using Json = nlohmann::json;

// Slack's limits (docs.slack.dev, block kit reference) and what we keep to below them.
constexpr std::size_t kHeader = 150;          // plain_text of a header block
constexpr std::size_t kDescription = 2900;    // of 3000 in a section's text
constexpr std::size_t kField = 250;           // of 2000 in each of a section's fields: ids stay whole, floods do not
constexpr std::size_t kFieldLimit = 1900;     // of 2000, for a link that cannot be a button
constexpr std::size_t kMostFields = 10;       // fields of a section
constexpr std::size_t kButtonUrl = 3000;      // url of a button
constexpr std::size_t kLinkedUrl = 1000;      // ours: a longer link stands in the button only
constexpr std::size_t kTitle = 300;           // ours, outside the header
constexpr std::size_t kTechniques = 20;       // ours
constexpr std::size_t kPlain = 2000;          // ours: what even a refused layout's replacement may hold
constexpr std::size_t kWholeMessage = 11500;  // msg_blocks_too_long comes at about 13200 (slackapi/bolt-js#2509)

constexpr text::SeverityTable<const char*> kColour{"#8d8d8d", "#2eb886", "#f2c744", "#e8590c", "#b30000"};
constexpr text::SeverityTable<const char*> kEmoji{"⚪", "🔵", "🟡", "🟠", "🔴"};
constexpr const char* kResolvedColour = "#2eb886";

// One line of at most `most` characters, roughly cut first: a flood of text is not worth escaping.
std::string line(std::string_view raw, std::size_t most) {
  return text::single_line(text::truncate_bytes(raw, 8 * most));
}
// The same made safe for mrkdwn and for plain text alike.
std::string safe(std::string_view raw, std::size_t most) {
  return text::truncate_escaped(text::escape_slack(line(raw, most)), most);
}

// `verbatim` stops Slack from finding links, channels and names in alert text; what we write as <...> still works.
Json mrkdwn(std::string text) { return {{"type", "mrkdwn"}, {"text", std::move(text)}, {"verbatim", true}}; }
Json plain_text(std::string text) { return {{"type", "plain_text"}, {"text", std::move(text)}}; }
Json section(std::string text) { return {{"type", "section"}, {"text", mrkdwn(std::move(text))}}; }

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

const std::string& title_of(const Event& event) {
  static const std::string kUntitled = "Wardex event";
  if (!is_blank(line(event.title, kTitle))) return event.title;
  return is_blank(event.rule) ? kUntitled : event.rule;
}

std::string state_word(const Event& event) {
  return event.is_resolved() ? "RESOLVED" : text::upper(to_string(event.severity));
}

// Percent-encodes what a URL cannot have and what would end <url|label>. Empty when it is no web address.
std::string web_address(const std::string& url) {
  if (!url.starts_with("https://") && !url.starts_with("http://")) return {};
  std::string out;
  for (const char c : url) {
    const auto byte = static_cast<unsigned char>(c);
    const bool keep = byte > 0x20 && byte < 0x7F && std::string_view("<>|\"`\\^{}").find(c) == std::string_view::npos;
    out += keep ? std::string(1, c) : text::percent_encode(std::string_view(&c, 1));
  }
  return out;
}

std::string link(const Event& event) {
  const auto url = web_address(event.wardex_url);
  if (url.empty() || url.size() > kLinkedUrl) return {};
  return "<" + text::escape_slack(url) + "|Open in Wardex>";
}

// Rendered in each reader's own time zone; the part after | is for clients that cannot.
std::string date(const Timestamp& at) {
  return "<!date^" + std::to_string(at.unix_seconds()) + "^{date_num} {time_secs}|" + at.str() + ">";
}

std::string summary(const Event& event) {
  std::string out =
      "[" + state_word(event) + "] " + safe(title_of(event), kTitle) + " (" + safe(event.reference(), kField) + ")";
  if (const auto open = link(event); !open.empty()) out += " " + open;
  return out;
}

std::vector<std::pair<const char*, std::string>> facts(const Event& event, std::size_t most) {
  std::vector<std::pair<const char*, std::string>> out;
  const auto add = [&](const char* label, std::string_view raw, std::size_t limit) {
    auto value = safe(raw, limit);
    if (!is_blank(value)) out.emplace_back(label, std::move(value));
  };
  add(event.case_id.empty() ? "Event" : "Case", event.reference(), kField);
  add("Endpoint", event.endpoint_id, kField);
  add("Rule", event.rule, most);
  if (event.status) add("Status", to_string(*event.status), most);
  out.emplace_back("Severity", std::string(kEmoji[event.severity]) + " " + std::string(to_string(event.severity)));
  add("Assignee", event.assignee, most);
  add("Host", event.host, most);
  add("User", event.user, most);
  add("Alert", text::join_some(event.alert_ids, ", ", 3), most);
  // Where no link or button can carry the address, it is shown as text.
  const auto url = web_address(event.wardex_url);
  if (url.empty() || url.size() > kButtonUrl) add("Wardex", event.wardex_url, kFieldLimit);
  return out;
}

Json fields(const Event& event, std::size_t most) {
  Json out = Json::array();
  for (auto& [label, value] : facts(event, most)) {
    if (out.size() == kMostFields) break;
    out.push_back(mrkdwn("*" + std::string(label) + "*\n" + value));
  }
  return out;
}

Json heading(const Event& event, bool struck) {
  if (!struck)
    return {{"type", "header"},
            {"text",
             plain_text(text::truncate_escaped(state_word(event) + " · " + safe(title_of(event), kHeader), kHeader))}};
  // Only mrkdwn can strike; the title must not end it, hence the inline form.
  const auto title = text::truncate_escaped(text::escape_slack_inline(line(title_of(event), kTitle)), kTitle);
  return section("*" + state_word(event) + "* · ~" + title + "~");
}

Json button(const Event& event) {
  const auto url = web_address(event.wardex_url);
  if (url.empty() || url.size() > kButtonUrl) return nullptr;
  return {{"type", "actions"},
          {"elements", Json::array({{{"type", "button"}, {"text", plain_text("Open in Wardex")}, {"url", url}}})}};
}

std::string techniques(const Event& event) {
  std::vector<std::string> shown;
  for (const auto& technique : event.mitre)
    shown.push_back(shown.size() < kTechniques ? safe(technique, 40) : std::string());  // the rest is only counted
  return text::join_some(shown, ", ", kTechniques);
}

std::string footnote(const Delivery& delivery, std::vector<std::string> parts) {
  parts.push_back(date(delivery.event->when()));
  if (!delivery.stands_in_for.empty())
    parts.push_back("sent in place of " + safe(delivery.stands_in_for, kField) + ", which is not taking events");
  if (!delivery.also_sent_via.empty())
    parts.push_back("late; sent via " + safe(delivery.also_sent_via, kField) + " meanwhile");
  if (delivery.coalesced > 0)
    parts.push_back("replaces " + std::to_string(delivery.coalesced) + " earlier update" +
                    (delivery.coalesced == 1 ? "" : "s") + " that waited");
  return text::join(parts, " · ");
}

// The colour bar exists only on (legacy) attachments, so the least important line goes into one.
Json coloured(const Event& event, std::string text) {
  return Json::array(
      {{{"color", event.is_resolved() ? kResolvedColour : kColour[event.severity]},
        {"blocks", Json::array({{{"type", "context"}, {"elements", Json::array({mrkdwn(std::move(text))})}}})}}});
}

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }
std::size_t size(const Json& json) { return text::length(dump(json)); }

Json compose(const Delivery& delivery, const Look& look, const std::string& description, std::size_t most_in_field) {
  const Event& event = *delivery.event;
  Json details{{"type", "section"}, {"fields", fields(event, most_in_field)}};
  // A mention pings only from a block's mrkdwn, not from the fallback text.
  if (!look.mention.empty()) details["text"] = mrkdwn(look.mention);
  Json blocks = Json::array({heading(event, look.struck), std::move(details)});
  if (!is_blank(description)) blocks.push_back(section(description));
  if (auto open = button(event); !open.is_null()) blocks.push_back(std::move(open));
  std::vector<std::string> parts;
  if (!event.mitre.empty()) parts.push_back(techniques(event));
  return {{"text", summary(event)},
          {"blocks", std::move(blocks)},
          {"attachments", coloured(event, footnote(delivery, std::move(parts)))}};
}

std::string change(const char* what, const std::string& before, const std::string& after) {
  const auto shown = [](const std::string& value) { return value.empty() ? std::string("none") : safe(value, kField); };
  return "*" + std::string(what) + ":* " + shown(before) + " → " + shown(after);
}

}  // namespace

Json full_message(const Delivery& delivery, const Look& look) {
  // single_line() would join the paragraphs; here line breaks may stay.
  const auto description = text::truncate_escaped(
      text::escape_slack(text::printable(text::truncate_bytes(delivery.event->description, 4 * kDescription))),
      kDescription);
  Json message = compose(delivery, look, description, kField);
  // The description gives way first, then the fields become terse; ids and link stay.
  for (std::size_t most = kDescription; size(message) > kWholeMessage && most > 50; most /= 2)
    message = compose(delivery, look, text::truncate_escaped(description, most), kField);
  if (size(message) > kWholeMessage) message = compose(delivery, look, "", 80);
  return message;
}

Json change_message(const Delivery& delivery, const CaseThread& thread, const std::string& mention) {
  const Event& event = *delivery.event;
  const Shown now = Shown::of(event);
  const Shown& before = thread.shown;
  std::vector<std::string> lines;
  if (now.resolved != before.resolved)
    lines.emplace_back(now.resolved ? ":white_check_mark: *Resolved*" : "*Reopened*");
  if (now.status != before.status) lines.push_back(change("Status", before.status, now.status));
  if (now.severity != before.severity) lines.push_back(change("Severity", before.severity, now.severity));
  if (now.assignee != before.assignee) lines.push_back(change("Assignee", before.assignee, now.assignee));
  if (now.description_digest != before.description_digest && !is_blank(event.description))
    lines.push_back(text::truncate_escaped(
        text::escape_slack(text::printable(text::truncate_bytes(event.description, 4000))), 1000));
  if (lines.empty()) lines.push_back("*" + safe(event.action.empty() ? "updated" : event.action, 50) + "*");
  if (!mention.empty()) lines.insert(lines.begin(), mention);

  std::vector<std::string> where{safe(event.reference(), kField)};
  if (!event.endpoint_id.empty()) where.push_back(safe(event.endpoint_id, kField));
  Json blocks = Json::array({section(text::join(lines, "\n"))});
  if (auto open = link(event); !open.empty())
    where.push_back(std::move(open));
  else if (auto long_open = button(event); !long_open.is_null())
    blocks.push_back(std::move(long_open));
  else if (!is_blank(event.wardex_url))
    where.push_back(safe(event.wardex_url, kLinkedUrl));
  return {{"text", summary(event)},
          {"blocks", std::move(blocks)},
          {"attachments", coloured(event, footnote(delivery, std::move(where)))}};
}

Json plain_message(const Delivery& delivery) {
  std::string text = summary(*delivery.event);
  for (const auto& [label, value] : facts(*delivery.event, kField)) text += "\n" + std::string(label) + ": " + value;
  if (!is_blank(delivery.event->description))
    text += "\n" + text::escape_slack(text::printable(text::truncate_bytes(delivery.event->description, 4 * kPlain)));
  return {{"text", text::truncate_escaped(text, kPlain)}};
}

}  // namespace wardex::slack
