#include "simulation/inspector.hpp"

#include <limits>

#include <sqlite3.h>

#include "audit/checkpoint.hpp"
#include "store/audit_chain.hpp"
#include "store/sqlite/rows.hpp"

namespace wardex::simulation {

using store::sqlite::Connection;
using store::sqlite::Sql;

Connection& Inspector::connection() {
  if (!connection_) {
    connection_ = std::make_unique<Connection>(file_, Connection::Mode::read_only, disk_.name());
    sqlite3_set_authorizer(connection_->handle(), nullptr, nullptr);
  }
  return *connection_;
}

void Inspector::close() {
  statements_.clear();
  connection_.reset();
}

void Inspector::reopen() {
  close();
  head_hash_.clear();
}

/// Prepared once for each connection: it is asked the same thousands of times.
sqlite3_stmt* Inspector::statement(const std::string& sql) {
  const auto known = statements_.find(sql);
  if (known != statements_.end()) return known->second.get();
  sqlite3_stmt* made = nullptr;
  if (sqlite3_prepare_v2(connection().handle(), sql.c_str(), -1, &made, nullptr) != SQLITE_OK)
    store::sqlite::fail(connection().handle(), SQLITE_ERROR, sql);
  return statements_.emplace(sql, Statement(made, sqlite3_finalize)).first->second.get();
}

std::vector<std::vector<std::string>> Inspector::rows(const std::string& sql,
                                                      const std::vector<std::int64_t>& numbers) {
  const MemoryVfs::Pause pause(disk_);
  std::vector<std::vector<std::string>> out;
  auto* const prepared = statement(sql);
  for (std::size_t i = 0; i < numbers.size(); ++i) sqlite3_bind_int64(prepared, static_cast<int>(i) + 1, numbers[i]);
  const int columns = sqlite3_column_count(prepared);
  int code = SQLITE_OK;
  while ((code = sqlite3_step(prepared)) == SQLITE_ROW) {
    auto& row = out.emplace_back();
    for (int i = 0; i < columns; ++i) {
      const auto* text = sqlite3_column_text(prepared, i);
      row.emplace_back(text == nullptr ? "" : reinterpret_cast<const char*>(text));
    }
  }
  sqlite3_reset(prepared);
  if (code != SQLITE_DONE) store::sqlite::fail(connection().handle(), code, sql);
  return out;
}

std::int64_t Inspector::count(const std::string& sql) { return std::stoll(rows(sql).at(0).at(0)); }

std::string Inspector::conservation() {
  std::string wrong;
  for (const auto& row : rows("WITH waiting AS (SELECT connector, count(*) AS n FROM deliveries GROUP BY connector), "
                              "letters AS (SELECT connector, count(*) AS n FROM mailbox GROUP BY connector) "
                              "SELECT a.connector, a.routed, a.delivered, a.muted, a.coalesced, a.discarded, "
                              "coalesce(w.n, 0), coalesce(l.n, 0) FROM accounts a "
                              "LEFT JOIN waiting w ON w.connector = a.connector "
                              "LEFT JOIN letters l ON l.connector = a.connector "
                              "WHERE a.routed <> a.delivered + a.muted + a.coalesced + a.discarded + "
                              "coalesce(w.n, 0) + coalesce(l.n, 0)"))
    wrong += "I20: " + row[0] + ": routed " + row[1] + ", delivered " + row[2] + ", muted " + row[3] + ", coalesced " +
             row[4] + ", discarded " + row[5] + ", waiting " + row[6] + ", in the mailbox " + row[7] + "; ";
  const auto strays = count(
      "SELECT count(*) FROM (SELECT connector FROM deliveries UNION SELECT connector FROM mailbox) AS r "
      "WHERE r.connector NOT IN (SELECT connector FROM accounts)");
  if (strays != 0) wrong += "I20: deliveries of connectors without an account; ";
  if (count("SELECT count(*) FROM (SELECT seq FROM deliveries UNION SELECT seq FROM mailbox) AS r "
            "WHERE r.seq NOT IN (SELECT seq FROM events)") != 0)
    wrong += "I20: the event of something pending or undecided is gone; ";
  const auto totals = rows("SELECT events, next_seq FROM totals").at(0);
  const auto found = rows("SELECT count(*), coalesce(max(seq), 0) FROM events").at(0);
  if ((events_go ? std::stoll(totals[0]) < std::stoll(found[0]) : totals[0] != found[0]) ||
      std::stoll(found[1]) >= std::stoll(totals[1]))
    wrong += "I20: totals say " + totals[0] + " events, there are " + found[0];
  return wrong;
}

std::string Inspector::soundness() {
  std::string wrong;
  for (const auto& row : rows("PRAGMA integrity_check"))
    if (row[0] != "ok") wrong += "I14: " + row[0] + "; ";
  for (const auto& row : rows("PRAGMA foreign_key_check")) wrong += "I14: broken reference in " + row[0] + "; ";
  return wrong;
}

std::string Inspector::audit_chain(const audit::PublicKey& key) {
  const MemoryVfs::Pause pause(disk_);
  const auto horizon = rows("SELECT audit_id, hash, at FROM audit_horizon").at(0);
  const auto pruned = std::stoll(horizon[0]);
  std::map<std::int64_t, std::string> hashes{{pruned, horizon[1]}};
  head_hash_ = horizon[1];
  auto row = connection().query(Sql::audit_oldest_first);
  row.with(pruned, std::numeric_limits<std::int64_t>::max(), "", "", 1'000'000);
  while (row.step()) {
    const auto next = store::sqlite::audit_row(row);
    if (next.id != hashes.rbegin()->first + 1)
      return "I16: audit row " + std::to_string(hashes.rbegin()->first + 1) + " is missing";
    if (next.prev_hash != head_hash_ || next.hash != store::chain_hash(next))
      return "I16: audit row " + std::to_string(next.id) + " does not hold";
    hashes[next.id] = head_hash_ = next.hash;
  }
  std::int64_t stated = 0;
  for (const auto& made : rows("SELECT audit_id, hash, note FROM checkpoints ORDER BY audit_id")) {
    const auto id = std::stoll(made[0]);
    const auto parsed = audit::parse_checkpoint(made[2]);
    const auto* checkpoint = std::get_if<audit::Checkpoint>(&parsed);
    if (checkpoint == nullptr) return "I16: the checkpoint of row " + made[0] + " cannot be read";
    const auto& head = checkpoint->head;
    if (audit::check_note(checkpoint->note, audit::signer_name(head.instance), {{key, {}}}).check !=
        audit::NoteCheck::good)
      return "I16: the checkpoint of row " + made[0] + " is not by the key";
    if (id <= pruned) return "I16: the checkpoint of row " + made[0] + " speaks of a row that is gone";
    if (head.row != id || head.hash != made[1] || !hashes.contains(id) || hashes.at(id) != head.hash)
      return "I16: the checkpoint of row " + made[0] + " is not of this chain";
    stated = std::max(stated, head.pruned.row);
  }
  if (stated != pruned) return "I16: rows up to " + horizon[0] + " are gone, and signed is " + std::to_string(stated);
  return {};
}

std::set<std::string> Inspector::event_ids() {
  std::set<std::string> out;
  for (auto& row : rows("SELECT id FROM events")) out.insert(std::move(row[0]));
  return out;
}

std::vector<std::pair<std::string, Number>> Inspector::pending() {
  std::vector<std::pair<std::string, Number>> out;
  for (const auto& row : rows("SELECT d.connector, e.body FROM deliveries d JOIN events e ON e.seq = d.seq"))
    out.emplace_back(row[0], markers_in(row[1]).at(0));
  return out;
}

std::vector<MailboxRow> Inspector::mailbox(const std::string& connector) {
  std::vector<MailboxRow> out;
  for (const auto& row :
       rows("SELECT m.id, m.connector, m.cause, e.body FROM mailbox m JOIN events e ON e.seq = m.seq ORDER BY m.id"))
    if (connector.empty() || row[1] == connector)
      out.push_back({std::stoll(row[0]), row[1], row[2], markers_in(row[3]).at(0)});
  return out;
}

}  // namespace wardex::simulation
