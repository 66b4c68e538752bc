// The writer: the one place that writes. Takes everything waiting, commits it as one transaction, then hands all
// completions over in one post; checkpoints and backs up in between.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "store/sqlite/backup_job.hpp"
#include "store/sqlite/checkpoint.hpp"
#include "store/sqlite/health.hpp"
#include "store/sqlite/open.hpp"
#include "store/sqlite/spare_space.hpp"
#include "store/sqlite/verbs.hpp"

namespace wardex::store::sqlite {

class Writer {
 public:
  /// Loads the books; the work starts with start().
  Writer(std::unique_ptr<Connection> database, KnownIds& known, Accounts& accounts, Health& health,
         const Options& options);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void start();
  void submit(std::unique_ptr<Operation> operation);
  void backup(std::filesystem::path target, Done<Ok> done);
  /// The known ids and row counts as of opening: from here on events can be accepted.
  void recovered(Window window, RowCounts rows);
  /// They will never come, e.g. because the file is damaged: nothing can be accepted until a restart.
  void recovery_failed(const Error& error);
  /// Finishes what is queued, folds the WAL in, marks the shutdown as clean.
  void close();

 private:
  using Operations = std::vector<std::unique_ptr<Operation>>;
  struct Recovered {
    Window window;
    RowCounts rows;
  };

  std::optional<MonoTime> step();
  /// When the next step is due if nothing comes in meanwhile.
  [[nodiscard]] MonoTime rest();
  void checkpoint_if_idle();
  [[nodiscard]] bool deferral_is_over() const;
  Operations take();
  void cycle(Operations operations);
  /// Applies one; its own error, if it has one. Throws Failure when the transaction cannot go on.
  std::optional<Error> apply(Operation& operation);
  void refuse(Operations operations, const Error& error);
  void post(Operations operations, std::vector<std::optional<Error>> errors);
  void adopt(Recovered recovered);
  void guard(const std::function<void()>& work);
  void lasting_fault(const Error& error);
  bool announce_if_new(const Error& error);
  void announce(std::optional<Error> fault);
  /// On a full disk only what makes room is still tried; the rest is refused here.
  Operations freeing(Operations operations, const Error& fault);
  void probe_space_if_due();
  void shut_down();

  const Options options_;
  KnownIds& known_;
  Accounts& accounts_;
  Health& health_;
  std::unique_ptr<Connection> database_;
  Ledger ledger_;
  Checkpointer checkpointer_;
  SpareSpace spare_;
  BackupJob backup_;

  std::mutex mutex_;
  std::deque<std::unique_ptr<Operation>> queue_;
  std::optional<Recovered> recovered_;
  bool closing_ = false;

  // The steps' own.
  std::deque<std::unique_ptr<Operation>> deferred_;  ///< accepts that came before the known ids
  MonoTime next_probe_{};
  MonoTime idle_at_{};  ///< nothing to do until then: the WAL is folded in
  std::unique_ptr<Worker> worker_;
};

}  // namespace wardex::store::sqlite
