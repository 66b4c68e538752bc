// Puts a backup in the place of the database, while no gateway runs on it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/sqlite/files.hpp"
#include "store/store.hpp"

namespace wardex::store::sqlite {

struct RestoreReport {
  std::string instance;         ///< of the backup
  std::string instance_before;  ///< of the database that was there; empty: there was none that could be read
  int schema_from = 0;          ///< of the backup ...
  int schema_to = 0;            ///< ... and now
  std::int64_t audit_id = 0;    ///< its newest row of the audit trail, and when
  WallTime audit_at{};
  std::int64_t restore_id = 0;  ///< the row that records this restore
  Seq newest_event = 0;
  std::map<std::string, std::uint64_t> pending;  ///< deliveries by connector: they are sent, perhaps again
  std::vector<std::filesystem::path> aside;      ///< where what was there is now
};

/// Checks that `backup` is a whole database of a gateway, of a schema that this binary knows; copies it beside the
/// database, brings its schema up to date and adds a row to its audit trail; and only then moves what is there aside
/// (with its WAL, and the record of what was under way, which speaks of another database) and puts it in place.
/// Refused while a gateway holds the directory.
Result<RestoreReport> restore(const std::filesystem::path& directory, const std::filesystem::path& backup,
                              const std::string& actor, WallTime now);

/// Why no gateway may start here: a restore was interrupted, and the database may be gone.
std::optional<Error> unfinished_restore(const std::filesystem::path& directory, const Files& files);

}  // namespace wardex::store::sqlite
