#include "store/sqlite/open.hpp"

#include <utility>

#include <sqlite3.h>

#include "store/sqlite/lock.hpp"
#include "store/sqlite/migrate.hpp"
#include "store/sqlite/recovery.hpp"
#include "store/sqlite/restore.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "store/sqlite/wal.hpp"
#include "wardex/crypto.hpp"

namespace wardex::store::sqlite {
namespace {

std::string random_id() {
  std::string bytes(16, '\0');
  sqlite3_randomness(static_cast<int>(bytes.size()), bytes.data());
  return hex(bytes);
}

std::string meta(Connection& database, std::string_view key) {
  Query row = database.query(Sql::get_meta);
  return row.with(key).step() ? row.string(0) : std::string();
}

std::unique_ptr<Connection> open_writer(const std::filesystem::path& file, const Options& options) {
  auto database = std::make_unique<Connection>(file, Connection::Mode::read_write, options.vfs);
  if (!database->is_writable()) {
    throw Refused{{Fault::io, file.string() + " is read-only: give the gateway's user write permission"}};
  }
  // auto_vacuum only counts before the first page is written, which journal_mode already does.
  database->script("PRAGMA auto_vacuum = INCREMENTAL");
  if (database->value("PRAGMA journal_mode = WAL") != "wal") {
    throw Refused{{Fault::io, file.string() + " cannot use a write-ahead log there: choose a local file system"}};
  }
  database->script(
      "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 0; PRAGMA secure_delete = ON; "
      "PRAGMA cache_size = -16384");
  if (options.max_pages > 0) database->script("PRAGMA max_page_count = " + std::to_string(options.max_pages));
  return database;
}

std::unique_ptr<Connection> open_reader(const std::filesystem::path& file, const Options& options) {
  return std::make_unique<Connection>(file, Connection::Mode::read_only, options.vfs);
}

/// Whether the last stop was clean; from here on it is not, until close() says so.
bool was_clean(Connection& database, WallTime now) {
  const std::string mark = meta(database, "clean_shutdown");
  if (meta(database, "instance_id").empty()) {
    database.query(Sql::set_meta).run("instance_id", random_id());
    database.query(Sql::set_meta).run("created_at", to_iso(now));
  }
  database.query(Sql::set_meta).run("clean_shutdown", "0");
  return mark != "0";
}

Error explain(const std::filesystem::path& file, const Failure& failure) {
  Error error = judge(failure).error;
  if ((failure.code & 0xff) == 26 /* SQLITE_NOTADB */) {
    error.message = file.string() +
                    " is not an SQLite database (or it is damaged at its first page): move it away, or "
                    "restore a backup";
  } else if (error.message.find(file.string()) == std::string::npos) {
    error.message = file.string() + ": " + error.message;
  }
  return error;
}

}  // namespace

Result<std::unique_ptr<Store>> open(Options options) {
  const std::filesystem::path file = options.directory / kDatabaseName;
  if (auto error = prepare_directory(options.directory)) return *error;
  auto lock = DirectoryLock::take(options.directory);
  if (!lock) return lock.error();
  if (auto error = unfinished_restore(options.directory, *options.files)) return *error;
  if (auto error = options.vfs.empty() ? prepare_file(file) : std::nullopt) return *error;
  try {
    renew_wal(file, options.vfs);
    auto database = open_writer(file, options);
    fold_wal(*database);
    migrate(*database, file, embedded_migrations(), options.now(), options.files);

    const bool clean = was_clean(*database, options.now());
    const bool check_now = !clean && options.files->size(file) <= options.check_at_once_bytes;
    if (check_now) {
      if (auto error = check_file(*database)) return *error;
    }
    auto recovery = std::make_unique<Recovery>(open_reader(file, options),
                                               RecoveryPlan{.check = !clean && !check_now,
                                                            .max_ids = options.idempotency_max,
                                                            .oldest_id = options.now() - options.idempotency_window});
    const auto readers = [&](std::size_t count) {
      SqliteStore::Connections connections;
      while (connections.size() < std::max<std::size_t>(count, 1)) connections.push_back(open_reader(file, options));
      return connections;
    };
    SqliteStore::Connections lane_readers = readers(1);
    SqliteStore::Connections other_readers = readers(options.readers);
    std::unique_ptr<Store> store =
        std::make_unique<SqliteStore>(std::move(options), std::move(*lock), std::move(database), std::move(recovery),
                                      std::move(lane_readers), std::move(other_readers));
    return store;
  } catch (const Refused& refused) {
    return refused.error;
  } catch (const Failure& failure) {
    return explain(file, failure);
  }
}

}  // namespace wardex::store::sqlite
