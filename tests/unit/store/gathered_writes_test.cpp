// Writes kept back are there whenever somebody looks, and become few.
#include "store/sqlite/gathered_writes.hpp"

#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "faulty_vfs.hpp"
#include "store_fixture.hpp"

namespace wardex::store::test {
namespace {

/// A file as SQLite opens one, over the VFS that counts and fails.
class GatheredFile {
 public:
  /// `database`: its name; what belongs to it is beside it.
  explicit GatheredFile(const std::string& database, int kind = SQLITE_OPEN_WAL) : name_(database) {
    if (kind != SQLITE_OPEN_MAIN_DB) {
      std::ofstream(database, std::ios::app).close();
      name_ += kind == SQLITE_OPEN_WAL ? "-wal" : "-journal";
    }
    sqlite3_vfs* vfs = sqlite3_vfs_find(sqlite::gathering_vfs(FaultyVfs::kName).c_str());
    memory_.resize(static_cast<std::size_t>(vfs->szOsFile));
    const int code = vfs->xOpen(vfs, name_.c_str(), file(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | kind, nullptr);
    EXPECT_EQ(code, SQLITE_OK);
  }
  ~GatheredFile() { EXPECT_EQ(close(), SQLITE_OK); }
  GatheredFile(const GatheredFile&) = delete;
  GatheredFile& operator=(const GatheredFile&) = delete;

  int write(const std::string& bytes, std::size_t at) {
    return methods().xWrite(file(), bytes.data(), static_cast<int>(bytes.size()), static_cast<sqlite3_int64>(at));
  }
  /// What is there; short at the end of the file.
  std::string read(std::size_t count, std::size_t at) {
    std::string bytes(count, '?');
    const int code = methods().xRead(file(), bytes.data(), static_cast<int>(count), static_cast<sqlite3_int64>(at));
    EXPECT_TRUE(code == SQLITE_OK || code == SQLITE_IOERR_SHORT_READ) << code;
    return bytes;
  }
  std::size_t size() {
    sqlite3_int64 bytes = -1;
    EXPECT_EQ(methods().xFileSize(file(), &bytes), SQLITE_OK);
    return static_cast<std::size_t>(bytes);
  }
  int truncate(std::size_t size) { return methods().xTruncate(file(), static_cast<sqlite3_int64>(size)); }
  int sync() { return methods().xSync(file(), SQLITE_SYNC_NORMAL); }
  int unlock() { return methods().xUnlock(file(), SQLITE_LOCK_NONE); }
  int close() {
    return file()->pMethods == nullptr ? SQLITE_OK : std::exchange(file()->pMethods, nullptr)->xClose(file());
  }
  /// What another process would see.
  [[nodiscard]] std::string on_disk() const {
    std::ifstream in(name_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }

 private:
  sqlite3_file* file() { return reinterpret_cast<sqlite3_file*>(memory_.data()); }
  const sqlite3_io_methods& methods() { return *file()->pMethods; }

  std::string name_;
  std::vector<char> memory_;
};

class GatheredWrites : public ::testing::Test {
 protected:
  void SetUp() override { FaultyVfs::faults().heal(); }
  void TearDown() override { FaultyVfs::faults().heal(); }
  [[nodiscard]] std::string path() const { return (dir.path() / "file").string(); }
  /// How many writes reached the file since the last call.
  std::uint64_t writes() {
    const std::uint64_t all = FaultyVfs::faults().writes;
    return all - std::exchange(seen_, all);
  }

  TempDir dir;

 private:
  std::uint64_t seen_ = FaultyVfs::faults().writes;
};

TEST_F(GatheredWrites, NeighboursBecomeOne) {
  GatheredFile file(path());
  std::string all;
  for (int frame = 0; frame < 20; ++frame) {
    for (const std::size_t size : {24U, 4096U}) {
      const std::string bytes(size, static_cast<char>('a' + frame));
      ASSERT_EQ(file.write(bytes, all.size()), SQLITE_OK);
      all += bytes;
    }
  }
  EXPECT_EQ(writes(), 0U);
  ASSERT_EQ(file.sync(), SQLITE_OK);
  EXPECT_EQ(writes(), 1U);
  EXPECT_EQ(file.on_disk(), all);
  ASSERT_EQ(file.sync(), SQLITE_OK);
  EXPECT_EQ(writes(), 0U) << "nothing is written twice";
}

TEST_F(GatheredWrites, AFileOfAnotherKindIsWrittenAtOnce) {
  GatheredFile file(path(), SQLITE_OPEN_MAIN_JOURNAL);
  ASSERT_EQ(file.write("journal", 0), SQLITE_OK);
  EXPECT_EQ(file.on_disk(), "journal");
}

TEST_F(GatheredWrites, WhatLooksAtTheFileFindsThem) {
  GatheredFile file(path(), SQLITE_OPEN_MAIN_DB);
  ASSERT_EQ(file.write("one", 0), SQLITE_OK);
  EXPECT_EQ(file.read(3, 0), "one");
  ASSERT_EQ(file.write("two", 3), SQLITE_OK);
  EXPECT_EQ(file.size(), 6U);
  ASSERT_EQ(file.write("three", 6), SQLITE_OK);
  ASSERT_EQ(file.truncate(8), SQLITE_OK);
  EXPECT_EQ(file.on_disk(), "onetwoth");
  ASSERT_EQ(file.write("ONE", 0), SQLITE_OK);
  ASSERT_EQ(file.unlock(), SQLITE_OK);
  EXPECT_EQ(file.on_disk(), "ONEtwoth") << "whoever gets the lock sees what was written under it";
  ASSERT_EQ(file.write("two", 8), SQLITE_OK);
  ASSERT_EQ(file.close(), SQLITE_OK);
  EXPECT_EQ(file.on_disk(), "ONEtwothtwo");
}

TEST_F(GatheredWrites, AnErrorComesWithTheSyncAndNothingIsLeftForLater) {
  GatheredFile file(path());
  ASSERT_EQ(file.write("first", 0), SQLITE_OK);
  ASSERT_EQ(file.sync(), SQLITE_OK);
  FaultyVfs::faults().full = true;
  ASSERT_EQ(file.write("second", 5), SQLITE_OK);
  EXPECT_EQ(file.sync(), SQLITE_FULL);
  FaultyVfs::faults().full = false;
  EXPECT_EQ(file.sync(), SQLITE_OK);
  EXPECT_EQ(file.on_disk(), "first") << "SQLite has given the write up";

  FaultyVfs::faults().full = true;
  ASSERT_EQ(file.write("second", 5), SQLITE_OK);
  EXPECT_EQ(file.write("elsewhere", 100), SQLITE_FULL) << "not a neighbour";
  FaultyVfs::faults().full = false;
}

TEST_F(GatheredWrites, AnyOrderOfCallsIsAsWithoutIt) {
  for (unsigned seed = 0; seed < 8; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random); };
    GatheredFile file(path() + std::to_string(seed));
    std::string model;
    std::size_t next = 0;
    for (int call = 0; call < 150; ++call) {
      switch (below(12)) {
        case 0:
          next = below(model.size() + 10'000);
          break;
        case 1: {
          const std::size_t at = below(model.size() + 100);
          std::string expected = at < model.size() ? model.substr(at, 500) : "";
          expected.resize(500, '\0');
          ASSERT_EQ(file.read(500, at), expected);
          break;
        }
        case 2:
          ASSERT_EQ(file.size(), model.size());
          break;
        case 3:
          ASSERT_EQ(file.sync(), SQLITE_OK);
          ASSERT_EQ(file.on_disk(), model);
          break;
        case 4:
          model.resize(below(model.size() + 1));
          ASSERT_EQ(file.truncate(model.size()), SQLITE_OK);
          break;
        default: {
          const std::string bytes(1 + below(call % 50 == 7 ? 130'000 : 9'000), static_cast<char>('a' + call % 26));
          ASSERT_EQ(file.write(bytes, next), SQLITE_OK);
          if (model.size() < next + bytes.size()) model.resize(next + bytes.size(), '\0');
          model.replace(next, bytes.size(), bytes);
          next += bytes.size();
        }
      }
    }
    ASSERT_EQ(file.close(), SQLITE_OK);
    ASSERT_EQ(file.on_disk(), model) << "seed " << seed;
  }
}

}  // namespace
}  // namespace wardex::store::test
