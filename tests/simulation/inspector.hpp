// Looks into the database from outside, as a person with sqlite3 would, at any moment and whatever is failing.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

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
  void close() { connection_.reset(); }
  /// Looks at the disk with new eyes (after a crash).
  void reopen();

  /// I20 by SQL, per connector; what is wrong, or empty.
  std::string conservation();
  /// I14: integrity_check and foreign_key_check.
  std::string soundness();
  /// I16: the chain from where it was verified last, or from its beginning.
  std::string audit_chain(bool from_the_beginning);

  std::set<std::string> event_ids();
  /// (connector, event) of all that waits.
  std::vector<std::pair<std::string, Number>> pending();
  std::vector<MailboxRow> mailbox(const std::string& connector = {});
  std::int64_t count(const std::string& sql);
  /// All rows, as text.
  std::vector<std::vector<std::string>> rows(const std::string& sql, std::size_t columns);
  [[nodiscard]] const std::string& audit_head() const { return head_hash_; }

 private:
  store::sqlite::Connection& connection();

  MemoryVfs& disk_;
  std::string file_;
  std::unique_ptr<store::sqlite::Connection> connection_;
  std::int64_t head_id_ = 0;
  std::string head_hash_;
};

}  // namespace wardex::simulation
