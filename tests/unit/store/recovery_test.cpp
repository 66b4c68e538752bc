// What a restart finds again, after a stop, a crash, or a kill.
#include <signal.h>
#include <sys/wait.h>

#include <thread>

#include "sqlite_file.hpp"
#include "store_fixture.hpp"

namespace wardex::store::test {
namespace {

class StoreRecovery : public ::testing::Test {
 protected:
  /// The files as a crash would leave them: no checkpoint, no clean mark, no shared memory.
  static void copy_files(const std::filesystem::path& from, const std::filesystem::path& to) {
    std::filesystem::create_directories(to);
    for (const char* name : {"gateway.db", "gateway.db-wal"}) {
      if (std::filesystem::exists(from / name)) std::filesystem::copy_file(from / name, to / name);
    }
  }
  static std::vector<NewEvent> batch(const Harness& h, int from, int count, std::vector<std::string> connectors) {
    std::vector<NewEvent> events;
    for (int i = from; i < from + count; ++i) {
      events.push_back(h.event("e" + std::to_string(i), connectors, "CASE-" + std::to_string(i % 7)));
    }
    return events;
  }
  static void expect_counted(Store& store, const std::filesystem::path& database) {
    SqliteFile file(database);
    for (const auto& [connector, account] : store.totals().connectors) {
      const std::string where = " where connector = '" + connector + "'";
      EXPECT_EQ(file.get("select count(*) from deliveries" + where), std::to_string(account.pending));
      EXPECT_EQ(file.get("select count(*) from mailbox" + where), std::to_string(account.mailbox));
    }
  }

