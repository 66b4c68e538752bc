// What a start refuses, and in which words.
#include <sys/mount.h>
#include <sys/stat.h>

#include <fstream>

#include "sqlite_file.hpp"
#include "store/sqlite/database.hpp"
#include "store/sqlite/migrate.hpp"
#include "store/sqlite/offline.hpp"
#include "store_fixture.hpp"

namespace wardex::store::test {
namespace {

class StoreOpening : public ::testing::Test {
 protected:
  Error refusal() {
    auto opened = sqlite::open(h.options);
    EXPECT_FALSE(opened);
    return opened ? Error{} : opened.error();
  }
  void expect_refusal(std::initializer_list<std::string> words) {
    const Error error = refusal();
    for (const std::string& word : words) {
      EXPECT_NE(error.message.find(word), std::string::npos) << error.message << "\n(no '" << word << "')";
    }
  }
  /// A database with one event, closed cleanly.
  void make_database() {
    h.open();
    ASSERT_TRUE(h.accept({h.event("a", {"hook"})}));
    h.store.reset();
  }

  TempDir dir;
  Harness h{dir.path() / "data"};
  std::filesystem::path file = dir.path() / "data" / "gateway.db";
};

unsigned mode_of(const std::filesystem::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777U : 0;
}

int schema() { return sqlite::embedded_migrations().back().version; }

TEST_F(StoreOpening, CreatesAPrivateDirectoryAndFile) {
  make_database();
  EXPECT_EQ(mode_of(h.options.directory), 0700U);
  EXPECT_EQ(mode_of(file), 0600U);
  EXPECT_EQ(mode_of(h.options.directory / "lock"), 0600U);
}

TEST_F(StoreOpening, SetsThePragmasItPromises) {
  make_database();
  SqliteFile database(file);
  EXPECT_EQ(database.get("pragma journal_mode"), "wal");
  EXPECT_EQ(database.get("pragma auto_vacuum"), "2");
  EXPECT_EQ(database.get("pragma application_id"), std::to_string(0x57445847));
  EXPECT_EQ(database.get("pragma user_version"), std::to_string(schema()));
  EXPECT_EQ(database.get("select count(*) from sqlite_schema where type = 'table' and sql not like '%STRICT%' "
                         "and name not like 'sqlite_%'"),
            "0");
  EXPECT_EQ(database.get("select value from meta where key = 'clean_shutdown'"), "1");
  EXPECT_EQ(database.get("select length(value) from meta where key = 'instance_id'"), "32");
}

TEST_F(StoreOpening, ASecondInstanceIsToldWhoHoldsTheDirectory) {
  h.open();
  expect_refusal({h.options.directory.string(), "in use by another gateway", "pid " + std::to_string(::getpid())});
  h.store.reset();
  h.open();
}

TEST_F(StoreOpening, AFileInPlaceOfTheDirectory) {
  std::ofstream(h.options.directory) << "x";
  expect_refusal({h.options.directory.string(), "set gateway.data_dir to a directory"});
}

TEST_F(StoreOpening, AReadOnlyDirectory) {
  make_database();
  if (::geteuid() == 0) {
    if (::mount(h.options.directory.c_str(), h.options.directory.c_str(), nullptr, MS_BIND, nullptr) != 0 ||
        ::mount(nullptr, h.options.directory.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) != 0) {
      ::umount2(h.options.directory.c_str(), MNT_DETACH);
      GTEST_SKIP() << "root needs the right to mount to see a read-only directory";
    }
  } else {
    ::chmod(h.options.directory.c_str(), 0500);
    ::chmod((h.options.directory / "lock").c_str(), 0400);
  }
  expect_refusal({h.options.directory.string(), "gateway.data_dir"});
  if (::geteuid() == 0) {
    ::umount2(h.options.directory.c_str(), MNT_DETACH);
  } else {
    ::chmod(h.options.directory.c_str(), 0700);
  }
}

TEST_F(StoreOpening, NotADatabase) {
  std::filesystem::create_directory(h.options.directory);
  std::ofstream(file) << std::string(8192, 'x');
  expect_refusal({file.string(), "not an SQLite database", "restore a backup"});
}

TEST_F(StoreOpening, SomebodyElsesDatabase) {
  std::filesystem::create_directory(h.options.directory);
  SqliteFile(file).run("create table users(id)");
  expect_refusal({file.string(), "not a gateway's", "gateway.data_dir"});
}

TEST_F(StoreOpening, ANewerSchema) {
  make_database();
  SqliteFile(file).run(
      "insert into schema_migrations values (999, '0999_future.sql', 'x', '2030-01-01T00:00:00.000Z')");
  expect_refusal({file.string(), "newer gateway (schema 999", "restore a backup"});
}

TEST_F(StoreOpening, AMigrationThatChangedAfterItWasApplied) {
  make_database();
  SqliteFile(file).run("update schema_migrations set checksum = 'x' where version = 1");
  expect_refusal({file.string(), "0001_initial.sql", "other content"});
}

TEST_F(StoreOpening, ADamagedFileAfterAnUncleanStop) {
  make_database();
  SqliteFile(file).run("update meta set value = '0' where key = 'clean_shutdown'; pragma wal_checkpoint(truncate)");
  {
    // Garbage over the root page of `deliveries`.
    const auto page = std::stol(SqliteFile(file).get("select rootpage from sqlite_schema where name = 'deliveries'"));
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp((page - 1) * 4096);
    bytes << std::string(4096, '\x5a');
  }
  const Error error = refusal();
  EXPECT_EQ(error.fault, Fault::corrupt) << error.message;
  EXPECT_NE(error.message.find("restore a backup"), std::string::npos) << error.message;
}

TEST_F(StoreOpening, ALargeDamagedFileIsFoundInTheBackground) {
  make_database();
  SqliteFile(file).run("update meta set value = '0' where key = 'clean_shutdown'; pragma wal_checkpoint(truncate)");
  {
    const auto page =
        std::stol(SqliteFile(file).get("select rootpage from sqlite_schema where name = 'mailbox_by_fingerprint'"));
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp((page - 1) * 4096);
    bytes << std::string(4096, '\x5a');
  }
  h.options.check_at_once_bytes = 0;
  h.open();
  // What waits for the known ids is answered when the check ends.
  const auto accepted = h.accept({h.event("b", {"hook"})});
  ASSERT_FALSE(accepted);
  EXPECT_EQ(accepted.error().fault, Fault::corrupt);
  ASSERT_TRUE(h.store->fault());
  EXPECT_EQ(h.store->fault()->fault, Fault::corrupt) << h.store->fault()->message;
  EXPECT_FALSE(h.store->ready());
}

TEST_F(StoreOpening, MigrateOfflineReportsAndApplies) {
  EXPECT_EQ(sqlite::migrate(h.options.directory, true).error().fault, Fault::not_found);
  std::filesystem::create_directory(h.options.directory);
  const auto planned = sqlite::migrate(h.options.directory, true);
  ASSERT_TRUE(planned);
  EXPECT_EQ(planned->from, 0);
  EXPECT_EQ(planned->to, schema());
  EXPECT_EQ(planned->steps.size(), static_cast<std::size_t>(schema()));
  EXPECT_EQ(planned->steps.front(), "0001_initial.sql");
  EXPECT_FALSE(std::filesystem::exists(file));
  ASSERT_TRUE(sqlite::migrate(h.options.directory, false));
  const auto done = sqlite::migrate(h.options.directory, true);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->from, schema());
  EXPECT_TRUE(done->steps.empty());
  make_database();
  h.open();
  const auto running = sqlite::migrate(h.options.directory, false);
  ASSERT_FALSE(running);
  EXPECT_NE(running.error().message.find("in use by another gateway"), std::string::npos);
}

class Migrating : public StoreOpening {
 protected:
  void SetUp() override { make_database(); }
  sqlite::MigrationReport migrate(std::string_view next) {
    std::vector<sqlite::Migration> known = sqlite::embedded_migrations();
    known.push_back(sqlite::make_migration(std::to_string(schema() + 1) + "_next.sql", next));
    sqlite::Connection database(file, sqlite::Connection::Mode::read_write);
    return sqlite::migrate(database, file, known, kStart);
  }
};

TEST_F(Migrating, MakesASafetyCopyFirst) {
  const auto report = migrate("ALTER TABLE deliveries ADD COLUMN next_thing TEXT;");
  const auto next = std::to_string(schema() + 1);
  EXPECT_EQ(report.from, schema());
  EXPECT_EQ(report.to, schema() + 1);
  EXPECT_EQ(report.safety_copy, file.string() + ".before-schema-" + next);
  EXPECT_EQ(SqliteFile(report.safety_copy).get("select max(version) from schema_migrations"), std::to_string(schema()));
  EXPECT_EQ(SqliteFile(report.safety_copy).get("select id from events"), "a");
  EXPECT_EQ(mode_of(report.safety_copy), 0600U);
  EXPECT_EQ(SqliteFile(file).get("select version, name from schema_migrations order by 1 desc limit 1"),
            next + "|" + next + "_next.sql");
}

TEST_F(Migrating, AFirstReleasesDatabaseWithABacklogIsBroughtUpToDate) {
  const auto old = h.options.directory / "old.db";
  const std::vector<sqlite::Migration> first{sqlite::embedded_migrations().front()};
  {
    sqlite::Connection database(old, sqlite::Connection::Mode::read_write);
    sqlite::migrate(database, old, first, kStart);
    database.script(
        "INSERT INTO events VALUES (1, 'a', 'alert', 'high', NULL, NULL, 'test', '2026-04-21T00:00:00.000Z', '[]', "
        "'{}'); INSERT INTO deliveries (connector, seq, attempts) VALUES ('hook', 1, 3);"
        "UPDATE totals SET next_seq = 2, events = 1; INSERT INTO accounts VALUES ('hook', 1, 0, 0, 0, 0)");
    const auto report = sqlite::migrate(database, old, sqlite::embedded_migrations(), kStart);
    EXPECT_EQ(report.from, 1);
    EXPECT_EQ(report.to, schema());
  }
  SqliteFile upgraded(old);
  EXPECT_EQ(upgraded.get("select connector, seq, state, attempts, deaths, queued_at is null from deliveries"),
            "hook|1|pending|3|0|1");
  EXPECT_EQ(upgraded.get("pragma integrity_check"), "ok");
  const std::string schema_of = "select group_concat(sql, char(10)) from (select sql from sqlite_schema order by name)";
  EXPECT_EQ(upgraded.get(schema_of), SqliteFile(file).get(schema_of)) << "an upgraded database is as a new one";
}

TEST_F(Migrating, AFailingMigrationLeavesNothingBehind) {
  EXPECT_THROW(migrate("CREATE TABLE half_done (x); SELECT no_such_function();"), sqlite::Failure);
  SqliteFile database(file);
  EXPECT_EQ(database.get("select count(*) from sqlite_schema where name = 'half_done'"), "0");
  EXPECT_EQ(database.get("select max(version) from schema_migrations"), std::to_string(schema()));
}

}  // namespace
}  // namespace wardex::store::test
