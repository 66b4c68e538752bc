// Disk full and disk broken: nothing acknowledged is lost, nothing refused has half happened, and only space coming
// back heals by itself.
#include <sys/mount.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "faulty_vfs.hpp"
#include "sqlite_file.hpp"
#include "store/sqlite/wal.hpp"
#include "store_fixture.hpp"

namespace wardex::store::test {
namespace {

class StoreFaults : public ::testing::Test {
 protected:
  void SetUp() override {
    FaultyVfs::faults().heal();
    h.options.vfs = FaultyVfs::kName;
    h.options.space_probe_every = Millis(1);
  }
  void TearDown() override { FaultyVfs::faults().heal(); }
  // Waits without sleeping: each refused write is a turn of the writer.
  void wait_until_writable() {
    for (int i = 0; i < 200'000 && h.store->fault(); ++i) static_cast<void>(h.append_audit(h.record("probe")));
    ASSERT_FALSE(h.store->fault());
  }

  TempDir dir;
  Harness h{dir.path()};
};

TEST_F(StoreFaults, AFullDiskRefusesWritesAndHealsByItself) {
  h.open();
  ASSERT_TRUE(h.accept({h.event("a", {"hook"})}));
  FaultyVfs::faults().full = true;
  const auto refused = h.accept({h.event("b", {"hook"}), h.event("c", {"hook"})});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::full);
  EXPECT_NE(refused.error().message.find("free disk space"), std::string::npos) << refused.error().message;
  ASSERT_TRUE(h.store->fault());
  EXPECT_EQ(h.store->fault()->fault, Fault::full);
  EXPECT_FALSE(h.store->ready());
  // Reads go on, and the books show what is on disk.
  EXPECT_EQ(h.pending("hook")->size(), 1U);
  EXPECT_EQ(h.store->totals().events, 1U);
  expect_balanced(*h.store);

  FaultyVfs::faults().full = false;
  wait_until_writable();
  EXPECT_TRUE(h.store->ready());
  // What was refused is not remembered: the sender's repetition is new.
  const auto again = h.accept({h.event("a", {"hook"}), h.event("b", {"hook"}), h.event("c", {"hook"})});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->duplicates, 1U);
  EXPECT_EQ(*again->seqs[1], 2U);
  EXPECT_EQ(h.store->totals().events, 3U);
  expect_balanced(*h.store);
  h.store.reset();
  SqliteFile file(dir.path() / "gateway.db");
  EXPECT_EQ(file.get("select count(*) from meta where key = 'space_probe'"), "0");
  EXPECT_EQ(file.get("pragma integrity_check"), "ok");
}

TEST_F(StoreFaults, AFullDiskHealsUnderContinuousLoad) {
  h.open();
  h.wait_ready();
  FaultyVfs::faults().full = true;
  // A new request for every answer, several at a time: the queue never runs empty.
  int refused = 0;
  bool healed = false;
  int in_flight = 0;
  int next_id = 0;
  std::function<void()> send = [&] {
    ++in_flight;
    h.store->accept({h.event("e" + std::to_string(next_id++), {"hook"})}, h.record("accept"),
                    [&](Result<Accepted> result) {
                      --in_flight;
                      if (!result && ++refused == 500) FaultyVfs::faults().full = false;
                      if (result) healed = true;
                      if (!healed) send();
                    });
  };
  for (int i = 0; i < 64; ++i) send();
  ASSERT_TRUE(h.loop.run_until([&] { return healed && in_flight == 0; }));
  EXPECT_FALSE(h.store->fault());
  expect_balanced(*h.store);
}

TEST_F(StoreFaults, AFailedFsyncIsNeverRetried) {
  h.open();
  ASSERT_TRUE(h.accept({h.event("a", {"hook"})}));
  FaultyVfs::faults().sync_fails_in = 1;
  const auto refused = h.accept({h.event("b", {"hook"})});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::io);
  // The disk would work again, but what it did with the pages is unknown: no write until a restart, nor at the stop.
  const std::uint64_t writes = FaultyVfs::faults().writes;
  const std::uint64_t syncs = FaultyVfs::faults().syncs;
  const auto later = h.accept({h.event("c", {"hook"})});
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().fault, Fault::io);
  EXPECT_EQ(h.store->fault()->fault, Fault::io);
  EXPECT_EQ(h.pending("hook")->size(), 1U);
  expect_balanced(*h.store);
  h.store.reset();
  EXPECT_EQ(FaultyVfs::faults().writes, writes);
  EXPECT_EQ(FaultyVfs::faults().syncs, syncs);

  h.open();
  h.wait_ready();
  EXPECT_FALSE(h.store->fault());
  const auto repeated = h.accept({h.event("a", {"hook"})});
  ASSERT_TRUE(repeated);
  EXPECT_EQ(repeated->duplicates, 1U);
  expect_balanced(*h.store);
}

