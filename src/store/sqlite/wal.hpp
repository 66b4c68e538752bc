// What a start does with the write-ahead log that an unclean stop left behind, before anything new is written.
//
// After a failed fsync the kernel may hold pages of the WAL as clean that never reached the disk: whoever reads the
// file sees them, an fsync has nothing to do, and a power failure takes them away. The gateway stops writing at such a
// failure, but the next process finds a log that looks whole. Frames appended behind the hole would be lost with it,
// and a checkpoint interrupted by the power failure would leave a database that is half one state and half another.
#pragma once

#include <filesystem>
#include <string>

#include "store/sqlite/database.hpp"

namespace wardex::store::sqlite {

/// Writes every byte of the WAL over itself and syncs: what was clean and not there is dirty, and then really there.
/// Does nothing when there is no WAL or an empty one, as after a clean stop. Throws Failure.
void renew_wal(const std::filesystem::path& database, const std::string& vfs);
/// Folds the whole WAL into the database and truncates it, on the writer's connection, which is in WAL mode already. A
/// reader in the way or a full disk leave it to a later checkpoint, which is safe for a renewed WAL. Throws Failure on
/// anything else.
void fold_wal(Connection& database);

}  // namespace wardex::store::sqlite
