// A VFS over the default one that fails when told to: a disk that is full, or whose fsync fails.
#pragma once

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <map>
#include <mutex>
#include <string>

namespace wardex::store::test {

/// Per file: which bytes are not on the disk, and what is there instead.
class Unwritten {
 public:
  std::atomic<bool> watching{false};  ///< a map of bytes is slow: only where it matters
  /// Before a write. Old bytes are those a power failure would leave.
  void dirty(const std::string& file, sqlite3_int64 at, const std::string& old, std::size_t count) {
    const std::lock_guard lock(mutex_);
    auto& pages = files_[file];
    for (std::size_t i = 0; i < count; ++i) {
      const auto byte = pages.emplace(at + static_cast<sqlite3_int64>(i), Byte{i < old.size() ? old[i] : '\0', false});
      byte.first->second.believed_clean = false;  // written anew: the next sync counts for it
    }
  }
  void synced(const std::string& file) {
    const std::lock_guard lock(mutex_);
    std::erase_if(files_[file], [](const auto& byte) { return !byte.second.believed_clean; });
  }
  void sync_failed(const std::string& file) {
    const std::lock_guard lock(mutex_);
    for (auto& [at, byte] : files_[file]) byte.believed_clean = true;
  }
  void truncated(const std::string& file, sqlite3_int64 size) {
    const std::lock_guard lock(mutex_);
    auto& pages = files_[file];
    pages.erase(pages.lower_bound(size), pages.end());
  }
  [[nodiscard]] std::size_t lost(const std::string& file) {
    const std::lock_guard lock(mutex_);
    const auto& pages = files_[file];
    return static_cast<std::size_t>(
        std::count_if(pages.begin(), pages.end(), [](const auto& byte) { return byte.second.believed_clean; }));
  }
  /// The power fails: files hold what had really been written.
  void power_failure() {
    const std::lock_guard lock(mutex_);
    for (auto& [name, pages] : files_) {
      std::fstream file(name, std::ios::in | std::ios::out | std::ios::binary);
      for (const auto& [at, byte] : pages) {
        file.seekp(at);
        file.put(byte.old);
      }
    }
    files_.clear();
  }

 private:
  struct Byte {
    char old;
    bool believed_clean;
  };
  std::mutex mutex_;
  std::map<std::string, std::map<sqlite3_int64, Byte>> files_;
};

struct Faults {
  std::atomic<bool> full{false};      ///< writes fail with SQLITE_FULL
  std::atomic<int> sync_fails_in{0};  ///< n: the n-th sync from now fails once with SQLITE_IOERR_FSYNC
  std::atomic<bool> read_fails{false};
  std::atomic<std::uint64_t> syncs{0};  ///< seen so far, as are writes
  std::atomic<std::uint64_t> writes{0};
  std::atomic<std::uint64_t> wal_writes{0};  ///< bytes
  std::atomic<std::uint64_t> wal_syncs{0};
  std::atomic<std::uint64_t> wal_truncations{0};
  /// What a power failure takes away although reads show it: written before a failed sync and not written again since.
  /// The kernel believes those pages clean, so no later sync brings them to the disk.
  Unwritten unwritten;
  void heal() {
    full = false;
    sync_fails_in = 0;
    unwritten.watching = false;
    read_fails = false;
  }
};

class FaultyVfs {
 public:
  static constexpr const char* kName = "wardex-faulty";
  /// Registers it at the first use.
  static Faults& faults() {
    static Faults faults;
    static const bool registered = [] {
      static sqlite3_vfs vfs = *sqlite3_vfs_find(nullptr);
      vfs.zName = kName;
      vfs.pNext = nullptr;
      vfs.szOsFile = static_cast<int>(sizeof(File)) + sqlite3_vfs_find(nullptr)->szOsFile;
      vfs.xOpen = open;
      return sqlite3_vfs_register(&vfs, 0) == SQLITE_OK;
    }();
    static_cast<void>(registered);
    return faults;
  }

