#include "simulation/memory_vfs.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "store/sqlite/database.hpp"

namespace wardex::simulation {
namespace {

std::string full_name(const std::filesystem::path& file) { return std::filesystem::absolute(file).string(); }

}  // namespace

struct MemoryVfs::Inode {
  MemoryFile file;
  std::vector<Handle*> open;
  std::vector<std::unique_ptr<char[]>> shared;  ///< the WAL index, while anybody maps it
  std::size_t shared_bytes = 0;
};

/// An open file, in memory that SQLite provides.
struct MemoryVfs::Handle : sqlite3_file {
  MemoryVfs* vfs = nullptr;
  std::shared_ptr<Inode> inode;
  int lock = SQLITE_LOCK_NONE;
  bool maps = false;
  unsigned shared_locks = 0;  ///< bits: locks on the WAL index
  unsigned exclusive_locks = 0;
};

MemoryVfs::MemoryVfs(std::uint64_t seed) : random_(seed) {
  static int count = 0;
  name_ = "wardex-memory-" + std::to_string(++count);
  void describe(MemoryVfs & memory, sqlite3_vfs & vfs);
  vfs_ = std::make_unique<sqlite3_vfs>();
  describe(*this, *vfs_);
  if (sqlite3_vfs_register(vfs_.get(), 0) != SQLITE_OK) throw std::runtime_error("SQLite takes no VFS");
}

MemoryVfs::~MemoryVfs() { sqlite3_vfs_unregister(vfs_.get()); }

std::uint64_t MemoryVfs::used() const {
  std::uint64_t bytes = 0;
  for (const auto& [name, inode] : seen_) bytes += inode->file.seen().size() + inode->shared_bytes;
  return bytes;
}

std::uint64_t MemoryVfs::room(std::uint64_t wanted) const {
  if (!capacity || pauses_ > 0) return wanted;
  const auto taken = used();
  return taken >= *capacity ? 0 : std::min(wanted, *capacity - taken);
}

void MemoryVfs::heal() {
  fails.clear();
  failing_.clear();
  capacity.reset();
}

void MemoryVfs::die(std::uint64_t n, bool halfway) {
  dies_in_ = n;
  halfway_ = halfway;
}

void MemoryVfs::note(std::uint64_t value) { trace_ = (trace_ ^ value) * 0x100000001B3U + (trace_ >> 29U); }

bool MemoryVfs::begin(Io operation, std::uint64_t at, std::uint64_t bytes) {
  if (dead_) return false;
  if (pauses_ > 0) return true;
  if (operation != Io::read && before_each) before_each();
  note((at << 24U) ^ (bytes << 4U) ^ static_cast<std::uint64_t>(operation));
  bool failed = false;
  if (operation != Io::read) {
    ++operations_;
    failed = fails_in_ > 0 && --fails_in_ == 0;
  }
  if (const auto next = failing_.find(operation); next != failing_.end() && --next->second == 0) {
    failing_.erase(next);
    failed = true;
  }
  if (const auto rate = fails.find(operation); rate != fails.end()) failed = random_.chance(rate->second) || failed;
  if (failed) ++failures_[operation];
  return !failed;
}

int MemoryVfs::done(int code) {
  if (pauses_ == 0 && dies_in_ > 0 && --dies_in_ == 0) dead_ = true;
  return dead_ ? SQLITE_IOERR : code;
}

int MemoryVfs::write(Inode& inode, std::string_view bytes, std::size_t at) {
  const bool works = begin(Io::write, at, bytes.size());
  if (dead_) return SQLITE_IOERR_WRITE;
  auto fit = bytes.size();
  const auto size = inode.file.seen().size();
  if (at + bytes.size() > size) {
    const auto wanted = at + bytes.size() - size;
    const auto missing = wanted - room(wanted);
    fit -= std::min(fit, missing);
  }
  const bool full = fit < bytes.size();
  if (!works || dies_halfway()) fit = random_.pick(fit + 1);
  inode.file.write(at, bytes.substr(0, fit));
  if (full) ++refusals_;
  return done(!works ? SQLITE_IOERR_WRITE : full ? SQLITE_FULL : SQLITE_OK);
}

int MemoryVfs::truncate(Inode& inode, std::size_t size) {
  const bool works = begin(Io::truncate, size, 0);
  if (dead_) return SQLITE_IOERR_TRUNCATE;
  if (works && size < inode.file.seen().size()) inode.file.truncate(size);
  return done(works ? SQLITE_OK : SQLITE_IOERR_TRUNCATE);
}

int MemoryVfs::sync(Inode& inode) {
  const bool works = begin(Io::sync, inode.file.seen().size(), 0);
  if (dead_) return SQLITE_IOERR_FSYNC;
  if (!works || dies_halfway()) {
    // A process that dies in fsync() leaves its pages dirty; a disk that fails leaves them clean.
    if (!works) inode.file.fail_sync(random_);
    return done(SQLITE_IOERR_FSYNC);
  }
  inode.file.sync();
  const auto created = std::find_if(unsynced_.begin(), unsynced_.end(), [&](const Naming& naming) {
    return naming.from.empty() && naming.inode.get() == &inode;
  });
  if (created != unsynced_.end()) name_durably(static_cast<std::size_t>(created - unsynced_.begin()) + 1);
  return done(SQLITE_OK);
}

void MemoryVfs::apply(Directory& directory, const Naming& naming) {
  if (!naming.from.empty()) directory.erase(naming.from);
  if (!naming.to.empty()) directory.insert_or_assign(naming.to, naming.inode);
}

void MemoryVfs::name_durably(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) apply(on_disk_, unsynced_[i]);
  unsynced_.erase(unsynced_.begin(), unsynced_.begin() + static_cast<std::ptrdiff_t>(count));
}