TEST_F(StoreFaults, FailuresAtEverySyncLoseNothingAcknowledged) {
  for (int nth = 1; nth <= 6; ++nth) {
    TempDir own;
    Harness run(own.path());
    run.options.vfs = FaultyVfs::kName;
    run.open();
    std::vector<std::string> acknowledged;
    FaultyVfs::faults().sync_fails_in = nth;
    for (int i = 0; i < 8; ++i) {
      const std::string id = "e" + std::to_string(i);
      if (run.accept({run.event(id, {"hook"})})) acknowledged.push_back(id);
    }
    FaultyVfs::faults().heal();
    EXPECT_LT(acknowledged.size(), 8U) << nth;
    run.reopen();
    run.wait_ready();
    for (const std::string& id : acknowledged) {
      const auto again = run.accept({run.event(id, {"hook"})});
      ASSERT_TRUE(again);
      EXPECT_EQ(again->duplicates, 1U) << id << " was lost after a failure at sync " << nth;
    }
    expect_balanced(*run.store);
  }
}

/// The files as a killed process leaves them, in a folder of their own (this process cannot be killed).
class Killed {
 public:
  explicit Killed(const std::filesystem::path& directory) {
    for (const char* name : {"gateway.db", "gateway.db-wal"})
      if (std::filesystem::exists(directory / name)) std::filesystem::copy_file(directory / name, dir_.path() / name);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return dir_.path(); }
  [[nodiscard]] std::string wal() const { return (dir_.path() / "gateway.db-wal").string(); }

 private:
  TempDir dir_;
};

TEST_F(StoreFaults, AStartRenewsAndFoldsTheLogBeforeItWrites) {
  h.open();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(h.accept({h.event("e" + std::to_string(i), {"hook"})}));
  const Killed left(dir.path());
  const auto bytes = std::filesystem::file_size(left.wal());
  ASSERT_GT(bytes, 0U);

  auto& faults = FaultyVfs::faults();
  const std::uint64_t writes = faults.wal_writes;
  const std::uint64_t syncs = faults.wal_syncs;
  const std::uint64_t truncations = faults.wal_truncations;
  Harness next(left.path());
  next.options.vfs = FaultyVfs::kName;
  next.open();
  EXPECT_GE(faults.wal_writes - writes, bytes);  // every byte of it, and what the start itself writes
  EXPECT_GE(faults.wal_syncs - syncs, 1U);
  EXPECT_GE(faults.wal_truncations - truncations, 1U);
  EXPECT_LT(std::filesystem::file_size(left.wal()), bytes);
  next.wait_ready();
  EXPECT_EQ(next.store->totals().events, 20U);

  // After a clean stop there is nothing to renew.
  next.store.reset();
  const std::uint64_t before = faults.wal_writes;
  ASSERT_TRUE(!std::filesystem::exists(left.wal()) || std::filesystem::file_size(left.wal()) == 0);
  next.open();
  EXPECT_LT(faults.wal_writes - before, 64U << 10U);
}

TEST_F(StoreFaults, APowerFailureAfterAFailedSyncAndARestartLosesNothingAcknowledged) {
  // The frames of `lost` are in the log for all who read it, but not on the disk, and the kernel thinks they are.
  FaultyVfs::faults().unwritten.watching = true;
  h.open();
  ASSERT_TRUE(h.accept({h.event("before", {"hook"})}));
  h.wait_ready();
  FaultyVfs::faults().sync_fails_in = 1;
  ASSERT_FALSE(h.accept({h.event("lost", {"hook"})}));
  const std::string wal = (dir.path() / "gateway.db-wal").string();
  EXPECT_GT(FaultyVfs::faults().unwritten.lost(wal), 0U);
  h.store.reset();

  h.open();
  h.wait_ready();
  EXPECT_EQ(FaultyVfs::faults().unwritten.lost(wal), 0U) << "a start must leave nothing that only seems to be there";
  ASSERT_TRUE(h.accept({h.event("after", {"hook"})}));
  // The power fails now. What was acknowledged must be there: it may not stand behind a hole in the log.
  FaultyVfs::faults().unwritten.power_failure();
  const Killed left(dir.path());
  Harness next(left.path());
  next.open();
  next.wait_ready();
  for (const char* id : {"before", "after"}) {
    const auto again = next.accept({next.event(id, {"hook"})});
    ASSERT_TRUE(again);
    EXPECT_EQ(again->duplicates, 1U) << id;
  }
  expect_balanced(*next.store);
  next.store.reset();
  EXPECT_EQ(SqliteFile(left.path() / "gateway.db").get("pragma integrity_check"), "ok");
}

