// Numbered migrations, embedded in the binary, each applied in one transaction and remembered with its checksum.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/sqlite/database.hpp"
#include "store/sqlite/files.hpp"
#include "store/sqlite/offline.hpp"

namespace wardex::store::sqlite {

struct Migration {
  int version = 0;
  std::string name;  ///< "0001_initial.sql"
  std::string_view sql;
  std::string checksum;  ///< hex SHA-256 of the file
};

/// Those of this binary, ascending and without gaps.
const std::vector<Migration>& embedded_migrations();
Migration make_migration(std::string_view name, std::string_view sql);

/// Compares what was applied with `known`. Throws Refused: not a gateway's database, a newer schema, a changed file.
MigrationReport plan(Connection& database, const std::filesystem::path& file, const std::vector<Migration>& known);
/// Applies what plan() says is missing, after a safety copy of a database that is not empty.
MigrationReport migrate(Connection& database, const std::filesystem::path& file, const std::vector<Migration>& known,
                        WallTime now, const std::shared_ptr<Files>& files = system_files());

}  // namespace wardex::store::sqlite
