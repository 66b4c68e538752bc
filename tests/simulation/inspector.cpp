#include "simulation/inspector.hpp"

#include <limits>

#include <sqlite3.h>

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

void Inspector::reopen() {
  connection_.reset();
  head_id_ = 0;
  head_hash_.clear();
}

std::vector<std::vector<std::string>> Inspector::rows(const std::string& sql, std::size_t columns) {
  const MemoryVfs::Pause pause(disk_);
  std::vector<std::vector<std::string>> out;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(connection().handle(), sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
    store::sqlite::fail(connection().handle(), SQLITE_ERROR, sql);
  const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> finalize(statement, sqlite3_finalize);
  int code = SQLITE_OK;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    auto& row = out.emplace_back();
    for (std::size_t i = 0; i < columns; ++i) {
      const auto* text = sqlite3_column_text(statement, static_cast<int>(i));
      row.emplace_back(text == nullptr ? "" : reinterpret_cast<const char*>(text));
    }
  }
  if (code != SQLITE_DONE) store::sqlite::fail(connection().handle(), code, sql);
  return out;
}

std::int64_t Inspector::count(const std::string& sql) { return std::stoll(rows(sql, 1).at(0).at(0)); }

std::string Inspector::conservation() {
  std::string wrong;
  for (const auto& row : rows("WITH waiting AS (SELECT connector, count(*) AS n FROM deliveries GROUP BY connector), "
                              "letters AS (SELECT connector, count(*) AS n FROM mailbox GROUP BY connector) "
                              "SELECT a.connector, a.routed, a.delivered, a.muted, a.coalesced, a.discarded, "
                              "coalesce(w.n, 0), coalesce(l.n, 0) FROM accounts a "
                              "LEFT JOIN waiting w ON w.connector = a.connector "
                              "LEFT JOIN letters l ON l.connector = a.connector "
                              "WHERE a.routed <> a.delivered + a.muted + a.coalesced + a.discarded + "
                              "coalesce(w.n, 0) + coalesce(l.n, 0)",
                              8))
    wrong += "I20: " + row[0] + ": routed " + row[1] + ", delivered " + row[2] + ", muted " + row[3] + ", coalesced " +
             row[4] + ", discarded " + row[5] + ", waiting " + row[6] + ", in the mailbox " + row[7] + "; ";
  const auto strays = count(
      "SELECT count(*) FROM (SELECT connector FROM deliveries UNION SELECT connector FROM mailbox) AS r "
      "WHERE r.connector NOT IN (SELECT connector FROM accounts)");
  if (strays != 0) wrong += "I20: deliveries of connectors without an account; ";
  const auto totals = rows("SELECT events, next_seq FROM totals", 2).at(0);
  const auto found = rows("SELECT count(*), coalesce(max(seq), 0) FROM events", 2).at(0);
  if (totals[0] != found[0] || std::stoll(found[1]) >= std::stoll(totals[1]))
    wrong += "I20: totals say " + totals[0] + " events, there are " + found[0];
  return wrong;
}

std::string Inspector::soundness() {
  std::string wrong;
  for (const auto& row : rows("PRAGMA integrity_check", 1))
    if (row[0] != "ok") wrong += "I14: " + row[0] + "; ";
  for (const auto& row : rows("PRAGMA foreign_key_check", 3)) wrong += "I14: broken reference in " + row[0] + "; ";
  return wrong;
}

std::string Inspector::audit_chain(bool from_the_beginning) {
  const MemoryVfs::Pause pause(disk_);
  if (from_the_beginning) head_id_ = 0;
  if (head_id_ == 0) head_hash_ = store::kGenesisHash;
  auto row = connection().query(Sql::audit_oldest_first);
  row.with(head_id_, std::numeric_limits<std::int64_t>::max(), "", "", 1'000'000);
  while (row.step()) {
    const auto next = store::sqlite::audit_row(row);
    if (next.id != head_id_ + 1) return "I16: audit row " + std::to_string(head_id_ + 1) + " is missing";
    if (next.prev_hash != head_hash_ || next.hash != store::chain_hash(next))
      return "I16: audit row " + std::to_string(next.id) + " does not hold";
    head_id_ = next.id;
    head_hash_ = next.hash;
  }
  return {};
}

std::set<std::string> Inspector::event_ids() {
  std::set<std::string> out;
  for (auto& row : rows("SELECT id FROM events", 1)) out.insert(std::move(row[0]));
  return out;
}

std::vector<std::pair<std::string, Number>> Inspector::pending() {
  std::vector<std::pair<std::string, Number>> out;
  for (const auto& row : rows("SELECT d.connector, e.body FROM deliveries d JOIN events e ON e.seq = d.seq", 2))
    out.emplace_back(row[0], markers_in(row[1]).at(0));
  return out;
}

std::vector<MailboxRow> Inspector::mailbox(const std::string& connector) {
  std::vector<MailboxRow> out;
  for (const auto& row :
       rows("SELECT m.id, m.connector, m.cause, e.body FROM mailbox m JOIN events e ON e.seq = m.seq ORDER BY m.id", 4))
    if (connector.empty() || row[1] == connector)
      out.push_back({std::stoll(row[0]), row[1], row[2], markers_in(row[3]).at(0)});
  return out;
}

}  // namespace wardex::simulation
