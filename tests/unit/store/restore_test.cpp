// A backup in the place of the database: what is checked before, what is kept, and what an interruption leaves.
#include "store/sqlite/restore.hpp"

#include <sys/stat.h>

#include <fstream>

#include "sqlite_file.hpp"
#include "store/sqlite/database.hpp"
#include "store/sqlite/migrate.hpp"
#include "store/sqlite/offline.hpp"
#include "store_fixture.hpp"

namespace wardex::store::test {
namespace {

namespace fs = std::filesystem;

class Restoring : public ::testing::Test {
 protected:
  /// Two events, one of them delivered; a backup; then two more.
  void SetUp() override {
    h.open();
    ASSERT_TRUE(h.accept({h.event("a", {"hook", "chat"}), h.event("b", {"hook"})}));
    ASSERT_TRUE(h.settle("hook", {delivered(1)}));
    ASSERT_TRUE(h.backup(backup));
    ASSERT_TRUE(h.accept({h.event("c", {"hook"}), h.event("d", {"hook"})}));
    ASSERT_TRUE(h.settle("hook", {delivered(2), delivered(3)}));
    h.store.reset();
    std::ofstream(data / "in-flight") << "of another process";
  }
  Result<sqlite::RestoreReport> restore() { return sqlite::restore(data, backup, "cli:test", h.now()); }
  void expect_refusal(const std::string& words) {
    const auto before = SqliteFile(data / "gateway.db").get("select count(*) from events");
    const auto result = restore();
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().message.find(words), std::string::npos) << result.error().message;
    EXPECT_EQ(SqliteFile(data / "gateway.db").get("select count(*) from events"), before);
    EXPECT_TRUE(fs::exists(data / "in-flight"));
    EXPECT_FALSE(fs::exists(data / "gateway.db.restoring"));
  }

  TempDir dir;
  fs::path data = dir.path() / "data";
  fs::path backup = dir.path() / "backup.db";
  Harness h{data};
};

TEST_F(Restoring, PutsTheBackupInPlace) {
  h.advance(Millis(60'000));
  const auto report = restore();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->pending, (std::map<std::string, std::uint64_t>{{"chat", 1}, {"hook", 1}}));
  EXPECT_EQ(report->newest_event, 2U);
  EXPECT_EQ(report->audit_at, kStart);
  EXPECT_EQ(report->restore_id, report->audit_id + 1);
  EXPECT_EQ(report->instance, report->instance_before);
  EXPECT_FALSE(fs::exists(data / "in-flight")) << "it would speak of the other database";
  EXPECT_FALSE(fs::exists(data / "gateway.db.restoring"));
  struct stat status {};
  ASSERT_EQ(::stat((data / "gateway.db").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);

  h.open();
  h.wait_ready();
  EXPECT_EQ(h.pending("hook")->size(), 1U);
  EXPECT_EQ(h.events({})->size(), 2U);
  expect_balanced(*h.store);
  const auto row = h.audit({.limit = 1})->front();
  EXPECT_EQ(row.action, "restore");
  EXPECT_EQ(row.actor, "cli:test");
  EXPECT_EQ(row.id, report->restore_id);
  EXPECT_NE(row.detail.find("backup.db"), std::string::npos);
  EXPECT_EQ(h.accept({h.event("a", {"hook"})})->duplicates, 1U);
  EXPECT_EQ(h.accept({h.event("c", {"hook"})})->duplicates, 0U) << "its sender has to send it again";
}

TEST_F(Restoring, WhatWasThereIsKeptWhole) {
  h.open();
  ASSERT_TRUE(h.accept({h.event("e", {})}));
  // As a killed gateway leaves it: the newest commits are in the WAL.
  fs::copy(data, dir.path() / "killed");
  h.store.reset();
  const auto report = sqlite::restore(dir.path() / "killed", backup, "cli:test", h.now());
  ASSERT_TRUE(report) << report.error().message;
  const std::string suffix = ".before-restore-20260421T142209Z";
  const auto killed = dir.path() / "killed";
  EXPECT_TRUE(fs::exists(killed / ("gateway.db-wal" + suffix)));
  EXPECT_TRUE(fs::exists(killed / ("in-flight" + suffix)));
  EXPECT_FALSE(fs::exists(killed / "gateway.db-wal"));
  fs::create_directory(dir.path() / "look");
  for (const std::string part : {"gateway.db", "gateway.db-wal", "gateway.db-shm"})
    if (fs::exists(killed / (part + suffix))) fs::copy(killed / (part + suffix), dir.path() / "look" / part);
  EXPECT_EQ(SqliteFile(dir.path() / "look" / "gateway.db").get("select count(*) from events"), "5");
}

TEST_F(Restoring, OnAnotherMachineThereNeedBeNothing) {
  const auto report = sqlite::restore(dir.path() / "new" / "data", backup, "cli:test", h.now());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->aside.empty());
  EXPECT_EQ(report->instance_before, "");
  EXPECT_EQ(SqliteFile(dir.path() / "new" / "data" / "gateway.db").get("select count(*) from events"), "2");
}

TEST_F(Restoring, ADamagedDatabaseCanBeReplaced) {
  std::ofstream(data / "gateway.db") << std::string(5000, 'x');
  const auto report = restore();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->instance_before, "");
  h.open();
  EXPECT_EQ(h.events({})->size(), 2U);
}

TEST_F(Restoring, AnOlderSchemaIsBroughtUpToDate) {
  auto older = sqlite::embedded_migrations();
  const int newest = older.back().version;
  older.pop_back();
  backup = dir.path() / "older.db";
  {
    sqlite::Connection database(backup, sqlite::Connection::Mode::read_write);
    sqlite::migrate(database, backup, older, kStart);
  }
  const auto report = restore();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->schema_from, newest - 1);
  EXPECT_EQ(report->schema_to, newest);
  for (const auto& entry : fs::directory_iterator(data))
    EXPECT_EQ(entry.path().string().find("before-schema"), std::string::npos) << entry.path();
  h.open();
  EXPECT_EQ(h.audit()->size(), 1U) << "the restore itself";
}