TEST_F(StoreFaults, OnAFullDiskWhatMakesRoomIsStillTried) {
  h.options.space_probe_every = Millis(3'600'000);
  std::vector<std::string> announced;
  h.options.on_fault = [&](const std::optional<Error>& fault) { announced.push_back(fault ? fault->message : "over"); };
  h.open();
  std::vector<NewEvent> events;
  std::vector<Settle> settled;
  for (int i = 0; i < 40; ++i) events.push_back(h.event("e" + std::to_string(i), {"hook"}));
  ASSERT_TRUE(h.accept(std::move(events)));
  for (Seq seq = 1; seq <= 40; ++seq) settled.push_back(rejected(seq, "HTTP 400"));
  ASSERT_TRUE(h.settle("hook", std::move(settled)));
  FaultyVfs::faults().full = true;
  ASSERT_FALSE(h.accept({h.event("more", {"hook"})}));
  ASSERT_EQ(h.discard({.limit = 10}).error().fault, Fault::full);  // tried, and there was no room for it
  EXPECT_EQ(h.store->totals().connectors["hook"].mailbox, 40U);
  FaultyVfs::faults().full = false;
  // Space is back and nobody has looked yet: only what makes room gets through.
  EXPECT_EQ(h.accept({h.event("more", {"hook"})}).error().fault, Fault::full);
  EXPECT_EQ(h.replay({.limit = 10}).error().fault, Fault::full);
  EXPECT_EQ(*h.discard({.limit = 10}), 10U);
  EXPECT_EQ(h.store->totals().connectors["hook"].discarded, 10U);
  EXPECT_EQ(h.store->fault()->fault, Fault::full);
  EXPECT_TRUE(h.mailbox());
  EXPECT_TRUE(h.audit());
  expect_balanced(*h.store);
  ASSERT_EQ(announced.size(), 1U);  // once, however often it fails
  EXPECT_NE(announced[0].find("free disk space"), std::string::npos);
}

TEST_F(StoreFaults, SpaceIsKeptAsideAndGivenBackWhileTheDiskIsFull) {
  const auto spare = dir.path() / sqlite::kSpareSpaceName;
  h.options.spare_bytes = 1 << 20;
  h.open();
  h.wait_ready();
  ASSERT_TRUE(std::filesystem::exists(spare));
  EXPECT_EQ(std::filesystem::file_size(spare), h.options.spare_bytes);
  FaultyVfs::faults().full = true;
  ASSERT_FALSE(h.accept({h.event("a", {"hook"})}));
  EXPECT_FALSE(std::filesystem::exists(spare));
  FaultyVfs::faults().full = false;
  wait_until_writable();
  EXPECT_TRUE(std::filesystem::exists(spare));  // there for the next time
}

TEST_F(StoreFaults, AFaultIsAnnouncedWhenItBeginsAndWhenItIsOver) {
  std::vector<std::optional<Fault>> announced;
  h.options.on_fault = [&](const std::optional<Error>& fault) {
    announced.push_back(fault ? std::optional(fault->fault) : std::nullopt);
  };
  h.open();
  h.wait_ready();
  FaultyVfs::faults().full = true;
  for (int i = 0; i < 5; ++i) ASSERT_FALSE(h.accept({h.event("a", {"hook"})}));
  FaultyVfs::faults().full = false;
  wait_until_writable();
  FaultyVfs::faults().sync_fails_in = 1;
  ASSERT_FALSE(h.accept({h.event("a", {"hook"})}));
  ASSERT_TRUE(h.loop.run_until([&] { return announced.size() == 3; }));
  EXPECT_EQ(announced, (std::vector<std::optional<Fault>>{Fault::full, std::nullopt, Fault::io}));
}

TEST_F(StoreFaults, FreeSpaceInsideTheFileIsKnown) {
  h.open();
  std::vector<NewEvent> events;
  std::vector<Settle> settled;
  for (int i = 0; i < 2000; ++i) events.push_back(h.event("e" + std::to_string(i), {"hook"}));
  ASSERT_TRUE(h.accept(std::move(events)));
  EXPECT_LT(h.store->gauges().free_bytes, 16U << 10U);
  for (Seq seq = 1; seq <= 2000; ++seq) settled.push_back(delivered(seq));
  ASSERT_TRUE(h.settle("hook", std::move(settled)));
  EXPECT_GT(h.store->gauges().free_bytes, 16U << 10U);  // the pages of the pending set
  EXPECT_LT(h.store->gauges().free_bytes, h.store->gauges().database_bytes + h.store->gauges().wal_bytes);
}

