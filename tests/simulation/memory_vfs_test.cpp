// The disk itself: a simulation is only worth as much as its disk is like a real one.
#include "simulation/memory_vfs.hpp"

#include <gtest/gtest.h>

#include "store/sqlite/database.hpp"

namespace wardex::simulation {
namespace {

using store::sqlite::Connection;

std::string filled(std::size_t size, char with) { return std::string(size, with); }

TEST(MemoryFile, WhatIsSyncedSurvivesAndWhatIsNotMaySectorBySector) {
  Random random(1);
  MemoryFile file;
  file.write(0, filled(2048, 'a'));
  file.sync();
  file.write(0, filled(2048, 'b'));
  MemoryFile none = file;
  none.lose_power(random, 0);
  EXPECT_EQ(none.seen(), filled(2048, 'a'));
  MemoryFile all = file;
  all.lose_power(random, 1);
  EXPECT_EQ(all.seen(), filled(2048, 'b'));
  bool torn = false;
  for (int i = 0; i < 50; ++i) {
    MemoryFile some = file;
    some.lose_power(random, 0.5);
    for (std::size_t sector = 0; sector < 4; ++sector) {
      const auto bytes = some.seen().substr(sector * 512, 512);
      EXPECT_TRUE(bytes == filled(512, 'a') || bytes == filled(512, 'b'));
      torn = torn || bytes != some.seen().substr(0, 512);
    }
  }
  EXPECT_TRUE(torn);
}

TEST(MemoryFile, AFailedSyncLeavesWhatNoLaterSyncBrings) {
  Random random(2);
  MemoryFile file;
  file.write(0, filled(4096, 'a'));
  file.sync();
  file.write(0, filled(4096, 'b'));
  file.fail_sync(random);
  EXPECT_EQ(file.seen(), filled(4096, 'b')) << "readers see it as long as the kernel has it in memory";
  file.sync();
  EXPECT_NE(file.on_disk(), filled(4096, 'b'));
  EXPECT_NE(file.on_disk(), filled(4096, 'a'));

  MemoryFile forgotten = file;
  while (forgotten.seen() == filled(4096, 'b')) {
    MemoryFile again = file;
    again.drop_clean(random);
    forgotten = again;
  }
  EXPECT_NE(forgotten.seen().find('a'), std::string::npos);

  // Writing a byte makes its page dirty, and all of a page is written.
  for (std::size_t at = 0; at < 4096; at += 512) file.write(at, "b");
  file.sync();
  EXPECT_EQ(file.on_disk(), filled(4096, 'b'));
}

TEST(MemoryFile, ATruncationIsUndoneByAPowerFailureOrNot) {
  Random random(3);
  MemoryFile file;
  file.write(0, filled(1024, 'a'));
  file.sync();
  file.truncate(0);
  file.write(0, "b");
  MemoryFile none = file;
  none.lose_power(random, 0);
  EXPECT_EQ(none.seen(), filled(1024, 'a'));
  file.lose_power(random, 1);
  EXPECT_EQ(file.seen(), "b");
}

class Disk : public ::testing::Test {
 protected:
  std::unique_ptr<Connection> open(const std::string& name = "/data/x.db") {
    auto connection = std::make_unique<Connection>(name, Connection::Mode::read_write, disk.name());
    connection->script("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0");
    return connection;
  }
  static bool works(Connection& connection, const std::string& sql) {
    try {
      connection.script(sql);
      return true;
    } catch (const store::sqlite::Failure&) {
      connection.rollback();
      return false;
    }
  }

