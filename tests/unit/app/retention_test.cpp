// The order of a run, its pace, and when it keeps its hands off.
#include "app/retention.hpp"

#include <deque>

#include "app_fixture.hpp"

namespace wardex::app {
namespace {

constexpr std::chrono::hours kDay{24};

class Shelf final : public wardex::test::UnusedStore {
 public:
  void prune(store::Prune what, store::Sign sign, store::Done<store::PruneStep> done) override {
    calls.emplace_back(to_string(what.what));
    last = what;
    signs = sign != nullptr;
    if (what.what == store::Pruning::events) events.push_back(what);
    store::PruneStep step;
    auto& script = steps[static_cast<std::size_t>(what.what)];
    if (!script.empty()) {
      step = script.front();
      script.pop_front();
    }
    pending = [done = std::move(done), step](std::optional<store::Error> error) { error ? done(*error) : done(step); };
  }
  void report_pruned(store::Done<store::Ok> done) override { ask("report", std::move(done)); }
  void release_space(std::size_t pages, store::Done<store::Ok> done) override {
    ask("release " + std::to_string(pages), std::move(done));
  }
  [[nodiscard]] Gauges gauges() const override { return state; }
  [[nodiscard]] std::optional<store::Error> fault() const override { return broken; }
  void answer(std::optional<store::Error> error = std::nullopt) { std::exchange(pending, nullptr)(error); }

  std::deque<store::PruneStep>& script(store::Pruning what) { return steps[static_cast<std::size_t>(what)]; }

  std::vector<std::string> calls;
  std::vector<store::Prune> events;
  store::Prune last;
  bool signs = false;
  Gauges state;
  std::optional<store::Error> broken;
  std::function<void(std::optional<store::Error>)> pending;

 private:
  void ask(std::string what, store::Done<store::Ok> done) {
    calls.push_back(std::move(what));
    pending = [done = std::move(done)](std::optional<store::Error> error) { error ? done(*error) : done(store::Ok{}); };
  }
  std::array<std::deque<store::PruneStep>, store::kPrunings.size()> steps;
};

class RetentionTest : public test::PeriodicTest {
 protected:
  using Calls = std::vector<std::string>;
  /// One run to its end; what it asked for.
  Calls run() {
    store.calls.clear();
    wait(std::chrono::minutes{10});
    while (store.pending) {
      store.answer();
      wait(std::chrono::seconds{1});
    }
    return store.calls;
  }

