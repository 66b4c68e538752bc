// A disk in memory under real SQLite: it loses and tears what was not synced, runs full, breaks, and stops in the
// middle of an operation like a process that is killed.
//
// Creating, renaming and deleting a file survive a power failure once the file, or for the latter two the directory, is
// synced; before that, as many of them as the journal of a file system happened to have written: the first few, in
// order.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sqlite3.h>

#include "simulation/memory_file.hpp"
#include "simulation/random.hpp"
#include "store/sqlite/files.hpp"

namespace wardex::simulation {

/// What is asked of the disk, and can fail.
enum class Io : std::uint8_t { read, write, truncate, sync, create, rename, remove };

class MemoryVfs final : public store::sqlite::Files {
 public:
  explicit MemoryVfs(std::uint64_t seed);
  ~MemoryVfs() override;
  MemoryVfs(const MemoryVfs&) = delete;
  MemoryVfs& operator=(const MemoryVfs&) = delete;

  /// The name under which SQLite knows it.
  [[nodiscard]] const std::string& name() const { return name_; }

  // --- faults
  /// The chance that an operation fails with an I/O error.
  std::map<Io, double> fails;
  /// The n-th operation of this kind from now (from 1) fails with an I/O error, once.
  void fail(Io operation, std::uint64_t n) { failing_[operation] = n; }
  /// The same for the n-th that changes the disk, of whatever kind.
  void fail_operation(std::uint64_t n) { fails_in_ = n; }
  /// Bytes that files may take in all; nullopt: as many as they like.
  std::optional<std::uint64_t> capacity;
  [[nodiscard]] std::uint64_t used() const;
  void heal();
  /// For an observer: while there is one of these, nothing fails and nothing counts.
  class Pause {
   public:
    explicit Pause(MemoryVfs& disk) : disk_(disk) { ++disk_.pauses_; }
    ~Pause() { --disk_.pauses_; }
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;

   private:
    MemoryVfs& disk_;
  };

  // --- the life of a process
  /// Operations that changed the disk so far: writes, truncations, syncs and those on names.
  [[nodiscard]] std::uint64_t operations() const { return operations_; }
  /// The process dies with the n-th operation from now (from 1): right after it, or half-way through.
  /// Told of each operation that changes the disk, before it.
  std::function<void()> before_each;
  /// Stays so when it ends otherwise before; 0: not at all.
  void die(std::uint64_t n, bool halfway = false);
  /// The process is gone: every call fails, nothing changes. Its connections can be closed.
  void kill() { dead_ = true; }
  [[nodiscard]] bool dead() const { return dead_; }
  /// The process is gone, the machine runs on: what was written is seen, the kernel may have dropped clean pages.
  void restart_process();
  /// The machine went down: see MemoryFile::lose_power().
  void restart_machine(double survives);

  // --- to look at
  /// Times that a connection waited for another one's lock: in one thread it waits in vain.
  [[nodiscard]] std::uint64_t waits() const { return waits_; }
  [[nodiscard]] std::map<Io, std::uint64_t> failures() const { return failures_; }
  [[nodiscard]] std::uint64_t refusals() const { return refusals_; }  ///< for lack of space
  /// A hash over everything that was asked of the disk so far.
  [[nodiscard]] std::uint64_t trace() const { return trace_; }
  /// True when the bytes occur in any file, or would after a power failure.
  [[nodiscard]] bool contains(std::string_view bytes) const;
  [[nodiscard]] std::vector<std::string> names() const;

  // --- Files
  std::optional<std::string> create(const std::filesystem::path& file) override;
  bool allocate(const std::filesystem::path& file, std::uint64_t bytes) override;
  void remove(const std::filesystem::path& file) override;
  void put_in_place(const std::filesystem::path& file, const std::filesystem::path& target) override;
  [[nodiscard]] std::uint64_t size(const std::filesystem::path& file) const override;

 private:
  friend struct VfsGlue;
  struct Inode;
  struct Handle;
  using Directory = std::map<std::string, std::shared_ptr<Inode>>;
  /// A change of names that a power failure may still undo.
  struct Naming {
    std::string from;  ///< empty: a new file
    std::string to;    ///< empty: deleted
    std::shared_ptr<Inode> inode;
  };

  /// Counts an operation and decides its fate: false, it fails.
  bool begin(Io operation, std::uint64_t at, std::uint64_t size);
  /// After an operation that has been done: `code`, unless the process died with it.
  int done(int code);
  [[nodiscard]] bool dies_halfway() const { return dies_in_ == 1 && halfway_; }
  void note(std::uint64_t value);
  /// Bytes of an extension that there is room for.
  [[nodiscard]] std::uint64_t room(std::uint64_t wanted) const;

  int write(Inode& inode, std::string_view bytes, std::size_t at);
  int truncate(Inode& inode, std::size_t size);
  int sync(Inode& inode);
  int rename(const std::string& from, const std::string& to);
  int unlink(const std::string& name, bool durably);
  int sync_directory();
  std::shared_ptr<Inode> make(const std::string& name);
  void name_durably(std::size_t count);
  static void apply(Directory& directory, const Naming& naming);
  void end_process();

  std::string name_;
  std::unique_ptr<sqlite3_vfs> vfs_;
  Random random_;

  Directory seen_;
  Directory on_disk_;
  std::vector<Naming> unsynced_;
  std::map<Io, std::uint64_t> failing_;

  bool dead_ = false;
  int pauses_ = 0;
  std::uint64_t fails_in_ = 0;  ///< 0: not
  std::uint64_t dies_in_ = 0;   ///< 0: not
  bool halfway_ = false;

  std::uint64_t operations_ = 0;
  std::uint64_t waits_ = 0;
  std::uint64_t refusals_ = 0;
  std::map<Io, std::uint64_t> failures_;
  std::uint64_t trace_ = 0;
};

}  // namespace wardex::simulation
