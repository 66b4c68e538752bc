#include "store/sqlite/fallback.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "store/sqlite/rows.hpp"

namespace wardex::store::sqlite {
namespace {

/// The routing table sent the event there as well, unmuted.
bool is_routed(Connection& database, Seq seq, const std::string& connector) {
  Query row = database.query(Sql::event_routes);
  if (!row.with(seq).step()) return false;
  const auto routes = nlohmann::json::parse(row.text(0), nullptr, false);
  return routes.is_array() && std::any_of(routes.begin(), routes.end(), [&](const nlohmann::json& route) {
           return route.is_object() && route.value("to", "") == connector && !route.contains("muted");
         });
}

bool is_fallback_already(Connection& database, const HandedOver& what) {
  Query row = database.query(Sql::is_fallback);
  return row.with(what.seq, what.fallback, what.connector).step();
}

}  // namespace

std::optional<Pending> hand_over(Ledger& ledger, const HandedOver& what) {
  Connection& database = ledger.database();
  const std::string now = to_iso(ledger.now());
  const bool routed = is_routed(database, what.seq, what.fallback);
  database.query(Sql::insert_fallback).run(what.seq, what.connector, what.fallback, routed ? 0 : 1, what.reason, now);
  if (database.changes() == 0) return std::nullopt;
  const bool has_it = routed || is_fallback_already(database, what);

  AuditRecord record;
  record.at = ledger.now();
  record.actor = "gateway";
  record.action = "fallback";
  record.connector = what.fallback;
  record.first_seq = record.last_seq = what.seq;
  record.count = 1;
  record.outcome = has_it ? "there_already" : "handed_over";
  record.detail = "stands in for " + what.connector + ": " + what.reason;
  ledger.append(std::move(record));
  if (has_it) return std::nullopt;

  database.query(Sql::insert_queued_delivery).run(what.fallback, what.seq, now);
  AccountDelta& account = ledger.delta().of(what.fallback);
  ++account.routed;
  ++account.pending;
  Query row = database.query(Sql::pending_one);
  if (!row.with(what.fallback, what.seq).step()) {
    throw Refused{{Fault::corrupt, "event " + std::to_string(what.seq) + " of a pending delivery is not in `events`"}};
  }
  return pending_delivery(row);
}

}  // namespace wardex::store::sqlite
