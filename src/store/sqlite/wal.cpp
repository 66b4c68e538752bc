#include "store/sqlite/wal.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include <sqlite3.h>

namespace wardex::store::sqlite {
namespace {

// SQLite's own files read and write less than 128 KiB at once.
constexpr sqlite3_int64 kChunk = 64 << 10;

/// A file opened by the VFS that SQLite will use for it, so that faults and simulations reach this code as well.
class File {
 public:
  File(sqlite3_vfs* vfs, const char* name) : name_(name), memory_(static_cast<std::size_t>(vfs->szOsFile)) {
    file_ = reinterpret_cast<sqlite3_file*>(memory_.data());
    check(vfs->xOpen(vfs, name, file_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_WAL, nullptr), "open");
  }
  ~File() {
    if (file_->pMethods != nullptr) file_->pMethods->xClose(file_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  [[nodiscard]] sqlite3_int64 size() {
    sqlite3_int64 bytes = 0;
    check(file_->pMethods->xFileSize(file_, &bytes), "size of");
    return bytes;
  }
  void rewrite(sqlite3_int64 at, std::vector<char>& chunk) {
    const int bytes = static_cast<int>(chunk.size());
    check(file_->pMethods->xRead(file_, chunk.data(), bytes, at), "read");
    check(file_->pMethods->xWrite(file_, chunk.data(), bytes, at), "write");
  }
  void sync() { check(file_->pMethods->xSync(file_, SQLITE_SYNC_FULL), "sync"); }

 private:
  void check(int code, std::string_view doing) const {
    if (code == SQLITE_OK) return;
    throw Failure(
        code, 0,
        std::string(doing) + " " + name_ + ": " + sqlite3_errstr(code) + " (SQLite " + std::to_string(code) + ")");
  }

  std::string name_;
  // The VFS puts its own structure there; vectors of char are aligned for any type.
  std::vector<char> memory_;
  sqlite3_file* file_ = nullptr;
};

}  // namespace

void renew_wal(const std::filesystem::path& database, const std::string& vfs_name) {
  sqlite3_vfs* vfs = sqlite3_vfs_find(vfs_name.empty() ? nullptr : vfs_name.c_str());
  if (vfs == nullptr) return;  // opening the database says so
  const std::string main = std::filesystem::absolute(database).string();
  const std::string wal = main + "-wal";
  int exists = 0;
  if (vfs->xAccess(vfs, wal.c_str(), SQLITE_ACCESS_EXISTS, &exists) != SQLITE_OK || exists == 0) return;

  // A VFS may look for parameters behind the name, so it gets one in SQLite's own form.
  const auto free_name = [](char* name) { sqlite3_free_filename(name); };
  const std::unique_ptr<char, decltype(free_name)> name(
      const_cast<char*>(sqlite3_create_filename(main.c_str(), "", wal.c_str(), 0, nullptr)), free_name);
  File file(vfs, sqlite3_filename_wal(name.get()));
  const sqlite3_int64 size = file.size();
  if (size == 0) return;
  std::vector<char> chunk;
  for (sqlite3_int64 at = 0; at < size; at += kChunk) {
    chunk.resize(static_cast<std::size_t>(std::min(kChunk, size - at)));
    file.rewrite(at, chunk);
  }
  file.sync();
}

void fold_wal(Connection& database) {
  // No waiting for readers: there are none of ours yet, and somebody's sqlite3 must not hold up the start.
  sqlite3_busy_timeout(database.handle(), 0);
  const int code = sqlite3_wal_checkpoint_v2(database.handle(), "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  const int extended = sqlite3_extended_errcode(database.handle());
  const int system = sqlite3_system_errno(database.handle());
  const std::string message = sqlite3_errmsg(database.handle());
  sqlite3_busy_timeout(database.handle(), 5000);
  if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY) return;
  Failure failure(extended, system, "checkpoint: " + message);
  if (judge(failure).error.fault == Fault::full) return;
  throw failure;
}

}  // namespace wardex::store::sqlite
