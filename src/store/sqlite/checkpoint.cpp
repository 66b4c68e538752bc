#include "store/sqlite/checkpoint.hpp"

#include <sqlite3.h>

namespace wardex::store::sqlite {
namespace {
constexpr int kPassiveFrames = 1024;        // 4 MB of 4 KiB pages: tens of milliseconds
constexpr int kTruncateFrames = 16 * 1024;  // 64 MB
}  // namespace

Checkpointer::Checkpointer(Connection& database) : database_(database) {
  // The hook also takes the place of SQLite's automatic checkpoint.
  sqlite3_wal_hook(database_.handle(), &Checkpointer::on_commit, this);
}

int Checkpointer::on_commit(void* self, sqlite3*, const char*, int frames) {
  auto& checkpointer = *static_cast<Checkpointer*>(self);
  if (frames < checkpointer.frames_) checkpointer.folded_ = checkpointer.tried_ = 0;  // the WAL started over
  checkpointer.frames_ = frames;
  return SQLITE_OK;
}

void Checkpointer::after_commit() {
  if (frames_ > kTruncateFrames && frames_ - tried_ >= kPassiveFrames) {
    run(SQLITE_CHECKPOINT_TRUNCATE);
    tried_ = frames_;
  } else if (frames_ - folded_ >= kPassiveFrames) {
    run(SQLITE_CHECKPOINT_PASSIVE);
  }
}

void Checkpointer::when_idle() {
  if (frames_ > 0) run(SQLITE_CHECKPOINT_TRUNCATE);
}

void Checkpointer::run(int mode) {
  int frames = -1;
  int folded = -1;
  // The busy handler would hold up the writer for as long as a reader reads.
  sqlite3_busy_timeout(database_.handle(), 0);
  const int code = sqlite3_wal_checkpoint_v2(database_.handle(), "main", mode, &frames, &folded);
  const int extended = sqlite3_extended_errcode(database_.handle());
  const int system = sqlite3_system_errno(database_.handle());
  const std::string message = sqlite3_errmsg(database_.handle());
  sqlite3_busy_timeout(database_.handle(), 5000);
  if (frames >= 0) {
    frames_ = frames;
    folded_ = folded;
  }
  // Busy: a reader is in the way, later then. Full: nothing is lost, the WAL still holds it.
  if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_FULL) return;
  throw Failure(extended, system, "checkpoint: " + message);
}

}  // namespace wardex::store::sqlite