TEST_F(Restoring, ARunningGatewayIsNotRobbed) {
  h.open();
  const auto result = restore();
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("in use by another gateway"), std::string::npos) << result.error().message;
}

TEST_F(Restoring, WhatIsNoBackupIsRefusedAndNothingChanges) {
  const auto good = backup;
  backup = dir.path() / "missing.db";
  expect_refusal("missing.db is no file");
  backup = dir.path() / "text.db";
  std::ofstream(backup) << std::string(5000, 'x');
  expect_refusal("nothing was changed");
  backup = dir.path() / "other.db";
  SqliteFile(backup).run("create table x(y)");
  expect_refusal("other.db is no gateway's database");
  backup = data / "gateway.db";
  expect_refusal("is the database itself");
  backup = good;
  std::ofstream(backup.string() + "-wal") << "commits";
  expect_refusal("has a write-ahead log beside it");
  fs::remove(backup.string() + "-wal");
  SqliteFile(backup).run(
      "insert into schema_migrations select 9999, 'future', checksum, applied_at from "
      "schema_migrations limit 1");
  expect_refusal("newer gateway");
}

TEST_F(Restoring, ADamagedBackupIsRefused) {
  {
    std::fstream file(backup, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096 * 4);
    file << std::string(fs::file_size(backup) - 4096 * 4, '\xA5');
  }
  expect_refusal("nothing was changed");
}

TEST_F(Restoring, AfterAnInterruptionNoGatewayStartsOnWhatIsLeft) {
  fs::copy(backup, data / "gateway.db.restoring");
  fs::remove(data / "gateway.db");
  const auto opened = sqlite::open(h.options);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("a restore was interrupted"), std::string::npos) << opened.error().message;
  EXPECT_FALSE(fs::exists(data / "gateway.db"));
  EXPECT_FALSE(sqlite::migrate(data, false));
  ASSERT_TRUE(restore());
  h.open();
  EXPECT_EQ(h.events({})->size(), 2U);
}

}  // namespace
}  // namespace wardex::store::test
