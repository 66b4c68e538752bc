// What a start still has to find out while lanes already work: the known ids, the rows really there, and after an
// unclean stop whether the file is sound. Reads the database as it was at opening, from a snapshot taken before the
// first write.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

#include "store/sqlite/accounts.hpp"
#include "store/sqlite/database.hpp"
#include "store/sqlite/window.hpp"
#include "store/sqlite/worker.hpp"

namespace wardex::store::sqlite {

struct RecoveryPlan {
  bool check = false;  ///< run quick_check
  std::size_t max_ids = 0;
  WallTime oldest_id{};  ///< ids accepted before this need not be known
};

/// quick_check of the whole file; what is wrong, or nullopt. Throws Failure when it cannot be read.
std::optional<Error> check_file(Connection& database);

class Recovery {
 public:
  using Recovered = std::function<void(Window, RowCounts)>;
  using Failed = std::function<void(Error)>;

  /// Takes the snapshot; the work starts with start(), which calls exactly one of the two.
  Recovery(std::unique_ptr<Connection> database, RecoveryPlan plan);
  ~Recovery();
  Recovery(const Recovery&) = delete;
  Recovery& operator=(const Recovery&) = delete;

  void start(Workers& workers, Recovered recovered, Failed failed);
  /// Gives up; after that neither is called any more.
  void stop();

 private:
  enum class Stage { rows, file, ids };

  std::optional<MonoTime> step();
  /// True: all is done.
  bool work();
  void count_rows();
  /// A page; true: it was the last.
  bool read_ids();

  std::unique_ptr<Connection> database_;
  Snapshot snapshot_;
  RecoveryPlan plan_;
  Recovered recovered_;
  Failed failed_;
  std::atomic<bool> stopping_{false};

  // The steps' own.
  Stage stage_ = Stage::rows;
  RowCounts rows_;
  Window window_;
  std::optional<Seq> from_;  ///< the next id to read
  std::unique_ptr<Worker> worker_;
};

}  // namespace wardex::store::sqlite
