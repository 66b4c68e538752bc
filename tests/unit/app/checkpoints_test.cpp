// When checkpoints are made, with a store that only says what it was asked.
#include "app/checkpoints.hpp"

#include "app_fixture.hpp"

namespace wardex::app {
namespace {

constexpr Millis kHour{3'600'000};

class Notary final : public wardex::test::UnusedStore {
 public:
  void checkpoint(store::Sign sign, store::Done<store::Checkpoint> done) override {
    ++asked;
    pending = [this, sign = std::move(sign), done = std::move(done)](std::optional<store::Error> error) {
      if (error) return done(*error);
      store::ChainHead head{
          .instance = "5f0c", .row = state.audit_head_id, .hash = std::string(64, 'a'), .at = now, .pruned = {}};
      const auto made = sign(head);
      state.checkpoint_id = head.row;
      state.checkpoint_at = head.at;
      store::Checkpoint out;
      out.head = head;
      if (made.anchor) {
        out.anchor = 7;
        out.event = made.anchor->event;
        for (const auto& target : made.anchor->targets) out.connectors.push_back(target.connector);
      }
      done(std::move(out));
    };
  }
  [[nodiscard]] Gauges gauges() const override { return state; }
  [[nodiscard]] std::optional<store::Error> fault() const override { return broken; }
  void answer(std::optional<store::Error> error = std::nullopt) { std::exchange(pending, nullptr)(error); }

  Gauges state;
  WallTime now{};
  std::optional<store::Error> broken;
  int asked = 0;
  std::function<void(std::optional<store::Error>)> pending;
};

class CheckpointsTest : public test::PeriodicTest {
 protected:
  CheckpointsTest() { store.state.audit_head_id = 1; }
  /// A timer's turn within `most`; was a checkpoint asked for?
  bool asks_within(Millis most) {
    const int before = store.asked;
    wait(most);
    store.now = clock.wall();
    return store.asked > before;
  }

  Notary store;
  std::vector<std::string> sent;
  Checkpoints checkpoints{store, clock, timers, [this](const store::Checkpoint& made) {
                            for (const auto& connector : made.connectors) sent.push_back(connector);
                          }};
};

TEST_F(CheckpointsTest, TheFirstAtOnceThenOneAnInterval) {
  checkpoints.configure(test::generation(""));
  ASSERT_TRUE(asks_within(Millis{0}));
  store.answer();
  store.state.audit_head_id = 2;
  EXPECT_FALSE(asks_within(kHour - Millis{1}));
  ASSERT_TRUE(asks_within(Millis{1}));
}

TEST_F(CheckpointsTest, AnEmptyTrailIsLookedAtAgainSoon) {
  store.state.audit_head_id = 0;
  checkpoints.configure(test::generation(""));
  EXPECT_FALSE(asks_within(Millis{0}));
  store.state.audit_head_id = 1;
  EXPECT_TRUE(asks_within(Millis{1000}));
}

TEST_F(CheckpointsTest, NoneWhileTheChainHasNotGrown) {
  checkpoints.configure(test::generation(""));
  ASSERT_TRUE(asks_within(Millis{0}));
  store.answer();
  EXPECT_FALSE(asks_within(kHour));
  EXPECT_FALSE(asks_within(kHour));
  store.state.audit_head_id = 2;
  EXPECT_TRUE(asks_within(kHour));
}

TEST_F(CheckpointsTest, ARestartGoesOnWhereItWas) {
  store.state.checkpoint_id = 1;
  store.state.checkpoint_at = clock.wall() - Millis{kHour / 4};
  store.state.audit_head_id = 5;
  checkpoints.configure(test::generation(""));
  EXPECT_FALSE(asks_within(kHour * 3 / 4 - Millis{1}));
  EXPECT_TRUE(asks_within(Millis{1}));
}

TEST_F(CheckpointsTest, AClockThatWasSetBackDelaysByAnIntervalAtMost) {
  store.state.checkpoint_id = 1;
  store.state.checkpoint_at = clock.wall() + 1000 * kHour;
  store.state.audit_head_id = 5;
  checkpoints.configure(test::generation(""));
  EXPECT_TRUE(asks_within(kHour));
}

TEST_F(CheckpointsTest, AnchorsAreHandedOn) {
  checkpoints.configure(test::generation("audit: {checkpoints: {to: [log, hook]}}\n"));
  ASSERT_TRUE(asks_within(Millis{0}));
  EXPECT_TRUE(sent.empty()) << "not before it is durable";
  store.answer();
  EXPECT_EQ(sent, (std::vector<std::string>{"log", "hook"}));
}

TEST_F(CheckpointsTest, AFailureIsTriedAgainSoon) {
  checkpoints.configure(test::generation(""));
  ASSERT_TRUE(asks_within(Millis{0}));
  store.answer(test::kFull);
  EXPECT_TRUE(asks_within(Millis{10'000}));
  store.answer();
  store.state.audit_head_id = 9;
  EXPECT_FALSE(asks_within(kHour - Millis{1}));
}

TEST_F(CheckpointsTest, ABrokenStoreIsLeftInPeace) {
  store.broken = test::kFull;
  checkpoints.configure(test::generation(""));
  EXPECT_FALSE(asks_within(Millis{0}));
  EXPECT_FALSE(asks_within(Millis{10'000}));
  store.broken.reset();
  EXPECT_TRUE(asks_within(Millis{10'000}));
}

TEST_F(CheckpointsTest, AShorterIntervalCountsFromTheLastOne) {
  checkpoints.configure(test::generation(""));
  ASSERT_TRUE(asks_within(Millis{0}));
  store.answer();
  store.state.audit_head_id = 2;
  EXPECT_FALSE(asks_within(Millis{1000 * 120}));
  checkpoints.configure(test::generation("audit: {checkpoints: {every: 1m}}\n"));
  EXPECT_TRUE(asks_within(Millis{0})) << "it is over already";
}

TEST_F(CheckpointsTest, WithoutAKeyNoneAreMade) {
  checkpoints.configure(test::generation("", false));
  EXPECT_FALSE(asks_within(kHour));
  checkpoints.configure(test::generation(""));
  ASSERT_TRUE(asks_within(Millis{0}));
  checkpoints.configure(test::generation("", false));
  store.answer();
  EXPECT_FALSE(asks_within(10 * kHour));
}

TEST_F(CheckpointsTest, AfterAStopNothingMoreIsAsked) {
  checkpoints.configure(test::generation(""));
  ASSERT_TRUE(asks_within(Millis{0}));
  checkpoints.stop();
  store.answer(test::kClosed);
  EXPECT_FALSE(timers.next_due());
  checkpoints.configure(test::generation(""));
  EXPECT_FALSE(timers.next_due());
}

}  // namespace
}  // namespace wardex::app
