#include "deliver/replays.hpp"

#include "unit/deliver/mailbox_fixture.hpp"

namespace wardex::deliver::test {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Le;
using testing::SizeIs;

struct ReplaysTest : testing::Test {
  World world;
  MailboxStore store{world.loop};
  Engine engine{
      world.loop.get_executor(), store, world.transport, world.clock, world.timers, world.recorder, 1, restore_event};
  std::shared_ptr<FakeSink> sink = std::make_shared<FakeSink>();
  Replays replays{store, engine, world.clock, world.timers};

  void SetUp() override {
    store.now = [this] { return world.clock.wall(); };
    engine.configure({world.lane("hook", sink), world.lane("chat", sink)});
    world.settle_down();
  }
  ReplayStatus start(double per_second = 0, const std::string& connector = {}) {
    store::MailboxFilter which;
    which.connector = connector;
    const auto job = replays.start({which, store.sum(connector), per_second, "api:ops", "all entries"});
    return job.value_or(ReplayStatus{});
  }
  [[nodiscard]] ReplayStatus job(std::uint64_t id = 1) const {
    for (auto& one : replays.list())
      if (one.id == id) return one;
    return {};
  }
};

TEST(ReplayPace, IsEvenAndBounded) {
  EXPECT_EQ(replay_step(0), store::kMostMoved);
  EXPECT_EQ(replay_step(0.1), 1U);
  EXPECT_EQ(replay_step(4), 1U);
  EXPECT_EQ(replay_step(20), 5U);
  EXPECT_EQ(replay_step(1e6), store::kMostMoved);
  EXPECT_EQ(replay_time(1240, 8), seconds(155));
  EXPECT_EQ(replay_time(10, 0), Millis{0});
}

TEST_F(ReplaysTest, WithoutARateMovesAllInBoundedSteps) {
  store.fill("hook", 600);
  EXPECT_EQ(start().entries, 600U);
  world.settle_down();
  EXPECT_THAT(store.moves, ElementsAre(256, 256, 88));
  EXPECT_TRUE(store.entries.empty());
  EXPECT_EQ(job().state, ReplayState::done);
  EXPECT_EQ(job().replayed, 600U);
  EXPECT_TRUE(job().ended_at);
  EXPECT_EQ(store.delivered["hook"], 600U);
}

TEST_F(ReplaysTest, KeepsItsRate) {
  store.fill("hook", 100);
  start(20);
  world.settle_down();
  EXPECT_EQ(job().replayed, 5U);  // a quarter of a second's worth at once
  EXPECT_EQ(job().expected_end, world.clock.wall() + Millis{4750});
  world.run_for(seconds(1));
  EXPECT_EQ(job().replayed, 25U);
  EXPECT_EQ(job().state, ReplayState::running);
  EXPECT_FALSE(job().ended_at);
  EXPECT_EQ(store.entries.size(), 75U);
  world.run_for(seconds(4));
  EXPECT_EQ(job().state, ReplayState::done);
  EXPECT_THAT(store.moves, Each(Le(5U)));
  EXPECT_FALSE(job().expected_end);
}

TEST_F(ReplaysTest, ASlowRateIsOneAtATime) {
  store.fill("hook", 3);
  start(0.1);
  world.run_for(seconds(9));
  EXPECT_EQ(job().replayed, 1U);
  world.run_for(seconds(2));
  EXPECT_EQ(job().replayed, 2U);
}

TEST_F(ReplaysTest, WhatComesWhileItRunsIsNotReplayed) {
  world.transport.script = [](const Request&) { return http(400, "still wrong"); };
  store.fill("hook", 10);
  start(4);
  world.run_for(seconds(1));
  store.fill("hook", 7);  // as if all were rejected again
  world.run_for(minutes(1));
  EXPECT_EQ(job().state, ReplayState::done);
  EXPECT_EQ(job().replayed, 10U);
  EXPECT_EQ(store.entries.size(), 7U);
}

TEST_F(ReplaysTest, OnlyWhatWasSelected) {
  store.fill("hook", 300);
  store.fill("chat", 300);
  start(0, "chat");
  world.settle_down();
  EXPECT_EQ(job().replayed, 300U);
  EXPECT_EQ(store.sum().connectors, (std::map<std::string, std::uint64_t>{{"hook", 300}}));
  EXPECT_EQ(store.delivered["chat"], 300U);
}

TEST_F(ReplaysTest, ACancelledOneMovesNothingMoreAndLosesNothing) {
  store.fill("hook", 100);
  const auto id = start(20).id;
  world.run_for(seconds(1));
  const auto cancelled = replays.cancel(id, "local");
  ASSERT_TRUE(cancelled);
  EXPECT_EQ(cancelled->state, ReplayState::cancelled);
  const auto left = store.entries.size();
  world.run_for(minutes(1));
  EXPECT_EQ(store.entries.size(), left);
  EXPECT_EQ(job().replayed + left, 100U);
  EXPECT_EQ(replays.cancel(id, "local")->state, ReplayState::cancelled);  // once is enough
  EXPECT_FALSE(replays.cancel(99, "local"));
  ASSERT_THAT(store.outcomes("replay_job"), ElementsAre("cancelled"));
  EXPECT_EQ(store.audit_table.back().count, 25U);
  EXPECT_THAT(store.audit_table.back().detail, HasSubstr("cancelled by local"));
}

TEST_F(ReplaysTest, CancelledInTheMiddleOfAStepStillHandsOverWhatMoved) {
  store.fill("hook", 10);
  const auto id = start(1000).id;
  world.loop.restart();
  while (store.moves.empty()) world.loop.run_one();  // the store has moved them, its answer is on its way
  replays.cancel(id, "local");
  world.settle_down();
  EXPECT_EQ(job().replayed, 10U);
  EXPECT_EQ(store.delivered["hook"], 10U);
}

TEST_F(ReplaysTest, AFailingStoreIsTriedAgainAndSaidSo) {
  store.fill("hook", 10);
  store.broken = store::Error{store::Fault::full, "no space"};
  start();
  world.run_for(seconds(5));
  EXPECT_EQ(job().state, ReplayState::running);
  EXPECT_EQ(job().error, "no space");
  store.broken.reset();
  world.run_for(seconds(2));
  EXPECT_EQ(job().state, ReplayState::done);
  EXPECT_EQ(job().error, "");
  EXPECT_EQ(store.delivered["hook"], 10U);
}

TEST_F(ReplaysTest, EntriesThatSomebodyElseTookAreSkipped) {
  store.fill("hook", 12);
  start(20);
  world.settle_down();
  ASSERT_EQ(job().replayed, 5U);
  store.entries.clear();  // all discarded meanwhile
  world.run_for(seconds(5));
  EXPECT_EQ(job().state, ReplayState::done);
  EXPECT_EQ(job().replayed, 5U);
}

TEST_F(ReplaysTest, OnlySoManyRunAtOnceAndOldOnesAreForgotten) {
  store.fill("hook", 10);
  for (std::size_t i = 0; i < Replays::kMostRunning; ++i) EXPECT_NE(start(0.001).id, 0U);
  EXPECT_EQ(start(0.001).id, 0U);
  replays.cancel(1, "local");
  EXPECT_NE(start(0.001).id, 0U);
  for (int i = 0; i < 50; ++i) {
    const auto running = replays.list().back().id;
    replays.cancel(running, "local");
    start(0.001);
  }
  EXPECT_THAT(replays.list(), SizeIs(Replays::kRemembered + Replays::kMostRunning));
  EXPECT_EQ(replays.list().back().state, ReplayState::running);
}

TEST_F(ReplaysTest, AStopEndsThemAll) {
  store.fill("hook", 100);
  start(20);
  world.settle_down();
  replays.stop();
  world.run_for(minutes(1));
  EXPECT_EQ(store.entries.size(), 95U);
  EXPECT_THAT(store.outcomes("replay_job"), testing::IsEmpty());
}

}  // namespace
}  // namespace wardex::deliver::test
