// Opens the store in a data directory: one database file, one writer, read-only readers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "store/sqlite/files.hpp"
#include "store/sqlite/worker.hpp"
#include "store/store.hpp"
#include "wardex/time.hpp"

namespace wardex::store::sqlite {

inline constexpr std::string_view kDatabaseName = "gateway.db";
inline constexpr std::string_view kLockName = "lock";
inline constexpr std::string_view kSpareSpaceName = "spare-space";

struct Options {
  std::filesystem::path directory;
  std::function<WallTime()> now;  ///< called on the store's threads too, as is `mono`
  std::function<MonoTime()> mono = [] { return MonoTime(std::chrono::steady_clock::now()); };
  Millis idempotency_window{24LL * 3600 * 1000};  ///< how long an event id is remembered ...
  std::size_t idempotency_max = 1'000'000;        ///< ... and how many of them at most (about 32 bytes each)
  /// Where completions run: called from the store's threads; must be thread-safe and never run them inline
  /// (asio::post).
  std::function<void(std::function<void()>)> post;
  /// Called through `post` when a fault begins, and with nullopt when it is over; may be left out.
  std::function<void(std::optional<Error>)> on_fault;

  std::size_t readers = 1;     ///< for look-ups by people; the lanes' reads have one of their own
  Millis read_deadline{5000};  ///< a read that takes longer is stopped: it would pin the WAL
  /// Disk space kept aside in a file of its own, given back when the disk is full so that what makes room can be
  /// written; 0: none.
  std::uint64_t spare_bytes = 0;
  Millis space_probe_every{1000};  ///< how often a full disk is tried again
  Millis idle_after{2000};         ///< quiet for this long: the WAL is folded into the database and truncated
  /// After an unclean stop a database up to this size is checked before open() returns, a larger one in the background
  /// (lanes work meanwhile, intake waits), so that a restart with a long history still delivers within a second.
  std::uint64_t check_at_once_bytes = 8ULL << 20;
  std::uint32_t max_pages = 0;  ///< SQLite's max_page_count; 0: no limit
  std::string vfs;              ///< name of a registered SQLite VFS; empty: the default one
  std::shared_ptr<Files> files = system_files();
  std::shared_ptr<Workers> workers = threads();
};

/// Fails with a message that names the file and the way out: locked by another instance, directory not writable, not a
/// database, a newer schema, damaged.
Result<std::unique_ptr<Store>> open(Options options);

}  // namespace wardex::store::sqlite
