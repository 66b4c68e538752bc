#include "store/sqlite/rows.hpp"

#include <algorithm>
#include <limits>

namespace wardex::store::sqlite {

std::optional<WallTime> optional_time(std::string_view iso) { return iso.empty() ? std::nullopt : from_iso(iso); }

StoredEvent stored_event(const Query& row) {
  return {.seq = static_cast<Seq>(row.integer(0)),
          .id = row.string(1),
          .case_id = row.string(2),
          .origin = row.string(3),
          .routes = row.string(4),
          .received_at = optional_time(row.text(5)).value_or(WallTime{}),
          .body = row.string(6)};
}

EventSummary event_summary(const Query& row) {
  return {.seq = static_cast<Seq>(row.integer(0)),
          .id = row.string(1),
          .kind = row.string(2),
          .severity = row.string(3),
          .case_id = row.string(4),
          .tenant = row.string(5),
          .routes = row.string(6),
          .received_at = optional_time(row.text(7)).value_or(WallTime{})};
}

Pending pending_delivery(const Query& row) {
  return {.seq = static_cast<Seq>(row.integer(0)),
          .subject = row.string(1),
          .kind = parse_kind(row.text(7)).value_or(Kind::alert),
          .severity = parse_severity(row.text(2)).value_or(Severity::info),
          .attempts = static_cast<std::uint32_t>(row.integer(3)),
          .next_attempt_at = optional_time(row.text(4)),
          .received_at = optional_time(row.text(5)).value_or(WallTime{}),
          .queued_at = optional_time(row.text(8)),
          .last_unknown = row.text(6) == "unknown",
          .deaths = static_cast<std::uint32_t>(row.integer(9)),
          .fallback_to = row.string(10),
          .stands_in_for = row.string(11)};
}

MailboxEntry mailbox_entry(const Query& row) {
  return {.id = row.integer(0),
          .connector = row.string(1),
          .seq = static_cast<Seq>(row.integer(2)),
          .event_id = row.string(3),
          .case_id = row.string(4),
          .severity = row.string(5),
          .cause = row.string(6),
          .reason = row.string(7),
          .fingerprint = row.string(8),
          .attempts = static_cast<std::uint32_t>(row.integer(9)),
          .at = optional_time(row.text(10)).value_or(WallTime{})};
}

Control control_row(const Query& row) {
  return {.connector = row.string(0),
          .mode = row.text(1) == "drain" ? Control::Mode::drain : Control::Mode::hold,
          .upto = static_cast<Seq>(row.integer(2)),
          .actor = row.string(3),
          .reason = row.string(4),
          .at = optional_time(row.text(5)).value_or(WallTime{}),
          .until = optional_time(row.text(6))};
}

AuditRow audit_row(const Query& row) {
  const auto broken = [](std::string_view column, std::string_view why) {
    return Refused{{Fault::corrupt, "column `" + std::string(column) + "` " + std::string(why)}};
  };
  // STRICT tables guarantee types and ranges only as long as nobody edits the schema of a copy, and a value that is
  // converted on reading could hide a change from the hash.
  const auto text = [&](int index, std::string_view column) {
    if (!row.is_text(index)) throw broken(column, "is not text");
    return row.string(index);
  };
  const auto number = [&](int index, std::string_view column, std::int64_t most) {
    if (!row.is_integer(index)) throw broken(column, "is not a number");
    const std::int64_t value = row.integer(index);
    if (value < 0 || value > most) throw broken(column, "is out of range");
    return value;
  };
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kMostStatus = std::numeric_limits<int>::max();
  constexpr std::int64_t kMostCount = std::numeric_limits<std::uint32_t>::max();

  AuditRow result;
  result.id = number(0, "id", kMost);
  const std::string at = text(1, "at");
  const auto time = from_iso(at);
  // The hash is over the stored text: one that only means the same time is a change.
  if (!time || to_iso(*time) != at) throw broken("at", "is not a time as the gateway writes it");
  result.at = *time;
  result.actor = text(2, "actor");
  result.action = text(3, "action");
  result.connector = text(4, "connector");
  if (!row.is_null(5)) result.first_seq = static_cast<Seq>(number(5, "first_seq", kMost));
  if (!row.is_null(6)) result.last_seq = static_cast<Seq>(number(6, "last_seq", kMost));
  result.count = static_cast<std::uint32_t>(number(7, "count", kMostCount));
  result.attempt = static_cast<std::uint32_t>(number(8, "attempt", kMostCount));
  result.outcome = text(9, "outcome");
  if (!row.is_null(10)) result.status_code = static_cast<int>(number(10, "status_code", kMostStatus));
  if (!row.is_null(11)) result.latency_ms = number(11, "latency_ms", kMost);
  result.request_digest = text(12, "request_digest");
  result.detail = text(13, "detail");
  result.prev_hash = text(14, "prev_hash");
  result.hash = text(15, "hash");
  return result;
}

}  // namespace wardex::store::sqlite