std::shared_ptr<MemoryVfs::Inode> MemoryVfs::make(const std::string& name) {
  auto inode = std::make_shared<Inode>();
  unsynced_.push_back({{}, name, inode});
  apply(seen_, unsynced_.back());
  return inode;
}

int MemoryVfs::sync_directory() {
  const bool works = begin(Io::sync, 0, 0);
  if (dead_) return SQLITE_IOERR_DIR_FSYNC;
  if (works && !dies_halfway()) name_durably(unsynced_.size());
  return done(works ? SQLITE_OK : SQLITE_IOERR_DIR_FSYNC);
}

int MemoryVfs::rename(const std::string& from, const std::string& to) {
  const bool works = begin(Io::rename, 0, 0);
  const auto found = seen_.find(from);
  if (dead_ || found == seen_.end()) return SQLITE_IOERR;
  if (works) {
    unsynced_.push_back({from, to, found->second});
    apply(seen_, unsynced_.back());
  }
  return done(works ? SQLITE_OK : SQLITE_IOERR);
}

int MemoryVfs::unlink(const std::string& name, bool durably) {
  const bool works = begin(Io::remove, 0, 0);
  if (dead_) return SQLITE_IOERR_DELETE;
  if (!seen_.contains(name)) return SQLITE_IOERR_DELETE_NOENT;
  if (!works) return done(SQLITE_IOERR_DELETE);
  unsynced_.push_back({name, {}, nullptr});
  apply(seen_, unsynced_.back());
  if (const int code = done(SQLITE_OK); code != SQLITE_OK || !durably) return code;
  return sync_directory();
}

// --- Files

std::optional<std::string> MemoryVfs::create(const std::filesystem::path& file) {
  const bool works = begin(Io::create, 0, 0);
  if (works && room(1) > 0) {
    make(full_name(file));
    if (done(SQLITE_OK) == SQLITE_OK) return std::nullopt;
  }
  return std::strerror(works ? ENOSPC : EIO);
}

bool MemoryVfs::allocate(const std::filesystem::path& file, std::uint64_t bytes) {
  remove(file);
  if (!begin(Io::create, 0, bytes)) return false;
  if (room(bytes) < bytes) {
    ++refusals_;
    return false;
  }
  make(full_name(file))->file.write(0, std::string(bytes, '\0'));
  return done(SQLITE_OK) == SQLITE_OK;
}