/// WARDEX_BENCH: what a start pays for a log of 64 MB.
TEST(StoreStartBench, ALogOf64Megabytes) {
  if (std::getenv("WARDEX_BENCH") == nullptr) GTEST_SKIP() << "set WARDEX_BENCH to measure";
  TempDir dir;
  {
    Harness h(dir.path());
    h.open();
  }
  {
    SqliteFile file(dir.path() / "gateway.db");
    file.run("pragma journal_mode = wal; create table ballast (x)");
    for (int i = 0; i < 16; ++i)
      file.run(
          "with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000) insert into ballast select "
          "randomblob(4000) from n");
    const Killed left(dir.path());
    std::cout << "log: " << (std::filesystem::file_size(left.wal()) >> 20U) << " MiB\n";
    const auto time = [](const char* what, const auto& work) {
      const auto begun = std::chrono::steady_clock::now();
      work();
      std::cout << what << ": "
                << std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count()
                << " ms\n";
    };
    time("renew", [&] { sqlite::renew_wal(left.path() / "gateway.db", ""); });
    sqlite::Connection database(left.path() / "gateway.db", sqlite::Connection::Mode::read_write);
    time("read the log's index", [&] { database.script("PRAGMA journal_mode = WAL"); });
    time("fold", [&] { sqlite::fold_wal(database); });
    EXPECT_EQ(std::filesystem::file_size(left.wal()), 0U);
  }
}

TEST_F(StoreFaults, AReadErrorIsTheReadsAlone) {
  h.open();
  ASSERT_TRUE(h.accept({h.event("a", {"hook"})}));
  h.reopen();
  h.wait_ready();
  FaultyVfs::faults().read_fails = true;
  const auto failed = h.mailbox();
  FaultyVfs::faults().read_fails = false;
  if (!failed) {
    EXPECT_EQ(failed.error().fault, Fault::io);
  }
  EXPECT_FALSE(h.store->fault());
  EXPECT_TRUE(h.mailbox());
}

TEST(StoreSpace, APageLimitIsAFullDisk) {
  TempDir dir;
  Harness h(dir.path());
  h.options.max_pages = 80;
  h.open();
  std::size_t accepted = 0;
  for (int i = 0; i < 200; ++i) {
    auto item = h.event("e" + std::to_string(i), {"hook"});
    auto event = std::make_shared<Event>(*item.event);
    event->original = "\"" + std::string(4000, 'x') + "\"";
    item.event = event;
    if (!h.accept({std::move(item)})) break;
    ++accepted;
  }
  EXPECT_GT(accepted, 10U);
  EXPECT_LT(accepted, 100U);
  ASSERT_TRUE(h.store->fault());
  EXPECT_EQ(h.store->fault()->fault, Fault::full);
  EXPECT_EQ(h.store->totals().events, accepted);
  expect_balanced(*h.store);
}

TEST(StoreSpace, ARealFullFileSystem) {
  TempDir dir;
  if (::mount("tmpfs", dir.path().c_str(), "tmpfs", 0, "size=3m") != 0) GTEST_SKIP() << "needs the right to mount";
  struct Unmount {
    const std::filesystem::path& path;
    ~Unmount() { ::umount2(path.c_str(), MNT_DETACH); }
  } const unmount{dir.path()};
  {
    Harness h(dir.path());
    h.options.space_probe_every = Millis(1);
    h.open();
    {
      std::ofstream ballast(dir.path() / "ballast");
      ballast << std::string(1'200'000, 'x');
    }
    std::size_t accepted = 0;
    for (; accepted < 5'000; ++accepted) {
      auto item = h.event("e" + std::to_string(accepted), {"hook"});
      auto event = std::make_shared<Event>(*item.event);
      event->original = "\"" + std::string(4000, 'x') + "\"";
      item.event = event;
      if (!h.accept({std::move(item)})) break;
    }
    ASSERT_LT(accepted, 5'000U);
    ASSERT_TRUE(h.store->fault());
    EXPECT_EQ(h.store->fault()->fault, Fault::full) << h.store->fault()->message;
    EXPECT_EQ(h.pending("hook", 0, 10'000)->size(), accepted);
    std::filesystem::remove(dir.path() / "ballast");
    for (int i = 0; i < 200'000 && h.store->fault(); ++i) static_cast<void>(h.append_audit(h.record("probe")));
    ASSERT_FALSE(h.store->fault());
    ASSERT_TRUE(h.accept({h.event("after", {"hook"})}));
    expect_balanced(*h.store);
  }
  SqliteFile file(dir.path() / "gateway.db");
  EXPECT_EQ(file.get("pragma quick_check"), "ok");
}

}  // namespace
}  // namespace wardex::store::test