 private:
  struct File {
    sqlite3_file base;
    std::string* name;  // the real file's structure lies behind this one
    [[nodiscard]] sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };
  static const std::string& name_of(sqlite3_file* file) { return *reinterpret_cast<File*>(file)->name; }
  static bool is_wal(sqlite3_file* file) { return name_of(file).ends_with("-wal"); }
  static sqlite3_file* real(sqlite3_file* file) { return reinterpret_cast<File*>(file)->real(); }

  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    sqlite3_vfs* base = sqlite3_vfs_find(nullptr);
    sqlite3_file* under = real(file);
    const int code = base->xOpen(base, name, under, flags, out_flags);
    reinterpret_cast<File*>(file)->name = new std::string(name != nullptr ? name : "");
    file->pMethods = under->pMethods != nullptr ? &methods() : nullptr;
    return code;
  }
  static const sqlite3_io_methods& methods() {
    static const sqlite3_io_methods table = [] {
      sqlite3_io_methods m{};
      m.iVersion = 2;
      m.xClose = [](sqlite3_file* f) {
        delete reinterpret_cast<File*>(f)->name;
        return real(f)->pMethods->xClose(real(f));
      };
      m.xRead = [](sqlite3_file* f, void* to, int n, sqlite3_int64 at) {
        if (faults().read_fails) return SQLITE_IOERR_READ;
        return real(f)->pMethods->xRead(real(f), to, n, at);
      };
      m.xWrite = [](sqlite3_file* f, const void* from, int n, sqlite3_int64 at) {
        ++faults().writes;
        if (is_wal(f)) faults().wal_writes += static_cast<std::uint64_t>(n);
        if (faults().full) return SQLITE_FULL;
        sqlite3_int64 size = 0;
        real(f)->pMethods->xFileSize(real(f), &size);
        if (faults().unwritten.watching && is_wal(f)) {
          const auto there = std::min<sqlite3_int64>(n, std::max<sqlite3_int64>(size - at, 0));
          std::string old(static_cast<std::size_t>(there), '\0');
          if (there > 0) real(f)->pMethods->xRead(real(f), old.data(), static_cast<int>(there), at);
          faults().unwritten.dirty(name_of(f), at, old, static_cast<std::size_t>(n));
        }
        return real(f)->pMethods->xWrite(real(f), from, n, at);
      };
      m.xTruncate = [](sqlite3_file* f, sqlite3_int64 n) {
        if (is_wal(f)) ++faults().wal_truncations;
        faults().unwritten.truncated(name_of(f), n);
        return real(f)->pMethods->xTruncate(real(f), n);
      };
      m.xSync = [](sqlite3_file* f, int flags) {
        ++faults().syncs;
        if (is_wal(f)) ++faults().wal_syncs;
        if (faults().sync_fails_in > 0 && --faults().sync_fails_in == 0) {
          faults().unwritten.sync_failed(name_of(f));
          return SQLITE_IOERR_FSYNC;
        }
        const int code = real(f)->pMethods->xSync(real(f), flags);
        if (code == SQLITE_OK) faults().unwritten.synced(name_of(f));
        return code;
      };
      m.xFileSize = [](sqlite3_file* f, sqlite3_int64* n) { return real(f)->pMethods->xFileSize(real(f), n); };
      m.xLock = [](sqlite3_file* f, int l) { return real(f)->pMethods->xLock(real(f), l); };
      m.xUnlock = [](sqlite3_file* f, int l) { return real(f)->pMethods->xUnlock(real(f), l); };
      m.xCheckReservedLock = [](sqlite3_file* f, int* out) {
        return real(f)->pMethods->xCheckReservedLock(real(f), out);
      };
      m.xFileControl = [](sqlite3_file* f, int op, void* arg) {
        return real(f)->pMethods->xFileControl(real(f), op, arg);
      };
      m.xSectorSize = [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); };
      m.xDeviceCharacteristics = [](sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); };
      m.xShmMap = [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
        return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
      };
      m.xShmLock = [](sqlite3_file* f, int offset, int n, int flags) {
        return real(f)->pMethods->xShmLock(real(f), offset, n, flags);
      };
      m.xShmBarrier = [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); };
      m.xShmUnmap = [](sqlite3_file* f, int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); };
      return m;
    }();
    return table;
  }
};

}  // namespace wardex::store::test
