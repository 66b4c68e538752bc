// Many at once: group commit, reads beside writes, completions in order, backups beside both, stopping in between.
#include <thread>

#include "sqlite_file.hpp"
#include "store_fixture.hpp"

namespace wardex::store::test {
namespace {

TEST(StoreConcurrency, ManyAcceptsShareCommitsAndCompleteInOrder) {
  TempDir dir;
  Harness h(dir.path());
  h.open();
  h.wait_ready();
  constexpr int kRequests = 2000;
  std::vector<int> completed;
  for (int i = 0; i < kRequests; ++i) {
    h.store->accept({h.event("e" + std::to_string(i), {"hook"})}, h.record("accept"), [&, i](Result<Accepted> result) {
      ASSERT_TRUE(result);
      EXPECT_EQ(*result->seqs[0], static_cast<Seq>(i + 1));
      completed.push_back(i);
    });
  }
  ASSERT_TRUE(h.loop.run_until([&] { return completed.size() == kRequests; }));
  EXPECT_TRUE(std::is_sorted(completed.begin(), completed.end()));
  EXPECT_LT(h.store->gauges().commits, static_cast<std::uint64_t>(kRequests) / 2);
  expect_balanced(*h.store);
  h.store.reset();
  SqliteFile file(dir.path() / "gateway.db");
  EXPECT_EQ(file.get("select count(*) from events"), std::to_string(kRequests));
  EXPECT_EQ(file.get("select count(*) from audit"), std::to_string(kRequests));
}

TEST(StoreConcurrency, OneIdFromManySendersIsAcceptedOnce) {
  TempDir dir;
  Harness h(dir.path());
  h.open();
  int accepted = 0;
  int done = 0;
  for (int i = 0; i < 500; ++i) {
    h.store->accept({h.event("same", {"hook"})}, h.record("accept"), [&](Result<Accepted> result) {
      ++done;
      if (result->seqs[0]) ++accepted;
    });
  }
  ASSERT_TRUE(h.loop.run_until([&] { return done == 500; }));
  EXPECT_EQ(accepted, 1);
  EXPECT_EQ(h.store->totals().duplicates, 499U);
}

TEST(StoreConcurrency, ThreadsMayAskForStateWhileItChanges) {
  TempDir dir;
  Harness h(dir.path());
  h.open();
  std::atomic<bool> stop{false};
  std::thread observer([&] {
    while (!stop) {
      for (const auto& [connector, account] : h.store->totals().connectors) {
        if (account.mismatch() != 0) ADD_FAILURE() << connector;
      }
      static_cast<void>(h.store->gauges());
      static_cast<void>(h.store->fault());
      static_cast<void>(h.store->ready());
    }
  });
  int done = 0;
  int started = 0;
  for (int i = 0; i < 300; ++i) {
    ++started;
    h.store->accept(
        {h.event("e" + std::to_string(i), {"hook", "slack"})}, h.record("accept"), [&](Result<Accepted> result) {
          ++done;
          ASSERT_TRUE(result);
          const Seq seq = *result->seqs[0];
          started += 3;
          h.store->settle("hook", {seq % 3 ? delivered(seq) : rejected(seq, "no")}, {}, [&](Result<Settled> settled) {
            ++done;
            ASSERT_TRUE(settled);
          });
          h.store->trail("e" + std::to_string(seq - 1), [&](Result<EventTrail> trail) {
            ++done;
            ASSERT_TRUE(trail);
          });
          h.store->pending("slack", 0, 10, [&](Result<std::vector<Pending>> pending) {
            ++done;
            ASSERT_TRUE(pending);
          });
        });
  }
  ASSERT_TRUE(h.loop.run_until([&] { return done == started; }));
  stop = true;
  observer.join();
  expect_balanced(*h.store);
}

TEST(StoreConcurrency, ClosingFinishesWhatIsQueued) {
  TempDir dir;
  Harness h(dir.path());
  h.open();
  h.wait_ready();
  int ok = 0;
  int done = 0;
  for (int i = 0; i < 200; ++i) {
    h.store->accept({h.event("e" + std::to_string(i), {"hook"})}, h.record("accept"), [&](Result<Accepted> result) {
      ++done;
      if (result) ++ok;
    });
  }
  h.store->close();
  ASSERT_TRUE(h.loop.run_until([&] { return done == 200; }));
  EXPECT_EQ(ok, 200);
  h.store.reset();
  SqliteFile file(dir.path() / "gateway.db");
  EXPECT_EQ(file.get("select count(*) from events"), "200");
  EXPECT_EQ(file.get("select value from meta where key = 'clean_shutdown'"), "1");
}

TEST(StoreConcurrency, TheWalIsFoldedInWhenIdle) {
  TempDir dir;
  Harness h(dir.path());
  h.options.idle_after = Millis(1);
  h.open();
  ASSERT_TRUE(h.accept({h.event("a", {"hook"})}));
  for (int i = 0; i < 200'000 && h.store->gauges().wal_bytes > 0; ++i) std::this_thread::yield();
  EXPECT_EQ(h.store->gauges().wal_bytes, 0U);
}

TEST(StoreConcurrency, TheWalStaysSmallUnderLoad) {
  TempDir dir;
  Harness h(dir.path());
  h.open();
  std::uint64_t largest = 0;
  for (int i = 0; i < 60; ++i) {
    std::vector<NewEvent> batch;
    for (int k = 0; k < 100; ++k) {
      auto item = h.event("e" + std::to_string(i * 100 + k), {"hook"});
      auto event = std::make_shared<Event>(*item.event);
      event->original = "\"" + std::string(2000, 'x') + "\"";
      item.event = event;
      batch.push_back(std::move(item));
    }
    ASSERT_TRUE(h.accept(std::move(batch)));
    largest = std::max(largest, h.store->gauges().wal_bytes);
  }
  EXPECT_GT(h.store->gauges().database_bytes, 10U << 20);
  EXPECT_LT(largest, 8U << 20);
}

TEST(StoreBackup, IsAWholeDatabaseWhileWritesGoOn) {
  TempDir dir;
  Harness h(dir.path() / "data");
  h.open();
  for (int i = 0; i < 20; ++i) {
    std::vector<NewEvent> batch;
    for (int k = 0; k < 200; ++k) batch.push_back(h.event("e" + std::to_string(i * 200 + k), {"hook"}));
    ASSERT_TRUE(h.accept(std::move(batch)));
  }
  const auto target = dir.path() / "backup.db";
  std::optional<Result<Ok>> finished;
  h.store->backup(target.string(), [&](Result<Ok> result) { finished = result; });
  int more = 0;
  std::function<void()> next = [&] {
    if (finished) return;
    h.store->accept({h.event("more" + std::to_string(more++), {"hook"})}, h.record("accept"),
                    [&](Result<Accepted> result) {
                      ASSERT_TRUE(result);
                      next();
                    });
  };
  next();
  ASSERT_TRUE(h.loop.run_until([&] { return finished.has_value(); }));
  ASSERT_TRUE(*finished) << finished->error().message;
  EXPECT_FALSE(std::filesystem::exists(target.string() + ".partial"));
  EXPECT_FALSE(std::filesystem::exists(target.string() + "-wal"));
  const Totals now = h.store->totals();

  // The copy opens as a store of its own, and its books balance.
  std::filesystem::create_directory(dir.path() / "restored");
  std::filesystem::copy_file(target, dir.path() / "restored" / "gateway.db");
  Harness restored(dir.path() / "restored");
  restored.open();
  restored.wait_ready();
  EXPECT_GE(restored.store->totals().events, 4000U);
  EXPECT_LE(restored.store->totals().events, now.events);
  expect_balanced(*restored.store);
  // Again over the same name: replaced.
  ASSERT_TRUE(h.backup(target));
}

TEST(StoreBackup, RefusesWhatMakesNoSense) {
  TempDir dir;
  Harness h(dir.path() / "data");
  h.open();
  const auto itself = h.backup(dir.path() / "data" / "gateway.db");
  ASSERT_FALSE(itself);
  EXPECT_NE(itself.error().message.find("overwrite the database itself"), std::string::npos);
  const auto folder = h.backup(dir.path());
  ASSERT_FALSE(folder);
  EXPECT_NE(folder.error().message.find("is a directory"), std::string::npos);
  const auto nowhere = h.backup(dir.path() / "missing" / "x.db");
  ASSERT_FALSE(nowhere);
  EXPECT_NE(nowhere.error().message.find("cannot create"), std::string::npos);
  EXPECT_FALSE(h.store->fault());
  ASSERT_TRUE(h.backup(dir.path() / "good.db"));
}

}  // namespace
}  // namespace wardex::store::test
