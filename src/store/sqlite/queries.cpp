#include "store/sqlite/queries.hpp"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "store/sqlite/rows.hpp"

namespace wardex::store::sqlite {
namespace {

constexpr std::size_t kMostRows = 10'000;   // of one answer, whatever the caller asks for
constexpr Seq kCaseScan = 200'000;          // newest events looked through for a case
constexpr Seq kFindScan = 1'000'000;        // events looked through for an id that the window has forgotten ...
constexpr Seq kFindPage = 50'000;           // ... so many at a time
constexpr std::size_t kTrailAudit = 1'000;  // newest audit rows of one event
constexpr std::int64_t kNoBound = std::numeric_limits<std::int64_t>::max();

std::int64_t bounded(std::size_t limit) { return static_cast<std::int64_t>(std::min(limit, kMostRows)); }

Seq newest(Connection& database) {
  Query row = database.query(Sql::newest_event);
  return row.step() ? static_cast<Seq>(row.integer(0)) : 0;
}

std::optional<StoredEvent> event_by_seq(Connection& database, Seq seq) {
  Query row = database.query(Sql::event_by_seq);
  if (!row.with(seq).step()) return std::nullopt;
  return stored_event(row);
}

std::optional<Link> link_for(Connection& database, const std::string& connector, const std::string& subject) {
  Query row = database.query(Sql::link_for);
  if (!row.with(connector, subject).step()) return std::nullopt;
  return Link{.external_ref = row.string(0), .url = row.string(1), .state = row.string(2)};
}

/// A delivery that is neither pending nor in the mailbox is over: delivered, unless the audit says otherwise.
DeliveryState state_of(Connection& database, Seq seq, std::string connector, bool muted,
                       const std::vector<AuditRow>& audit) {
  DeliveryState state;
  state.connector = std::move(connector);
  state.state = "muted";
  if (muted) return state;
  if (Query row = database.query(Sql::delivery_state); row.with(state.connector, seq).step()) {
    state.state = "pending";
    state.attempts = static_cast<std::uint32_t>(row.integer(0));
    state.next_attempt_at = optional_time(row.text(1));
    state.last_error = row.string(2);
    return state;
  }
  if (Query row = database.query(Sql::mailbox_of_event); row.with(seq, state.connector).step()) {
    state.state = "mailbox";
    state.attempts = static_cast<std::uint32_t>(row.integer(0));
    state.last_error = row.string(1);
    return state;
  }
  const auto happened = [&](std::string_view action) {
    return std::any_of(audit.begin(), audit.end(),
                       [&](const AuditRow& row) { return row.action == action && row.connector == state.connector; });
  };
  state.state = happened("discard") ? "discarded" : happened("coalesce") ? "coalesced" : "delivered";
  for (const AuditRow& row : audit) {
    if (row.connector == state.connector) state.attempts = std::max(state.attempts, row.attempt);
  }
  return state;
}

/// Who got the event in whose place: fallbacks are deliveries that no route names.
void add_fallbacks(Connection& database, Seq seq, EventTrail& trail) {
  struct Row {
    std::string connector;
    std::string fallback;
    bool stands_in;
  };
  std::vector<Row> rows;
  {
    Query row = database.query(Sql::fallbacks_of_event);
    row.with(seq);
    while (row.step()) rows.push_back({row.string(0), row.string(1), row.integer(2) != 0});
  }
  const auto delivery_of = [&trail](const std::string& connector) {
    return std::find_if(trail.deliveries.begin(), trail.deliveries.end(),
                        [&](const DeliveryState& state) { return state.connector == connector; });
  };
  for (const Row& row : rows) {
    if (!row.stands_in) continue;
    auto delivery = delivery_of(row.fallback);
    if (delivery == trail.deliveries.end()) delivery = trail.deliveries.insert(delivery, DeliveryState{});
    if (delivery->stands_in_for.empty()) {
      *delivery = state_of(database, seq, row.fallback, false, trail.audit);
      delivery->stands_in_for = row.connector;
    } else {
      delivery->stands_in_for += ", " + row.connector;
    }
  }
  for (const Row& row : rows)
    if (const auto failed = delivery_of(row.connector); failed != trail.deliveries.end())
      failed->fallback_to = row.fallback;
}

}  // namespace

std::optional<Seq> find_event(Connection& database, const std::string& id, const KnownIds::Place& place) {
  if (place.seq) return place.seq;
  Seq before = place.below != 0 ? place.below : newest(database) + 1;
  const Seq last = before > kFindScan ? before - kFindScan : 1;
  while (before > last) {
    const Seq from = before - last > kFindPage ? before - kFindPage : last;
    Query row = database.query(Sql::find_event);
    if (row.with(before, from, id).step()) return static_cast<Seq>(row.integer(0));
    before = from;
  }
  return std::nullopt;
}

std::vector<Pending> read_pending(Connection& database, const std::string& connector, Seq after, std::size_t limit) {
  std::vector<Pending> found;
  Query row = database.query(Sql::pending);
  row.with(connector, after, bounded(limit));
  while (row.step()) found.push_back(pending_delivery(row));
  return found;
}

std::vector<EventAndLink> read_events_for(Connection& database, const std::string& connector,
                                          const std::vector<Seq>& seqs) {
  const Snapshot snapshot(database);
  std::vector<EventAndLink> found;
  found.reserve(seqs.size());
  for (const Seq seq : seqs) {
    auto event = event_by_seq(database, seq);
    if (!event) throw Refused{{Fault::not_found, "event " + std::to_string(seq) + " is not in the store"}};
    auto link = link_for(database, connector, event->case_id.empty() ? event->id : event->case_id);
    found.emplace_back(std::move(*event), std::move(link));
  }
  return found;
}

std::vector<Control> read_controls(Connection& database) {
  std::vector<Control> found;
  Query row = database.query(Sql::list_controls);
  while (row.step()) found.push_back(control_row(row));
  return found;
}

std::vector<EventSummary> read_events(Connection& database, const EventFilter& filter, const KnownIds::Place& place) {
  const Snapshot snapshot(database);
  std::vector<EventSummary> found;
  if (!filter.id.empty()) {
    const auto seq = find_event(database, filter.id, place);
    if (!seq) return found;
    Query row = database.query(Sql::event_summary);
    if (row.with(*seq).step()) found.push_back(event_summary(row));
    return found;
  }
  const Seq before = filter.before != 0 ? filter.before : newest(database) + 1;
  const Seq from = !filter.case_id.empty() && before > kCaseScan ? before - kCaseScan : 0;
  Query row = database.query(Sql::list_events);
  row.with(before, from, filter.case_id, bounded(filter.limit));
  while (row.step()) found.push_back(event_summary(row));
  return found;
}

EventTrail read_trail(Connection& database, const std::string& event_id, const KnownIds::Place& place) {
  const Snapshot snapshot(database);
  const auto seq = find_event(database, event_id, place);
  auto event = seq ? event_by_seq(database, *seq) : std::nullopt;
  if (!event) throw Refused{{Fault::not_found, "no event with the id '" + event_id.substr(0, 200) + "'"}};
  EventTrail trail;
  trail.event = std::move(*event);
  trail.audit = read_audit(database, {.seq = *seq, .limit = kTrailAudit, .oldest_first = true});
  const auto routes = nlohmann::json::parse(trail.event.routes, nullptr, false);
  for (const auto& route : routes.is_array() ? routes : nlohmann::json::array()) {
    trail.deliveries.push_back(state_of(database, *seq, route.value("to", ""), route.contains("muted"), trail.audit));
  }
  add_fallbacks(database, *seq, trail);
  return trail;
}

std::vector<AuditRow> read_audit(Connection& database, const AuditFilter& filter) {
  std::vector<AuditRow> rows;
  const std::int64_t before = filter.before_id > 0 ? filter.before_id : kNoBound;
  const auto collect = [&rows](Query& row) {
    while (row.step()) rows.push_back(audit_row(row));
  };
  if (filter.seq) {
    // Always the newest of them, then turned: an event retried a thousand times is explained by its latest rows.
    Query row = database.query(Sql::audit_of_event);
    collect(row.with(filter.after_id, before, filter.connector, filter.action, bounded(filter.limit), *filter.seq));
    if (filter.oldest_first) std::reverse(rows.begin(), rows.end());
    return rows;
  }
  Query row = database.query(filter.oldest_first ? Sql::audit_oldest_first : Sql::audit_newest_first);
  collect(row.with(filter.after_id, before, filter.connector, filter.action, bounded(filter.limit)));
  return rows;
}

}  // namespace wardex::store::sqlite