  TempDir dir;
};

TEST_F(StoreRecovery, ACrashLosesNothingAcknowledged) {
  Harness h(dir.path() / "live");
  h.options.idle_after = Millis(600'000);  // no checkpoint in between: everything is in the WAL
  h.open();
  for (int round = 0; round < 12; ++round) {
    ASSERT_TRUE(h.accept(batch(h, round * 40, 40, {"hook", "slack"})));
    const auto waiting = h.pending("hook", 0, 25);
    std::vector<Settle> settled;
    for (const Pending& delivery : *waiting) {
      settled.push_back(delivery.seq % 5 == 0 ? rejected(delivery.seq, "HTTP 400: no") : delivered(delivery.seq));
    }
    ASSERT_TRUE(h.settle("hook", settled, {h.record("deliver", "hook")}));
    if (round % 4 == 1) {
      ASSERT_TRUE(h.replay({.connector = "hook", .limit = 2}));
    }
    if (round % 4 == 2) {
      ASSERT_TRUE(h.discard({.connector = "hook", .limit = 3}));
    }

    const auto crashed = dir.path() / ("crash" + std::to_string(round));
    copy_files(dir.path() / "live", crashed);
    Harness after(crashed);
    after.open();
    after.wait_ready();
    const Totals expected = h.store->totals();
    const Totals found = after.store->totals();
    EXPECT_EQ(found.events, expected.events);
    for (const auto& [connector, account] : expected.connectors) {
      EXPECT_EQ(found.connectors.at(connector).delivered, account.delivered);
      EXPECT_EQ(found.connectors.at(connector).pending, account.pending);
      EXPECT_EQ(found.connectors.at(connector).mailbox, account.mailbox);
      EXPECT_EQ(found.connectors.at(connector).discarded, account.discarded);
    }
    expect_balanced(*after.store);
    expect_counted(*after.store, crashed / "gateway.db");
    // Every acknowledged id is known.
    const auto repeated = after.accept(batch(after, 0, (round + 1) * 40, {"hook"}));
    ASSERT_TRUE(repeated);
    EXPECT_EQ(repeated->duplicates, static_cast<std::size_t>(round + 1) * 40);
    after.store.reset();
    EXPECT_EQ(SqliteFile(crashed / "gateway.db").get("pragma quick_check"), "ok");
  }
}

TEST_F(StoreRecovery, AcceptsThatComeTooEarlyWaitForTheKnownIds) {
  Harness h(dir.path());
  h.open();
  ASSERT_TRUE(h.accept(batch(h, 0, 3000, {"hook"})));
  for (int round = 0; round < 5; ++round) {
    h.store.reset();
    h.open();
    // At once, while the ids are still being read: still recognised, and in the order of arrival.
    std::vector<Accepted> results;
    for (int i = 0; i < 3; ++i) {
      h.store->accept(batch(h, 2999 - i, 2 + i, {"hook"}), h.record("accept"),
                      [&results](Result<Accepted> result) { results.push_back(*result); });
    }
    // Settling does not wait for them.
    ASSERT_TRUE(h.settle("hook", {delivered(static_cast<Seq>(round + 1))}));
    ASSERT_TRUE(h.loop.run_until([&results] { return results.size() == 3; }));
    EXPECT_EQ(results[0].duplicates, round == 0 ? 1U : 2U);
    EXPECT_EQ(results[1].duplicates, 3U);
    EXPECT_EQ(results[2].duplicates, 4U);
    expect_balanced(*h.store);
  }
}

TEST_F(StoreRecovery, TheWindowForgetsByCountAndByAge) {
  Harness h(dir.path());
  h.options.idempotency_max = 100;
  h.options.idempotency_window = std::chrono::hours(1);
  h.open();
  ASSERT_TRUE(h.accept(batch(h, 0, 150, {})));
  EXPECT_EQ(h.store->gauges().known_ids, 100U);
  EXPECT_EQ(h.accept(batch(h, 50, 100, {}))->duplicates, 100U);
  EXPECT_EQ(h.accept(batch(h, 0, 1, {}))->duplicates, 0U);

  h.advance(std::chrono::minutes(40));
  ASSERT_TRUE(h.accept(batch(h, 1000, 10, {})));
  h.advance(std::chrono::minutes(40));
  ASSERT_TRUE(h.accept(batch(h, 2000, 1, {})));  // a commit is when the old ones go
  EXPECT_EQ(h.store->gauges().known_ids, 11U);
  EXPECT_EQ(h.accept(batch(h, 1000, 10, {}))->duplicates, 10U);
  EXPECT_EQ(h.accept(batch(h, 149, 1, {}))->duplicates, 0U);
}

TEST_F(StoreRecovery, TheRebuiltWindowIsTheSame) {
  Harness h(dir.path());
  h.options.idempotency_max = 1000;
  h.options.idempotency_window = std::chrono::hours(1);
  h.open();
  ASSERT_TRUE(h.accept(batch(h, 0, 300, {})));
  h.advance(std::chrono::minutes(90));
  ASSERT_TRUE(h.accept(batch(h, 300, 300, {})));
  h.reopen();
  h.wait_ready();
  EXPECT_EQ(h.store->gauges().known_ids, 300U);
  EXPECT_EQ(h.accept(batch(h, 300, 300, {}))->duplicates, 300U);
  EXPECT_EQ(h.accept(batch(h, 299, 1, {}))->duplicates, 0U);

  h.options.idempotency_max = 50;
  h.reopen();
  h.wait_ready();
  EXPECT_EQ(h.store->gauges().known_ids, 50U);
  // The trail finds what the window has forgotten.
  EXPECT_EQ(h.trail("e10")->event.seq, 11U);
  EXPECT_EQ(h.events({.id = "e299"})->front().seq, 601U);
}

TEST_F(StoreRecovery, ReadsAndSettlesWorkBeforeTheStoreIsReady) {
  Harness h(dir.path());
  h.open();
  ASSERT_TRUE(h.accept(batch(h, 0, 2000, {"hook"})));
  h.reopen();
  // Whether or not the ids are in by now.
  EXPECT_EQ(h.pending("hook", 0, 10)->size(), 10U);
  ASSERT_TRUE(h.settle("hook", {delivered(1)}));
  h.wait_ready();
  EXPECT_EQ(h.store->totals().connectors.at("hook").pending, 1999U);
  expect_balanced(*h.store);
}

TEST_F(StoreRecovery, KilledAtRandomMoments) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "forks";
#endif
  const auto data = dir.path() / "data";
  std::vector<std::string> acknowledged;
  for (int round = 0; round < 8; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(::pipe(pipe_ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(pipe_ends[0]);
      Harness h(data);
      auto opened = sqlite::open(h.options);
      if (!opened) ::_exit(1);
      h.store = std::move(*opened);
      for (int i = 0;; ++i) {
        const std::string id = "r" + std::to_string(round) + "-" + std::to_string(i);
        const auto accepted = h.accept({h.event(id, {"hook"})});
        const std::string line = id + "\n";
        if (!accepted || ::write(pipe_ends[1], line.data(), line.size()) < 0) ::_exit(1);
        if (i % 3 == 0 && !h.settle("hook", {delivered(*accepted->seqs[0])})) ::_exit(1);
      }
    }
    ::close(pipe_ends[1]);
    // Killed while working: after so many acknowledgements, a different number each round.
    std::string text;
    char buffer[256];
    while (std::count(text.begin(), text.end(), '\n') < 5 + 7 * round) {
      const ssize_t got = ::read(pipe_ends[0], buffer, sizeof buffer);
      if (got <= 0) break;
      text.append(buffer, static_cast<std::size_t>(got));
    }
    ::kill(child, SIGKILL);
    for (ssize_t got; (got = ::read(pipe_ends[0], buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<std::size_t>(got));
    }
    ::close(pipe_ends[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    for (std::size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
      acknowledged.push_back(text.substr(at, end - at));
    }
  }
  Harness h(data);
  h.open();
  std::vector<NewEvent> repeated;
  for (const std::string& id : acknowledged) repeated.push_back(h.event(id, {"hook"}));
  EXPECT_EQ(h.accept(std::move(repeated))->duplicates, acknowledged.size());
  expect_balanced(*h.store);
  expect_counted(*h.store, data / "gateway.db");
}

}  // namespace
}  // namespace wardex::store::test