void MemoryVfs::remove(const std::filesystem::path& file) { unlink(full_name(file), false); }

void MemoryVfs::put_in_place(const std::filesystem::path& file, const std::filesystem::path& target) {
  const auto found = seen_.find(full_name(file));
  int code = found == seen_.end() ? SQLITE_IOERR : sync(*found->second);
  if (code == SQLITE_OK) code = rename(full_name(file), full_name(target));
  if (code == SQLITE_OK) code = sync_directory();
  if (code != SQLITE_OK) throw store::sqlite::Failure(code, EIO, "put " + target.string() + " in its place");
}

std::uint64_t MemoryVfs::size(const std::filesystem::path& file) const {
  const auto found = seen_.find(full_name(file));
  return found == seen_.end() ? 0 : found->second->file.seen().size();
}

// --- the life of a process

void MemoryVfs::end_process() {
  dead_ = false;
  for (const auto& directory : {seen_, on_disk_})
    for (const auto& [name, inode] : directory) {
      inode->open.clear();  // nobody closes what a dead process had open
      inode->shared.clear();
      inode->shared_bytes = 0;
    }
}

void MemoryVfs::restart_process() {
  end_process();
  for (const auto& [name, inode] : seen_) inode->file.drop_clean(random_);
}

void MemoryVfs::restart_machine(double survives) {
  end_process();
  name_durably(random_.pick(unsynced_.size() + 1));
  unsynced_.clear();
  seen_ = on_disk_;
  for (const auto& [name, inode] : seen_) inode->file.lose_power(random_, survives);
}

bool MemoryVfs::contains(std::string_view bytes) const {
  for (const auto& directory : {seen_, on_disk_})
    for (const auto& [name, inode] : directory)
      if (inode->file.seen().find(bytes) != std::string::npos || inode->file.on_disk().find(bytes) != std::string::npos)
        return true;
  return false;
}

std::vector<std::string> MemoryVfs::names() const {
  std::vector<std::string> out;
  for (const auto& [name, inode] : seen_) out.push_back(name);
  return out;
}

// --- what SQLite calls

