#include "store/sqlite/gathered_writes.hpp"

#include <cstddef>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <utility>

#include <sqlite3.h>

namespace wardex::store::sqlite {
namespace {

/// At most so much is kept back, a file. SQLite's own files write less than 128 KiB at once.
constexpr std::size_t kCapacity = 120 << 10;

/// A file of the VFS behind, and the run of bytes kept back from it.
class File {
 public:
  explicit File(const sqlite3_vfs& behind)
      : memory_(std::make_unique<std::max_align_t[]>(
            static_cast<std::size_t>(behind.szOsFile) / sizeof(std::max_align_t) + 1)),
        behind_(reinterpret_cast<sqlite3_file*>(memory_.get())) {}
  ~File() {
    if (behind_->pMethods != nullptr) behind_->pMethods->xClose(behind_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  int open(sqlite3_vfs& vfs, const char* name, int flags, int* out_flags) {
    gathers_ = (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) != 0;
    return vfs.xOpen(&vfs, name, behind_, flags, out_flags);
  }
  [[nodiscard]] sqlite3_file* behind() const { return behind_; }
  [[nodiscard]] const sqlite3_io_methods& methods() const { return *behind_->pMethods; }

  int write(const void* bytes, int count, sqlite3_int64 at) {
    const auto size = static_cast<std::size_t>(count);
    if (size_ > 0 && (at != at_ + static_cast<sqlite3_int64>(size_) || size_ + size > kCapacity)) {
      if (const int code = hand_over(); code != SQLITE_OK) return code;
    }
    if (gathers_ && kept_ == nullptr) kept_.reset(new (std::nothrow) char[kCapacity]);
    if (kept_ == nullptr || size > kCapacity) return methods().xWrite(behind_, bytes, count, at);
    if (size_ == 0) at_ = at;
    std::memcpy(kept_.get() + size_, bytes, size);
    size_ += size;
    return SQLITE_OK;
  }
  /// Whatever becomes of it, nothing is kept back afterwards: SQLite undoes what it does not get through.
  int hand_over() {
    if (size_ == 0) return SQLITE_OK;
    return methods().xWrite(behind_, kept_.get(), static_cast<int>(std::exchange(size_, 0)), at_);
  }

 private:
  const std::unique_ptr<std::max_align_t[]> memory_;
  sqlite3_file* const behind_;
  bool gathers_ = false;
  std::unique_ptr<char[]> kept_;
  std::size_t size_ = 0;
  sqlite3_int64 at_ = 0;
};

/// What SQLite holds of a file: it makes room for as much as the VFS says and puts nothing else there.
struct Handle {
  sqlite3_file head;
  File* file;
};
File& file_of(sqlite3_file* handle) { return *reinterpret_cast<Handle*>(handle)->file; }

/// The call goes on to the file behind, after what was kept back.
template <class Call>
int after_handing_over(sqlite3_file* handle, Call call) {
  File& file = file_of(handle);
  const int code = file.hand_over();
  return code != SQLITE_OK ? code : call(file.methods(), file.behind());
}

sqlite3_io_methods make_methods() {
  sqlite3_io_methods m{};
  m.xClose = [](sqlite3_file* f) {
    File& file = file_of(f);
    const int kept = file.hand_over();
    const int closed = file.methods().xClose(file.behind());
    file.behind()->pMethods = nullptr;
    delete &file;
    return kept != SQLITE_OK ? kept : closed;
  };
  m.xRead = [](sqlite3_file* f, void* to, int count, sqlite3_int64 at) {
    return after_handing_over(f, [&](const auto& behind, auto* file) { return behind.xRead(file, to, count, at); });
  };
  m.xWrite = [](sqlite3_file* f, const void* bytes, int count, sqlite3_int64 at) {
    return file_of(f).write(bytes, count, at);
  };
  m.xTruncate = [](sqlite3_file* f, sqlite3_int64 size) {
    return after_handing_over(f, [&](const auto& behind, auto* file) { return behind.xTruncate(file, size); });
  };
  m.xSync = [](sqlite3_file* f, int flags) {
    return after_handing_over(f, [&](const auto& behind, auto* file) { return behind.xSync(file, flags); });
  };
  m.xFileSize = [](sqlite3_file* f, sqlite3_int64* size) {
    return after_handing_over(f, [&](const auto& behind, auto* file) { return behind.xFileSize(file, size); });
  };
  m.xLock = [](sqlite3_file* f, int level) { return file_of(f).methods().xLock(file_of(f).behind(), level); };
  m.xUnlock = [](sqlite3_file* f, int level) {
    return after_handing_over(f, [&](const auto& behind, auto* file) { return behind.xUnlock(file, level); });
  };
  m.xCheckReservedLock = [](sqlite3_file* f, int* out) {
    return file_of(f).methods().xCheckReservedLock(file_of(f).behind(), out);
  };
  m.xFileControl = [](sqlite3_file* f, int op, void* argument) {
    return file_of(f).methods().xFileControl(file_of(f).behind(), op, argument);
  };
  m.xSectorSize = [](sqlite3_file* f) { return file_of(f).methods().xSectorSize(file_of(f).behind()); };
  m.xDeviceCharacteristics = [](sqlite3_file* f) {
    return file_of(f).methods().xDeviceCharacteristics(file_of(f).behind());
  };
  m.iVersion = 1;
  return m;
}

/// With the shared memory of a WAL, and without memory-mapped reads (version 3), which the store does not use.
sqlite3_io_methods make_methods_for_wal() {
  sqlite3_io_methods m = make_methods();
  m.xShmMap = [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
    return file_of(f).methods().xShmMap(file_of(f).behind(), page, size, extend, out);
  };
  m.xShmLock = [](sqlite3_file* f, int offset, int count, int flags) {
    return file_of(f).methods().xShmLock(file_of(f).behind(), offset, count, flags);
  };
  m.xShmBarrier = [](sqlite3_file* f) { file_of(f).methods().xShmBarrier(file_of(f).behind()); };
  m.xShmUnmap = [](sqlite3_file* f, int remove) { return file_of(f).methods().xShmUnmap(file_of(f).behind(), remove); };
  m.iVersion = 2;
  return m;
}

/// One VFS, for good: SQLite keeps pointers to it.
struct Vfs {
  std::string name;
  std::string base;
  sqlite3_vfs table{};
};
/// Looked up at every call: the one that had the name may have made way for another.
sqlite3_vfs* behind(sqlite3_vfs* vfs) {
  const std::string& base = static_cast<const Vfs*>(vfs->pAppData)->base;
  return sqlite3_vfs_find(base.empty() ? nullptr : base.c_str());
}

int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* handle, int flags, int* out_flags) {
  static const sqlite3_io_methods kMethods = make_methods();
  static const sqlite3_io_methods kMethodsForWal = make_methods_for_wal();
  handle->pMethods = nullptr;
  sqlite3_vfs* const base = behind(vfs);
  if (base == nullptr) return SQLITE_ERROR;
  try {
    auto file = std::make_unique<File>(*base);
    if (const int code = file->open(*base, name, flags, out_flags); code != SQLITE_OK) return code;
    handle->pMethods = file->methods().iVersion >= 2 ? &kMethodsForWal : &kMethods;
    reinterpret_cast<Handle*>(handle)->file = file.release();
    return SQLITE_OK;
  } catch (const std::bad_alloc&) {
    return SQLITE_NOMEM;
  }
}

std::unique_ptr<Vfs> make_vfs(const std::string& base) {
  auto vfs = std::make_unique<Vfs>();
  vfs->name = "wardex-gathering" + (base.empty() ? "" : "-" + base);
  vfs->base = base;
  sqlite3_vfs& table = vfs->table;
  table.iVersion = 2;
  table.szOsFile = sizeof(Handle);
  table.mxPathname = 1024;
  table.zName = vfs->name.c_str();
  table.pAppData = vfs.get();
  table.xOpen = open;
  table.xDelete = [](sqlite3_vfs* v, const char* name, int sync) { return behind(v)->xDelete(behind(v), name, sync); };
  table.xAccess = [](sqlite3_vfs* v, const char* name, int flags, int* out) {
    return behind(v)->xAccess(behind(v), name, flags, out);
  };
  table.xFullPathname = [](sqlite3_vfs* v, const char* name, int size, char* out) {
    return behind(v)->xFullPathname(behind(v), name, size, out);
  };
  table.xRandomness = [](sqlite3_vfs* v, int size, char* out) { return behind(v)->xRandomness(behind(v), size, out); };
  table.xSleep = [](sqlite3_vfs* v, int micros) { return behind(v)->xSleep(behind(v), micros); };
  table.xCurrentTime = [](sqlite3_vfs* v, double* out) { return behind(v)->xCurrentTime(behind(v), out); };
  table.xGetLastError = [](sqlite3_vfs* v, int size, char* out) {
    return behind(v)->xGetLastError(behind(v), size, out);
  };
  table.xCurrentTimeInt64 = [](sqlite3_vfs* v, sqlite3_int64* out) {
    sqlite3_vfs* const real = behind(v);
    if (real->iVersion >= 2 && real->xCurrentTimeInt64 != nullptr) return real->xCurrentTimeInt64(real, out);
    double days = 0;
    const int code = real->xCurrentTime(real, &days);
    *out = static_cast<sqlite3_int64>(days * 86'400'000.0);
    return code;
  };
  return vfs;
}

}  // namespace

std::string gathering_vfs(const std::string& base) {
  static std::mutex mutex;
  static std::map<std::string, std::unique_ptr<Vfs>> registered;
  const std::lock_guard lock(mutex);
  std::unique_ptr<Vfs>& vfs = registered[base];
  if (vfs == nullptr) {
    vfs = make_vfs(base);
    if (const sqlite3_vfs* const behind = sqlite3_vfs_find(base.empty() ? nullptr : base.c_str())) {
      vfs->table.mxPathname = behind->mxPathname;
    }
    sqlite3_vfs_register(&vfs->table, 0);
  }
  return vfs->name;
}

}  // namespace wardex::store::sqlite
