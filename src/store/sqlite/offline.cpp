#include "store/sqlite/offline.hpp"

#include "store/sqlite/lock.hpp"
#include "store/sqlite/migrate.hpp"
#include "store/sqlite/open.hpp"
#include "store/sqlite/restore.hpp"

namespace wardex::store::sqlite {

Result<MigrationReport> migrate(const std::filesystem::path& directory, bool dry_run) {
  const std::filesystem::path file = directory / kDatabaseName;
  std::error_code missing;
  if (!std::filesystem::is_directory(directory, missing)) {
    return Error{Fault::not_found, "no data directory at " + directory.string() + ": set gateway.data_dir"};
  }
  auto lock = DirectoryLock::take(directory);
  if (!lock) return lock.error();
  if (auto error = unfinished_restore(directory, *system_files())) return *error;
  try {
    const bool exists = std::filesystem::exists(file, missing);
    if (!exists) {
      MigrationReport report;
      for (const Migration& migration : embedded_migrations()) {
        report.steps.push_back(migration.name);
        report.to = migration.version;
      }
      if (dry_run) return report;
      if (auto error = prepare_file(file)) return *error;
    }
    Connection database(file, dry_run ? Connection::Mode::read_only : Connection::Mode::read_write);
    if (dry_run) return plan(database, file, embedded_migrations());
    if (!exists) database.script("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL");
    const auto now = std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
    return migrate(database, file, embedded_migrations(), now);
  } catch (const Refused& refused) {
    return refused.error;
  } catch (const Failure& failure) {
    Error error = judge(failure).error;
    error.message = file.string() + ": " + error.message;
    return error;
  }
}

}  // namespace wardex::store::sqlite
