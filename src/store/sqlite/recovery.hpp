// What a start still has to find out while lanes already work: the known ids, the rows really there, and after an
// unclean stop whether the file is sound. Reads the database as it was at opening, from a snapshot taken before the
// first write.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include "store/sqlite/accounts.hpp"
#include "store/sqlite/database.hpp"
#include "store/sqlite/window.hpp"

namespace wardex::store::sqlite {

struct RecoveryPlan {
  bool check = false;  ///< run quick_check
  std::size_t max_ids = 0;
  WallTime oldest_id{};  ///< ids accepted before this need not be known
};

/// quick_check of the whole file; what is wrong, or nullopt.
std::optional<Error> check_file(Connection& database);

class Recovery {
 public:
  using Recovered = std::function<void(Window, RowCounts)>;
  using Failed = std::function<void(Error)>;

  /// Takes the snapshot; the thread starts with start(), which calls exactly one of the two.
  Recovery(std::unique_ptr<Connection> database, RecoveryPlan plan);
  ~Recovery();
  Recovery(const Recovery&) = delete;
  Recovery& operator=(const Recovery&) = delete;

  void start(Recovered recovered, Failed failed);
  /// Gives up and joins; after that neither is called any more.
  void stop();

 private:
  Window read_ids();
  RowCounts count_rows();

  std::unique_ptr<Connection> database_;
  Snapshot snapshot_;
  RecoveryPlan plan_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace wardex::store::sqlite
