// What the CLI does with a database while no gateway runs on it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "store/store.hpp"

namespace wardex::store::sqlite {

struct MigrationReport {
  int from = 0;                       ///< schema version found; 0: no database yet
  int to = 0;                         ///< version after the run (or that a run would reach, when dry)
  std::vector<std::string> steps;     ///< file names of the migrations applied (or to apply)
  std::filesystem::path safety_copy;  ///< the copy made before the first step; empty when there was nothing to copy
};

/// Brings the database in `directory` to this binary's schema; `dry_run` only says what would be done. Refused while a
/// gateway holds the directory.
Result<MigrationReport> migrate(const std::filesystem::path& directory, bool dry_run);

}  // namespace wardex::store::sqlite
