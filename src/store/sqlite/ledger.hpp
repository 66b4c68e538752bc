// What a write verb works on inside the writer's transaction, and how its in-memory half follows the fate of the
// transaction: each verb under a savepoint of its own, all of them under one commit.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/audit_chain.hpp"
#include "store/sqlite/accounts.hpp"
#include "store/sqlite/database.hpp"
#include "store/sqlite/window.hpp"

namespace wardex::store::sqlite {

struct AuditHead {
  std::int64_t id = 0;
  std::string hash{kGenesisHash};
  WallTime at{};
};

class Ledger {
 public:
  Ledger(Connection& database, KnownIds& known, Accounts& accounts, std::function<WallTime()> now);

  // --- for verbs, inside the transaction ---------------------------------------------------------------------------
  [[nodiscard]] Connection& database() { return database_; }
  [[nodiscard]] WallTime now() const { return now_(); }
  /// The newest event there is, 0 before the first.
  [[nodiscard]] Seq newest_seq() const { return state_.next_seq - 1; }
  /// Whether anything waits for this connector, as of this verb.
  [[nodiscard]] bool has_pending(std::string_view connector) const;
  /// A seq for each id that is not known, committed or in this very transaction, in their order. Whoever takes them
  /// stores those events.
  [[nodiscard]] std::vector<std::optional<Seq>> take_seqs(const std::vector<NewId>& ids);
  /// What the verb does to the books.
  Delta& delta() { return verb_delta_; }
  /// Events younger than this must stay: a start rebuilds the window of known ids from them.
  [[nodiscard]] WallTime known_since() const { return now_() - known_.keep(); }
  /// The head of the audit chain as of this verb, and what is gone before it.
  [[nodiscard]] ChainHead chain_head() const;
  void set_horizon(Horizon horizon);
  /// A checkpoint made for its time.
  void mark_checkpoint(const ChainHead& head) { state_.checkpoint = {head.row, head.at}; }
  /// Chains and inserts the record; one that spans more than 65536 events becomes several rows.
  void append(AuditRecord record);

  // --- for the writer's cycle ----------------------------------------------------------------------------------------
  void load();
  void begin();
  void begin_verb();
  void keep_verb();
  void undo_verb();
  /// Writes the books and commits. Throws Failure; the caller then calls undo().
  void commit();
  void undo();
  /// Of the database as of the last commit: its audit trail, its pages.
  [[nodiscard]] Store::Gauges gauges() const;

 private:
  struct CheckpointMark {
    std::int64_t id = 0;
    WallTime at{};
  };
  struct State {
    AuditHead head;
    Horizon horizon;
    CheckpointMark checkpoint;
    Seq next_seq = 1;
    std::size_t remembered = 0;  ///< ids pushed since begin()
  };
  void append_one(const AuditRecord& record);
  void write_books();
  void load_audit();
  void count_pages();

  Connection& database_;
  KnownIds& known_;
  Accounts& accounts_;
  std::function<WallTime()> now_;
  std::string instance_;
  std::uint64_t page_size_ = 0;
  std::uint64_t pages_ = 0;
  std::uint64_t free_pages_ = 0;
  State state_;
  State before_verb_;
  State committed_;
  Delta verb_delta_;
  Delta cycle_delta_;
};

/// A record that spans too many events, cut up; the count is spread from the front.
std::vector<AuditRecord> split(AuditRecord record);

}  // namespace wardex::store::sqlite