  MemoryVfs disk{7};
};

TEST_F(Disk, WritersAndReadersShareAWal) {
  auto writer = open();
  writer->script("CREATE TABLE t (x)");
  Connection reader("/data/x.db", Connection::Mode::read_only, disk.name());
  reader.script("BEGIN");
  EXPECT_EQ(reader.value("SELECT count(*) FROM t"), "0");
  writer->script("INSERT INTO t VALUES (1)");
  EXPECT_EQ(reader.value("SELECT count(*) FROM t"), "0") << "one state for as long as it reads";
  writer->script("PRAGMA busy_timeout = 0");
  EXPECT_EQ(writer->value("PRAGMA wal_checkpoint(TRUNCATE)"), "1") << "a reader is in the way";
  reader.script("COMMIT");
  EXPECT_EQ(reader.value("SELECT count(*) FROM t"), "1");
  EXPECT_EQ(writer->value("PRAGMA wal_checkpoint(TRUNCATE)"), "0");
  EXPECT_EQ(disk.size("/data/x.db-wal"), 0U);
  auto other = open();
  writer->script("BEGIN IMMEDIATE");
  other->script("PRAGMA busy_timeout = 0");
  EXPECT_FALSE(works(*other, "BEGIN IMMEDIATE"));
}

TEST_F(Disk, ALastConnectionFoldsTheWalIn) {
  auto writer = open();
  writer->script("CREATE TABLE t (x)");
  writer.reset();
  EXPECT_EQ(disk.names(), std::vector<std::string>{"/data/x.db"});
}

TEST_F(Disk, RunsFullAndGivesSpaceBack) {
  auto writer = open();
  writer->script("CREATE TABLE t (x)");
  disk.capacity = disk.used() + 20'000;
  EXPECT_FALSE(works(*writer, "INSERT INTO t VALUES (zeroblob(100000))"));
  EXPECT_GT(disk.refusals(), 0U);
  EXPECT_LE(disk.used(), *disk.capacity);
  EXPECT_EQ(writer->value("SELECT count(*) FROM t"), "0");
  disk.heal();
  EXPECT_TRUE(works(*writer, "INSERT INTO t VALUES (zeroblob(100000))"));
}

TEST_F(Disk, FailsWhenToldTo) {
  auto writer = open();
  writer->script("CREATE TABLE t (x)");
  for (const auto& [operation, failure] : {std::pair{Io::write, SQLITE_IOERR_WRITE}, {Io::sync, SQLITE_IOERR_FSYNC}}) {
    disk.fail(operation, 1);
    try {
      writer->script("INSERT INTO t VALUES (1)");
      ADD_FAILURE() << "nothing failed";
    } catch (const store::sqlite::Failure& error) {
      EXPECT_EQ(error.code, failure);
    }
    writer->rollback();
    EXPECT_EQ(disk.failures()[operation], 1U);
  }
  EXPECT_TRUE(works(*writer, "INSERT INTO t VALUES (1)"));
}

TEST_F(Disk, ADeadProcessChangesNothing) {
  auto writer = open();
  writer->script("CREATE TABLE t (x)");
  disk.die(1);
  EXPECT_FALSE(works(*writer, "INSERT INTO t VALUES (1)"));
  EXPECT_TRUE(disk.dead());
  const auto operations = disk.operations();
  EXPECT_FALSE(works(*writer, "INSERT INTO t VALUES (1)"));
  writer.reset();
  EXPECT_EQ(disk.operations(), operations);
  disk.restart_process();
  writer = open();
  EXPECT_EQ(writer->value("SELECT count(*) FROM t"), "0") << "it died with the first of several writes";
}

TEST_F(Disk, NamesSurviveOnceTheyAreSynced) {
  ASSERT_FALSE(disk.create("/data/new"));
  disk.put_in_place("/data/new", "/data/kept");
  ASSERT_FALSE(disk.create("/data/lost"));
  bool lost = false;
  bool kept = false;
  for (int i = 0; i < 30; ++i) {
    MemoryVfs copy(static_cast<std::uint64_t>(i));
    ASSERT_FALSE(copy.create("/data/new"));
    copy.put_in_place("/data/new", "/data/kept");
    ASSERT_FALSE(copy.create("/data/maybe"));
    copy.restart_machine(0.5);
    const auto names = copy.names();
    EXPECT_NE(std::find(names.begin(), names.end(), "/data/kept"), names.end());
    EXPECT_EQ(std::find(names.begin(), names.end(), "/data/new"), names.end());
    (names.size() == 1 ? lost : kept) = true;
  }
  EXPECT_TRUE(lost);
  EXPECT_TRUE(kept);
}

TEST_F(Disk, TheSameSeedGivesTheSameRun) {
  const auto run = [](std::uint64_t seed) {
    MemoryVfs own(seed);
    sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(seed), nullptr);
    Connection writer("/data/x.db", Connection::Mode::read_write, own.name());
    writer.script("PRAGMA journal_mode = WAL; CREATE TABLE t (x); INSERT INTO t VALUES (random()), (random())");
    return std::pair(own.trace(), writer.value("SELECT group_concat(x) FROM t"));
  };
  EXPECT_EQ(run(3), run(3));
  EXPECT_NE(run(3).second, run(4).second);
}

// What SQLite promises over such a disk: after each commit that was not refused, whatever happens next, the row is
// there and the file is sound.
TEST_F(Disk, CommittedRowsSurviveEveryEnd) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Random random(seed);
    MemoryVfs own(seed);
    std::size_t committed = 0;
    std::size_t tried = 0;
    for (int life = 0; life < 6; ++life) {
      {
        auto writer = std::make_unique<Connection>("/data/x.db", Connection::Mode::read_write, own.name());
        writer->script("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0");
        writer->script("CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY, x)");
        ASSERT_EQ(writer->value("PRAGMA integrity_check"), "ok") << "seed " << seed;
        const auto found = std::stoul(writer->value("SELECT count(*) FROM t"));
        ASSERT_GE(found, committed) << "seed " << seed;
        ASSERT_LE(found, tried) << "seed " << seed;
        tried = committed = found;
        own.die(1 + random.pick(60), random.chance(0.5));
        while (!own.dead()) {
          ++tried;
          if (works(*writer, "INSERT INTO t (x) VALUES (zeroblob(3000))")) ++committed;
          if (random.chance(0.2)) works(*writer, "PRAGMA wal_checkpoint(TRUNCATE)");
        }
      }
      if (random.chance(0.5)) {
        own.restart_machine(random.one_of({0.0, 0.5, 1.0}));
      } else {
        own.restart_process();
      }
    }
  }
}

}  // namespace
}  // namespace wardex::simulation
