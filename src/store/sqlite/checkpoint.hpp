// Folds the WAL into the database, on the writer's connection and between its transactions: nobody else checkpoints.
#pragma once

#include <cstddef>

#include "store/sqlite/database.hpp"

namespace wardex::store::sqlite {

class Checkpointer {
 public:
  explicit Checkpointer(Connection& database);
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  /// After a commit: PASSIVE once some 4 MB are waiting, TRUNCATE when the file has grown beyond 64 MB (a long read had
  /// pinned it). Never waits for readers. Throws Failure on an I/O error.
  void after_commit();
  /// When nothing is going on: the WAL becomes empty, if no reader is in the way.
  void when_idle();
  [[nodiscard]] bool has_work() const { return frames_ > 0; }

 private:
  static int on_commit(void* self, sqlite3* handle, const char* name, int frames);
  void run(int mode);

  Connection& database_;
  int frames_ = 0;  ///< in the WAL
  int folded_ = 0;  ///< of those, already in the database
  int tried_ = 0;   ///< frames_ at the last truncation that a reader prevented
};

}  // namespace wardex::store::sqlite
