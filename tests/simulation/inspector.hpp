// Looks into the database from outside, as a person with sqlite3 would, at any moment and whatever is failing.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <sqlite3.h>

#include "audit/signing_key.hpp"
#include "simulation/events.hpp"
#include "simulation/memory_vfs.hpp"
#include "store/sqlite/database.hpp"

namespace wardex::simulation {

struct MailboxRow {
  std::int64_t id = 0;
  std::string connector;
  std::string cause;
  Number event = 0;
};

class Inspector {
 public:
  Inspector(MemoryVfs& disk, std::string file) : disk_(disk), file_(std::move(file)) {}

  /// Before the process ends: a connection that outlives it would keep its WAL.
  void close();
  /// Looks at the disk with new eyes (after a crash).
  void reopen();

  bool events_go = false;  ///< retention removes some

  /// I20 by SQL, per connector; what is wrong, or empty.
  std::string conservation();
  /// I14: integrity_check and foreign_key_check.
  std::string soundness();
  /// I16: the chain from its horizon on, and each checkpoint: by the key, of this chain, at this horizon.
  std::string audit_chain(const audit::PublicKey& key);

  std::set<std::string> event_ids();
  /// (connector, event) of all that waits.
  std::vector<std::pair<std::string, Number>> pending();
  std::vector<MailboxRow> mailbox(const std::string& connector = {});
  std::int64_t count(const std::string& sql);
  /// All rows, as text; `numbers` for the question marks.
  std::vector<std::vector<std::string>> rows(const std::string& sql, const std::vector<std::int64_t>& numbers = {});
  [[nodiscard]] const std::string& audit_head() const { return head_hash_; }

 private:
  using Statement = std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)>;
  store::sqlite::Connection& connection();
  sqlite3_stmt* statement(const std::string& sql);

  MemoryVfs& disk_;
  std::string file_;
  std::unique_ptr<store::sqlite::Connection> connection_;
  std::map<std::string, Statement> statements_;
  std::string head_hash_;
};

}  // namespace wardex::simulation
