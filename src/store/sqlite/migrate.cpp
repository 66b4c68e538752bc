#include "store/sqlite/migrate.hpp"

#include "store/sqlite/backup.hpp"

#include <algorithm>
#include <charconv>
#include <embedded/migrations.hpp>

#include <sqlite3.h>

#include "wardex/crypto.hpp"

namespace wardex::store::sqlite {
namespace {

// "WDXG" in the file header: tells the gateway's databases from others.
constexpr int kApplicationId = 0x57445847;

struct Applied {
  int version = 0;
  std::string name;
  std::string checksum;
};

Query prepare(sqlite3* handle, std::string_view sql, sqlite3_stmt** statement) {
  const int code = sqlite3_prepare_v2(handle, sql.data(), static_cast<int>(sql.size()), statement, nullptr);
  if (code != SQLITE_OK) fail(handle, code, sql);
  return Query(*statement);
}

struct Finalized {
  sqlite3_stmt* statement = nullptr;
  ~Finalized() { sqlite3_finalize(statement); }
};

std::vector<Applied> applied_migrations(Connection& database) {
  std::vector<Applied> applied;
  Finalized statement;
  Query row = prepare(database.handle(), "SELECT version, name, checksum FROM schema_migrations ORDER BY version",
                      &statement.statement);
  while (row.step()) applied.push_back({static_cast<int>(row.integer(0)), row.string(1), row.string(2)});
  return applied;
}

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
  throw Refused{{Fault::conflict, file.string() + " " + why}};
}

/// A migration may edit a table's definition in place, where it changes no row; nobody else may.
class SchemaEdits {
 public:
  explicit SchemaEdits(Connection& database) : database_(database) { defend(0); }
  ~SchemaEdits() { defend(1); }
  SchemaEdits(const SchemaEdits&) = delete;
  SchemaEdits& operator=(const SchemaEdits&) = delete;

 private:
  void defend(int on) { sqlite3_db_config(database_.handle(), SQLITE_DBCONFIG_DEFENSIVE, on, nullptr); }
  Connection& database_;
};

void apply(Connection& database, const Migration& migration, WallTime now) {
  const SchemaEdits allowed(database);
  // Rebuilding a table is a drop and a rename: no foreign key may act on it. The check below makes up for it.
  database.script("PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE");
  try {
    database.script(migration.sql);
    if (!database.value("PRAGMA foreign_key_check").empty()) {
      throw Refused{{Fault::conflict, "migration " + migration.name + " leaves broken references; it was undone"}};
    }
    {
      Finalized statement;
      prepare(database.handle(),
              "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (?1, ?2, ?3, ?4)",
              &statement.statement)
          .run(migration.version, migration.name, migration.checksum, to_iso(now));
    }
    // For people who look at the file with other tools; schema_migrations is what counts.
    database.script("PRAGMA user_version = " + std::to_string(migration.version) +
                    "; COMMIT; PRAGMA foreign_keys = ON");
  } catch (...) {
    database.rollback();
    throw;
  }
}

}  // namespace

Migration make_migration(std::string_view name, std::string_view sql) {
  Migration migration{.version = 0, .name = std::string(name), .sql = sql, .checksum = hex(sha256(sql))};
  std::from_chars(name.data(), name.data() + name.size(), migration.version);
  return migration;
}

const std::vector<Migration>& embedded_migrations() {
  static const std::vector<Migration> migrations = [] {
    std::vector<Migration> all;
    for (const auto& file : embedded::migrations::files) all.push_back(make_migration(file.name, file.content));
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.version < b.version; });
    return all;
  }();
  return migrations;
}

MigrationReport plan(Connection& database, const std::filesystem::path& file, const std::vector<Migration>& known) {
  MigrationReport report;
  const bool has_history = !database.value("SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'").empty();
  if (!has_history && !database.value("SELECT 1 FROM sqlite_schema LIMIT 1").empty()) {
    refuse(file, "is an SQLite database, but not a gateway's: set gateway.data_dir to a directory of its own");
  }
  const std::vector<Applied> applied = has_history ? applied_migrations(database) : std::vector<Applied>{};
  for (const Applied& step : applied) {
    const auto same =
        std::find_if(known.begin(), known.end(), [&](const auto& m) { return m.version == step.version; });
    if (same == known.end()) {
      refuse(file, "was written by a newer gateway (schema " + std::to_string(applied.back().version) +
                       ", this binary knows up to " + std::to_string(known.empty() ? 0 : known.back().version) +
                       "): start that version, or restore a backup made before the upgrade");
    }
    if (same->checksum != step.checksum) {
      refuse(file, "had " + step.name + " applied with other content than this binary's " + same->name +
                       ": this is a build with changed migrations; start the build that created the database");
    }
    report.from = step.version;
  }
  report.to = report.from;
  for (const Migration& migration : known) {
    if (migration.version <= report.from) continue;
    report.steps.push_back(migration.name);
    report.to = migration.version;
  }
  return report;
}

MigrationReport migrate(Connection& database, const std::filesystem::path& file, const std::vector<Migration>& known,
                        WallTime now, const std::shared_ptr<Files>& files) {
  MigrationReport report = plan(database, file, known);
  if (report.steps.empty()) return report;
  if (report.from > 0) {
    report.safety_copy = file;
    report.safety_copy += ".before-schema-" + std::to_string(report.to);
    copy_database(database, report.safety_copy, files);
  } else {
    database.script("PRAGMA application_id = " + std::to_string(kApplicationId) +
                    "; CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, "
                    "checksum TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT");
  }
  for (const Migration& migration : known) {
    if (migration.version > report.from) apply(database, migration, now);
  }
  return report;
}

}  // namespace wardex::store::sqlite