  Shelf store;
  Retention retention{store, clock, timers};
};

TEST_F(RetentionTest, ARunGoesThroughWhatIsConfigured) {
  retention.configure(test::generation(""));
  EXPECT_EQ(run(), (Calls{"events", "links", "audit", "report"})) << "a run before the last stop may not have reported";
  EXPECT_TRUE(store.signs);
  EXPECT_EQ(run(), (Calls{"events", "links", "audit"})) << "nothing went, nothing to say";
  retention.configure(test::generation("retention: {mailbox: {keep: 90d}}\n", false));
  EXPECT_EQ(run(), (Calls{"mailbox", "events", "links"})) << "without a key the trail is left alone";
}

TEST_F(RetentionTest, StepsFollowEachOtherUntilThereIsNoMore) {
  retention.configure(test::generation(""));
  run();
  store.script(store::Pruning::events) = {{500, true, 510}, {480, true, 1010}, {3, false, 1013}};
  store.events.clear();
  EXPECT_EQ(run(), (Calls{"events", "events", "events", "links", "audit", "report"}));
  EXPECT_EQ(store.events[1].after, 510);
  EXPECT_EQ(store.events[2].after, 1010);
  EXPECT_EQ(store.events[0].before, store.events[2].before - Millis{40}) << "two rests of 20 ms between them";
  run();
  EXPECT_EQ(store.events.back().after, 1013) << "the next run goes on behind what was looked at";
}

TEST_F(RetentionTest, OnceADayAllEventsAreLookedAtAgain) {
  retention.configure(test::generation(""));
  store.script(store::Pruning::events) = {{500, false, 510}};
  run();
  run();
  EXPECT_EQ(store.events.back().after, 510);
  clock.advance(kDay);
  run();
  EXPECT_EQ(store.events.back().after, 0);
}

TEST_F(RetentionTest, TheNextStepWaitsUntilTheLastIsDurable) {
  retention.configure(test::generation(""));
  wait(std::chrono::minutes{10});
  ASSERT_EQ(store.calls, (Calls{"events"}));
  EXPECT_FALSE(timers.next_due());
  clock.advance(Millis{300});
  store.answer();
  EXPECT_EQ(store.calls.size(), 1U);
  EXPECT_EQ(*timers.next_due() - clock.mono(), Millis{300}) << "it rests as long as the step took";
}

TEST_F(RetentionTest, LimitsComeFromTheConfiguration) {
  retention.configure(test::generation(
      "retention: {events: {keep: 2d, max_rows: 5000}, audit: {keep: 10d, max_rows: 6000}, links: {keep: 3d}}\n"));
  const auto expect = [this](std::chrono::hours keep, std::uint64_t rows) {
    EXPECT_EQ(store.last.before, clock.wall() - keep);
    EXPECT_EQ(store.last.max_rows, rows);
    EXPECT_EQ(store.last.rows, 500U);
    store.answer();
    wait(std::chrono::seconds{1});
  };
  wait(std::chrono::minutes{10});
  expect(2 * kDay, 5000);
  expect(3 * kDay, 0);
  expect(10 * kDay, 6000);
}

TEST_F(RetentionTest, AClockThatIsSetForwardMakesNothingOld) {
  retention.configure(test::generation(""));
  const auto wall = clock.wall();
  clock.wall_at += 1000 * kDay;
  wait(std::chrono::minutes{10});
  EXPECT_LE(store.last.before, wall - 29 * kDay);
}

TEST_F(RetentionTest, ABrokenStoreIsLeftInPeace) {
  retention.configure(test::generation(""));
  store.broken = test::kFull;
  EXPECT_EQ(run(), (Calls{}));
  store.broken.reset();
  wait(std::chrono::minutes{10});
  store.broken = test::kFull;
  store.answer(test::kFull);
  EXPECT_FALSE(wait(std::chrono::minutes{9}));
  EXPECT_EQ(store.calls, (Calls{"events"})) << "the run ended with the step that failed";
  store.broken.reset();
  EXPECT_EQ(run().size(), 4U);
}

TEST_F(RetentionTest, WhatARunThatFailedRemovedIsSaidByTheNext) {
  retention.configure(test::generation(""));
  run();
  store.script(store::Pruning::events) = {{500, false, 510}};
  wait(std::chrono::minutes{10});
  store.answer();
  wait(std::chrono::seconds{1});
  store.answer(test::kFull);
  EXPECT_EQ(run(), (Calls{"events", "links", "audit", "report"}));
  EXPECT_EQ(run(), (Calls{"events", "links", "audit"}));
}

TEST_F(RetentionTest, FreePagesGoBackWhenTheyAreManyAndInSmallSteps) {
  retention.configure(test::generation(""));
  run();
  store.state.page_bytes = 100 << 20;
  store.state.free_bytes = 25 << 20;
  EXPECT_EQ(run(), (Calls{"events", "links", "audit"}));
  store.state.free_bytes = 26 << 20;
  wait(std::chrono::minutes{10});
  for (int i = 0; i < 3; ++i) {
    store.answer();
    wait(std::chrono::seconds{1});
  }
  EXPECT_EQ(store.calls.back(), "release 50");
  store.answer();
  wait(std::chrono::seconds{1});
  EXPECT_EQ(store.calls.back(), "release 50");
  store.state.free_bytes = 0;
  store.answer();
  EXPECT_TRUE(wait(std::chrono::seconds{1}));
  EXPECT_FALSE(store.pending);
}

TEST_F(RetentionTest, AfterAStopNothingMoreIsAsked) {
  retention.configure(test::generation(""));
  wait(std::chrono::minutes{10});
  retention.stop();
  store.answer();
  EXPECT_FALSE(timers.next_due());
}

}  // namespace
}  // namespace wardex::app
