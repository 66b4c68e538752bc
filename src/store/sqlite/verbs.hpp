// The write verbs as operations for the writer's queue.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/sqlite/ledger.hpp"

namespace wardex::store::sqlite {

/// One write verb: applied on the writer's thread inside its transaction, finished on the executor after the commit.
class Operation {
 public:
  Operation() = default;
  virtual ~Operation() = default;
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  /// Throws Refused (only this operation fails) or Failure.
  virtual void apply(Ledger& ledger) = 0;
  /// `error`: the operation did not happen.
  virtual void finish(const Error* error) = 0;
  /// Rows it will write, roughly: what bounds a transaction.
  [[nodiscard]] virtual std::size_t weight() const { return 1; }
  /// Must wait until the known ids are rebuilt after a start.
  [[nodiscard]] virtual bool needs_known_ids() const { return false; }
  /// Makes room: is tried even while the disk is full.
  [[nodiscard]] virtual bool frees_space() const { return false; }
};

std::unique_ptr<Operation> accept(std::vector<NewEvent> events, AuditRecord audit, Done<Accepted> done);
std::unique_ptr<Operation> settle(std::string connector, std::vector<Settle> settled, std::vector<AuditRecord> audit,
                                  Done<Settled> done);
std::unique_ptr<Operation> control(Control control, Done<Control> done);
std::unique_ptr<Operation> resume(std::string connector, std::string actor, std::string reason, WallTime at,
                                  Done<Ok> done);
std::unique_ptr<Operation> append_audit(AuditRecord audit, Done<Ok> done);
std::unique_ptr<Operation> replay(std::vector<std::int64_t> ids, std::string actor, WallTime at,
                                  Done<std::vector<std::pair<std::string, Pending>>> done);
std::unique_ptr<Operation> discard(std::vector<std::int64_t> ids, std::string actor, std::string reason, WallTime at,
                                   Done<std::size_t> done);
std::unique_ptr<Operation> checkpoint(Sign sign, Done<Checkpoint> done);
std::unique_ptr<Operation> prune(Prune what, Sign sign, Done<PruneStep> done);
std::unique_ptr<Operation> report_pruned(Done<Ok> done);
std::unique_ptr<Operation> release_space(std::size_t pages, Done<Ok> done);

/// An operation with a result.
template <class T>
class Verb : public Operation {
 public:
  explicit Verb(Done<T> done) : done_(std::move(done)) {}
  void apply(Ledger& ledger) final { result_ = work(ledger); }
  void finish(const Error* error) final {
    if (!done_) return;
    if (error != nullptr) {
      done_(*error);
    } else {
      done_(std::move(*result_));
    }
  }

 protected:
  virtual T work(Ledger& ledger) = 0;

 private:
  Done<T> done_;
  std::optional<T> result_;
};

}  // namespace wardex::store::sqlite
