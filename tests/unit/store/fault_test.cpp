// Disk full and disk broken: nothing acknowledged is lost, nothing refused has half happened, and only space coming
// back heals by itself.
#include <sys/mount.h>

#include <fstream>

#include "faulty_vfs.hpp"
#include "sqlite_file.hpp"
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