struct VfsGlue {
  using Handle = MemoryVfs::Handle;
  using Inode = MemoryVfs::Inode;
  static Handle& handle(sqlite3_file* file) { return *static_cast<Handle*>(file); }
  static MemoryVfs& memory(sqlite3_vfs* vfs) { return *static_cast<MemoryVfs*>(vfs->pAppData); }

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    auto& self = memory(vfs);
    file->pMethods = nullptr;
    if (self.dead_) return SQLITE_CANTOPEN;
    std::shared_ptr<Inode> inode;
    if (name == nullptr) {
      inode = std::make_shared<Inode>();  // temporary, gone with its handle
    } else if (const auto found = self.seen_.find(name); found != self.seen_.end()) {
      inode = found->second;
    } else if ((flags & SQLITE_OPEN_CREATE) == 0) {
      return SQLITE_CANTOPEN;
    } else {
      const bool works = self.begin(Io::create, 0, 0);
      if (!works || self.room(1) == 0) return self.done(SQLITE_CANTOPEN);
      inode = self.make(name);
      if (const int code = self.done(SQLITE_OK); code != SQLITE_OK) return SQLITE_CANTOPEN;
    }
    auto* made = new (file) Handle;
    made->pMethods = &methods();
    made->vfs = &self;
    made->inode = std::move(inode);
    made->inode->open.push_back(made);
    if (out_flags != nullptr) *out_flags = flags;
    return SQLITE_OK;
  }
  static int close(sqlite3_file* file) {
    Handle& self = handle(file);
    unmap(file, 0);
    std::erase(self.inode->open, &self);
    self.~Handle();
    return SQLITE_OK;
  }
  static int read(sqlite3_file* file, void* to, int bytes, sqlite3_int64 at) {
    Handle& self = handle(file);
    const auto size = static_cast<std::size_t>(bytes);
    const auto from = static_cast<std::size_t>(at);
    if (!self.vfs->begin(Io::read, from, size)) {
      std::memset(to, 0xA5, size);  // whoever looks at it all the same is found out
      return SQLITE_IOERR_READ;
    }
    const std::string& seen = self.inode->file.seen();
    const auto there = from >= seen.size() ? 0 : std::min(size, seen.size() - from);
    if (there > 0) std::memcpy(to, seen.data() + from, there);
    if (there == size) return SQLITE_OK;
    std::memset(static_cast<char*>(to) + there, 0, size - there);
    return SQLITE_IOERR_SHORT_READ;
  }
  static int write(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 at) {
    Handle& self = handle(file);
    return self.vfs->write(*self.inode, {static_cast<const char*>(from), static_cast<std::size_t>(bytes)},
                           static_cast<std::size_t>(at));
  }
  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    return handle(file).vfs->truncate(*handle(file).inode, static_cast<std::size_t>(size));
  }
  static int sync(sqlite3_file* file, int) { return handle(file).vfs->sync(*handle(file).inode); }
  static int file_size(sqlite3_file* file, sqlite3_int64* size) {
    if (handle(file).vfs->dead_) return SQLITE_IOERR_FSTAT;
    *size = static_cast<sqlite3_int64>(handle(file).inode->file.seen().size());
    return SQLITE_OK;
  }

  // As the unix VFS does it among the connections of one process.
  static int highest_of_others(const Handle& self) {
    int highest = SQLITE_LOCK_NONE;
    for (const Handle* other : self.inode->open)
      if (other != &self) highest = std::max(highest, other->lock);
    return highest;
  }
  static int lock(sqlite3_file* file, int level) {
    Handle& self = handle(file);
    if (self.vfs->dead_) return SQLITE_IOERR_LOCK;
    if (self.lock >= level) return SQLITE_OK;
    const int others = highest_of_others(self);
    if (level == SQLITE_LOCK_SHARED && others >= SQLITE_LOCK_PENDING) return SQLITE_BUSY;
    if (level >= SQLITE_LOCK_RESERVED && others >= SQLITE_LOCK_RESERVED) return SQLITE_BUSY;
    if (level == SQLITE_LOCK_EXCLUSIVE && others >= SQLITE_LOCK_SHARED) {
      self.lock = SQLITE_LOCK_PENDING;
      return SQLITE_BUSY;
    }
    self.lock = level;
    return SQLITE_OK;
  }
  static int unlock(sqlite3_file* file, int level) {
    handle(file).lock = std::min(handle(file).lock, level);
    return SQLITE_OK;
  }
  static int is_reserved(sqlite3_file* file, int* out) {
    *out = std::max(handle(file).lock, highest_of_others(handle(file))) >= SQLITE_LOCK_RESERVED ? 1 : 0;
    return SQLITE_OK;
  }
  static int control(sqlite3_file*, int operation, void* out) {
    if (operation != SQLITE_FCNTL_HAS_MOVED) return SQLITE_NOTFOUND;
    *static_cast<int*>(out) = 0;
    return SQLITE_OK;
  }
  static int sector_size(sqlite3_file*) { return 4096; }
  static int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

  static int map(sqlite3_file* file, int region, int bytes, int extend, void volatile** out) {
    Handle& self = handle(file);
    *out = nullptr;
    if (self.vfs->dead_) return SQLITE_IOERR_SHMMAP;
    auto& regions = self.inode->shared;
    const auto size = static_cast<std::size_t>(bytes);
    while (regions.size() <= static_cast<std::size_t>(region)) {
      if (extend == 0) return SQLITE_OK;
      if (self.vfs->room(size) < size) {
        ++self.vfs->refusals_;
        return SQLITE_IOERR_SHMSIZE;
      }
      regions.push_back(std::make_unique<char[]>(size));
      self.inode->shared_bytes += size;
    }
    self.maps = true;
    *out = regions[static_cast<std::size_t>(region)].get();
    return SQLITE_OK;
  }
  static int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
    Handle& self = handle(file);
    if (self.vfs->dead_) return SQLITE_IOERR_SHMLOCK;
    const unsigned bits = ((1U << static_cast<unsigned>(count)) - 1U) << static_cast<unsigned>(offset);
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
      self.shared_locks &= ~bits;
      self.exclusive_locks &= ~bits;
      return SQLITE_OK;
    }
    for (const Handle* other : self.inode->open) {
      if (other == &self) continue;
      const unsigned conflicts =
          (flags & SQLITE_SHM_SHARED) != 0 ? other->exclusive_locks : other->exclusive_locks | other->shared_locks;
      if ((conflicts & bits) != 0) return SQLITE_BUSY;
    }
    ((flags & SQLITE_SHM_SHARED) != 0 ? self.shared_locks : self.exclusive_locks) |= bits;
    return SQLITE_OK;
  }
  static void barrier(sqlite3_file*) {}
  static int unmap(sqlite3_file* file, int) {
    Handle& self = handle(file);
    self.maps = false;
    self.shared_locks = self.exclusive_locks = 0;
    const auto& open = self.inode->open;
    if (std::none_of(open.begin(), open.end(), [](const Handle* other) { return other->maps; })) {
      self.inode->shared.clear();
      self.inode->shared_bytes = 0;
    }
    return SQLITE_OK;
  }
  static const sqlite3_io_methods& methods() {
    static const sqlite3_io_methods table = [] {
      sqlite3_io_methods m{};
      m.iVersion = 2;
      m.xClose = close;
      m.xRead = read;
      m.xWrite = write;
      m.xTruncate = truncate;
      m.xSync = sync;
      m.xFileSize = file_size;
      m.xLock = lock;
      m.xUnlock = unlock;
      m.xCheckReservedLock = is_reserved;
      m.xFileControl = control;
      m.xSectorSize = sector_size;
      m.xDeviceCharacteristics = characteristics;
      m.xShmMap = map;
      m.xShmLock = lock_shared;
      m.xShmBarrier = barrier;
      m.xShmUnmap = unmap;
      return m;
    }();
    return table;
  }

  static int unlink(sqlite3_vfs* vfs, const char* name, int sync_directory) {
    return memory(vfs).unlink(name, sync_directory != 0);
  }
  static int access(sqlite3_vfs* vfs, const char* name, int, int* out) {
    if (memory(vfs).dead_) return SQLITE_IOERR_ACCESS;
    *out = memory(vfs).seen_.contains(name) ? 1 : 0;
    return SQLITE_OK;
  }
  static int full_path(sqlite3_vfs*, const char* name, int size, char* out) {
    const std::string path = full_name(name);
    if (path.size() >= static_cast<std::size_t>(size)) return SQLITE_CANTOPEN;
    std::memcpy(out, path.c_str(), path.size() + 1);
    return SQLITE_OK;
  }
  static int randomness(sqlite3_vfs* vfs, int bytes, char* out) {
    for (int i = 0; i < bytes; ++i) out[i] = static_cast<char>(memory(vfs).random_.next());
    return bytes;
  }
  static int sleep(sqlite3_vfs* vfs, int micros) {
    ++memory(vfs).waits_;
    return micros;
  }
  static int time_of_day(sqlite3_vfs*, double* julian_day) {
    *julian_day = 2461151.5;  // 2026-04-21; nothing stored comes from SQLite's clock
    return SQLITE_OK;
  }
  static int last_error(sqlite3_vfs*, int, char*) { return 0; }
};

void describe(MemoryVfs& memory, sqlite3_vfs& vfs) {
  vfs.iVersion = 1;
  vfs.szOsFile = static_cast<int>(sizeof(VfsGlue::Handle));
  vfs.mxPathname = 1024;
  vfs.zName = memory.name().c_str();
  vfs.pAppData = &memory;
  vfs.xOpen = VfsGlue::open;
  vfs.xDelete = VfsGlue::unlink;
  vfs.xAccess = VfsGlue::access;
  vfs.xFullPathname = VfsGlue::full_path;
  vfs.xRandomness = VfsGlue::randomness;
  vfs.xSleep = VfsGlue::sleep;
  vfs.xCurrentTime = VfsGlue::time_of_day;
  vfs.xGetLastError = VfsGlue::last_error;
}

}  // namespace wardex::simulation
