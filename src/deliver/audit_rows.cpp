#include "deliver/audit_rows.hpp"

#include <algorithm>
#include <map>

#include "wardex/text.hpp"

namespace wardex::deliver {
namespace {

/// Reason, steps and answer, each once.
std::string detail(std::string_view why, const AttemptReport& report) {
  std::string out(why);
  const auto add = [&out](std::string_view label, std::string_view text) {
    if (text.empty()) return;
    if (!out.empty()) out += "; ";
    out.append(label).append(text);
  };
  add("reduced payload: ", report.reduced);
  if (!report.steps.empty()) add("requests: ", report.steps);
  // A reason like "HTTP 400: bad field" already quotes the beginning of the answer.
  const auto begin = std::string_view(report.response).substr(0, 32);
  if (out.find(begin) == std::string::npos) add("response: ", report.response);
  return text::truncate_bytes(out, 2048);
}

store::AuditRecord row(const std::string& connector, const AttemptReport& report, WallTime at) {
  store::AuditRecord out;
  out.at = at;
  out.actor = "gateway";
  out.action = "deliver";
  out.connector = connector;
  out.status_code = report.status_code;
  if (report.requests > 0) out.latency_ms = report.latency.count();
  out.request_digest = report.request_digest;
  return out;
}

/// "98 delivered, 2 rejected: first reason".
std::string tally(const AttemptReport& report) {
  std::map<std::string_view, std::size_t> counts;
  std::string_view why;
  for (const auto& item : report.items) {
    ++counts[outcome_word(report, item)];
    if (why.empty() && !std::holds_alternative<Delivered>(item)) why = reason(item);
  }
  if (counts.size() == 1) return std::string(why.empty() ? reason(report.items.front()) : why);
  std::string out;
  for (const auto& [word, count] : counts)
    out += (out.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(word);
  return out + ": " + std::string(why);
}

}  // namespace

std::string_view outcome_word(const AttemptReport& report, const ItemVerdict& verdict) {
  if (report.unrenderable) return "unrenderable";
  if (report.misconfigured) return "error";
  if (report.unanswered) return "unknown";
  return outcome(verdict);
}

std::string_view outcome_word(const AttemptReport& report) {
  const auto word = outcome_word(report, report.items.front());
  const bool same = std::all_of(report.items.begin(), report.items.end(),
                                [&](const ItemVerdict& item) { return outcome_word(report, item) == word; });
  return same ? word : "partial";
}

std::vector<store::AuditRecord> audit_rows(const std::string& connector, bool streaming,
                                           const std::vector<Start::Item>& sent, const AttemptReport& report,
                                           const std::vector<store::Settle>& settled, WallTime at) {
  std::vector<store::AuditRecord> out;
  if (streaming) {
    auto record = row(connector, report, at);
    const auto [first, last] =
        std::minmax_element(sent.begin(), sent.end(), [](const auto& a, const auto& b) { return a.seq < b.seq; });
    record.first_seq = first->seq;
    record.last_seq = last->seq;
    record.count = static_cast<std::uint32_t>(sent.size());
    for (const auto& item : sent) record.attempt = std::max(record.attempt, item.attempts + 1);
    record.outcome = outcome_word(report);
    record.detail = detail(tally(report), report);
    out.push_back(std::move(record));
  } else {
    for (std::size_t i = 0; i < sent.size(); ++i) {
      auto record = row(connector, report, at);
      record.first_seq = record.last_seq = sent[i].seq;
      record.count = 1;
      record.attempt = sent[i].attempts + 1;
      record.outcome = outcome_word(report, report.items[i]);
      record.detail = detail(reason(report.items[i]), report);
      out.push_back(std::move(record));
    }
  }
  auto mailbox = mailbox_rows(connector, settled, at);
  std::move(mailbox.begin(), mailbox.end(), std::back_inserter(out));
  return out;
}

std::vector<store::AuditRecord> mailbox_rows(const std::string& connector, const std::vector<store::Settle>& settled,
                                             WallTime at) {
  std::vector<store::AuditRecord> out;
  for (const auto& item : settled) {
    const auto* mailbox = std::get_if<store::Settle::Mailbox>(&item.what);
    if (mailbox == nullptr) continue;
    store::AuditRecord record;
    record.at = at;
    record.actor = "gateway";
    record.action = "mailbox";
    record.connector = connector;
    record.first_seq = record.last_seq = item.seq;
    record.count = 1;
    record.outcome = mailbox->cause;
    record.detail = mailbox->reason;
    out.push_back(std::move(record));
  }
  return out;
}

}  // namespace wardex::deliver
