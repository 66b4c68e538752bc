// A VFS over the default one that fails when told to: a disk that is full, or whose fsync fails.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <string>

namespace wardex::store::test {

struct Faults {
  std::atomic<bool> full{false};      ///< writes fail with SQLITE_FULL
  std::atomic<int> sync_fails_in{0};  ///< n: the n-th sync from now fails once with SQLITE_IOERR_FSYNC
  std::atomic<bool> read_fails{false};
  std::atomic<std::uint64_t> syncs{0};  ///< seen so far, as are writes
  std::atomic<std::uint64_t> writes{0};
  void heal() {
    full = false;
    sync_fails_in = 0;
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
    [[nodiscard]] sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };
  static sqlite3_file* real(sqlite3_file* file) { return reinterpret_cast<File*>(file)->real(); }

  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    sqlite3_vfs* base = sqlite3_vfs_find(nullptr);
    sqlite3_file* under = real(file);
    const int code = base->xOpen(base, name, under, flags, out_flags);
    file->pMethods = under->pMethods != nullptr ? &methods() : nullptr;
    return code;
  }
  static const sqlite3_io_methods& methods() {
    static const sqlite3_io_methods table = [] {
      sqlite3_io_methods m{};
      m.iVersion = 2;
      m.xClose = [](sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); };
      m.xRead = [](sqlite3_file* f, void* to, int n, sqlite3_int64 at) {
        if (faults().read_fails) return SQLITE_IOERR_READ;
        return real(f)->pMethods->xRead(real(f), to, n, at);
      };
      m.xWrite = [](sqlite3_file* f, const void* from, int n, sqlite3_int64 at) {
        ++faults().writes;
        if (faults().full) return SQLITE_FULL;
        return real(f)->pMethods->xWrite(real(f), from, n, at);
      };
      m.xTruncate = [](sqlite3_file* f, sqlite3_int64 n) { return real(f)->pMethods->xTruncate(real(f), n); };
      m.xSync = [](sqlite3_file* f, int flags) {
        ++faults().syncs;
        if (faults().sync_fails_in > 0 && --faults().sync_fails_in == 0) return SQLITE_IOERR_FSYNC;
        return real(f)->pMethods->xSync(real(f), flags);
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
