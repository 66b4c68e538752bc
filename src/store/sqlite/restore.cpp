#include "store/sqlite/restore.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include <sqlite3.h>

#include "store/sqlite/accounts.hpp"
#include "store/sqlite/backup.hpp"
#include "store/sqlite/ledger.hpp"
#include "store/sqlite/lock.hpp"
#include "store/sqlite/migrate.hpp"
#include "store/sqlite/open.hpp"
#include "store/sqlite/window.hpp"

namespace wardex::store::sqlite {
namespace {

namespace fs = std::filesystem;

// The backup on its way. While it is there no gateway starts, so that none starts on an empty database after a restore
// that was interrupted.
constexpr std::string_view kRestoringName = "gateway.db.restoring";
constexpr std::string_view kFlights = "in-flight";  // src/deliver/flight_recorder.hpp

[[noreturn]] void refuse(const std::string& why) { throw Refused{{Fault::conflict, why}}; }

fs::path with(const fs::path& file, std::string_view suffix) {
  fs::path out = file;
  out += suffix;
  return out;
}

std::string instance_of(Connection& database) {
  Query row = database.query(Sql::get_meta);
  return row.with("instance_id").step() ? row.string(0) : std::string();
}

/// Of whatever is there; it may be what the restore is to replace because it is damaged.
std::string instance_of(const fs::path& file) {
  std::error_code missing;
  if (!fs::exists(file, missing)) return {};
  try {
    const bool lone = !fs::exists(with(file, "-wal"), missing);  // then nothing need be created to read it
    Connection database(file, Connection::Mode::read_only, {}, lone);
    return instance_of(database);
  } catch (const Failure&) {
    return {};
  }
}

void check_source(const fs::path& file, const fs::path& database) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) refuse(file.string() + " is no file: name a backup");
  if (fs::equivalent(file, database, error)) refuse(file.string() + " is the database itself: name a backup");
  if (const auto wal = fs::file_size(with(file, "-wal"), error); !error && wal > 0)
    refuse(file.string() +
           " has a write-ahead log beside it, so it is no backup made by `wardex-gateway backup`: a part "
           "of it is in that log");
}

/// The backup as a file of its own beside the database, whole and synced; and of a schema that is known.
void copy_beside(const fs::path& backup, const fs::path& target, RestoreReport& report) {
  Connection source(backup, Connection::Mode::read_only, {}, true);
  if (source.value("SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'").empty())
    refuse(backup.string() + " is no gateway's database");
  report.schema_from = plan(source, backup, embedded_migrations()).from;
  copy_database(source, target, system_files());
}

/// Brings the copy up to date and lets its trail say where it comes from.
void adopt(const fs::path& file, const fs::path& backup, const std::string& actor, WallTime now,
           RestoreReport& report) {
  Connection database(file, Connection::Mode::read_write);
  database.script("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
  const auto migrated = migrate(database, file, embedded_migrations(), now);
  report.schema_to = migrated.to;
  if (!migrated.safety_copy.empty()) system_files()->remove(migrated.safety_copy);  // the backup is one
  report.instance = instance_of(database);

  KnownIds known(0, Millis{0});
  Accounts accounts;
  Ledger ledger(database, known, accounts, [now] { return now; });
  ledger.load();
  const auto before = ledger.gauges();
  report.audit_id = before.audit_head_id;
  report.audit_at = before.audit_head_at;
  report.newest_event = ledger.newest_seq();
  for (std::string connector;;) {
    {
      Query row = database.query(Sql::next_connector_pending);
      if (!row.with(connector).step()) break;
      connector = row.string(0);
    }
    Query row = database.query(Sql::count_pending);
    if (row.with(connector).step()) report.pending[connector] = static_cast<std::uint64_t>(row.integer(0));
  }
  AuditRecord record;
  record.at = now;
  record.actor = actor;
  record.action = "restore";
  record.outcome = "ok";
  record.detail =
      "from the backup " + backup.filename().string() + ", whose trail ends at row " + std::to_string(report.audit_id);
  ledger.begin();
  ledger.begin_verb();
  ledger.append(std::move(record));
  ledger.keep_verb();
  ledger.commit();
  report.restore_id = ledger.gauges().audit_head_id;
}

std::string stamp(WallTime now) {
  std::string text = to_iso(now);  // 2026-04-21T14:22:09.000Z -> 20260421T142209Z
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text.substr(0, 15) + "Z";
}

/// Whatever the order, there is a moment in which what is left would not do as a database; the file on its way keeps
/// any gateway from starting then.
void move_aside(const fs::path& directory, const std::string& suffix, RestoreReport& report) {
  std::vector<fs::path> files;
  std::error_code error;
  const std::string database(kDatabaseName);
  for (const auto& name : {database, database + "-wal", database + "-shm", std::string(kFlights)})
    if (fs::exists(directory / name, error)) files.push_back(directory / name);
  for (const auto& file : files)
    if (fs::exists(with(file, suffix), error))
      refuse(with(file, suffix).string() + " is there already: wait a second and try again");
  for (const auto& file : files) {
    report.aside.push_back(with(file, suffix));
    fs::rename(file, report.aside.back(), error);
    if (error) throw Failure(SQLITE_IOERR, error.value(), "move " + file.string() + " aside: " + error.message());
  }
}

/// Root restores for the gateway's user, whom the directory belongs to.
void give_to_owner(const fs::path& directory) {
  struct stat owner {};
  if (::geteuid() != 0 || ::stat(directory.c_str(), &owner) != 0) return;
  for (const auto name : {kRestoringName, kLockName}) {
    const auto file = directory / name;
    if (::chown(file.c_str(), owner.st_uid, owner.st_gid) != 0)
      throw Failure(SQLITE_IOERR, errno, "give " + file.string() + " to the owner of " + directory.string());
  }
}

}  // namespace

Result<RestoreReport> restore(const fs::path& directory, const fs::path& backup, const std::string& actor,
                              WallTime now) {
  if (auto error = prepare_directory(directory)) return *error;
  auto lock = DirectoryLock::take(directory);
  if (!lock) return lock.error();
  const auto database = directory / kDatabaseName;
  const auto restoring = directory / kRestoringName;
  RestoreReport report;
  try {
    check_source(backup, database);
    copy_beside(backup, restoring, report);
    adopt(restoring, backup, actor, now, report);
    give_to_owner(directory);
    report.instance_before = instance_of(database);
    move_aside(directory, ".before-restore-" + stamp(now), report);
    system_files()->put_in_place(restoring, database);
    return report;
  } catch (const Refused& refused) {
    system_files()->remove(restoring);
    return refused.error;
  } catch (const Failure& failure) {
    const bool untouched = report.aside.empty();
    if (untouched) system_files()->remove(restoring);
    return Error{judge(failure).error.fault,
                 (untouched ? "nothing was changed: " : "interrupted half way, run it again when this is mended: ") +
                     std::string(failure.what())};
  }
}

std::optional<Error> unfinished_restore(const fs::path& directory, const Files& files) {
  const auto file = directory / kRestoringName;
  if (files.size(file) == 0) return std::nullopt;
  return Error{Fault::conflict, "a restore was interrupted: run `wardex-gateway restore FILE` again, or remove " +
                                    file.string() + " if gateway.db beside it is the database you want"};
}

}  // namespace wardex::store::sqlite
