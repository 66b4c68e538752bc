#include "deliver/controls.hpp"

#include <gmock/gmock.h>

#include "unit/deliver/fakes.hpp"

namespace wardex::deliver::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// Keeps controls as well; answers through the loop.
class ControlStore final : public wardex::test::UnusedStore {
 public:
  explicit ControlStore(asio::io_context& loop) : loop_(loop) {}
  std::map<std::string, store::Control> table;
  std::optional<store::Error> broken;
  std::vector<std::string> said;

  void control(store::Control control, store::Done<store::Control> done) override {
    control.upto = 7;
    if (!broken) table[control.connector] = control;
    answer<store::Control>(std::move(done), control);
  }
  void resume(std::string connector, std::string actor, std::string reason, WallTime,
              store::Done<store::Ok> done) override {
    if (!broken) table.erase(connector);
    said.push_back(actor + ": " + reason);
    answer<store::Ok>(std::move(done), {});
  }
  void controls(store::Done<std::vector<store::Control>> done) override {
    std::vector<store::Control> all;
    for (const auto& [connector, control] : table) all.push_back(control);
    answer<std::vector<store::Control>>(std::move(done), std::move(all));
  }

 private:
  template <class T>
  void answer(store::Done<T> done, T value) {
    asio::post(loop_, [this, done = std::move(done), value = std::move(value)] {
      done(broken ? store::Result<T>(*broken) : store::Result<T>(value));
    });
  }
  asio::io_context& loop_;
};

class ControlsTest : public testing::Test {
 protected:
  void SetUp() override {
    world.start({world.lane("hook", std::make_shared<FakeSink>())});
    open();
  }
  void open() { controls = std::make_unique<Controls>(kept, *world.engine, world.clock, world.timers); }
  store::Control hold(std::optional<WallTime> until = std::nullopt) {
    store::Control out;
    out.connector = "hook";
    out.actor = "cli:root";
    out.reason = "maintenance";
    out.at = world.clock.wall();
    out.until = until;
    return out;
  }
  void set(store::Control control) {
    controls->set(std::move(control), [this](const store::Result<store::Control>& result) { ok = result.has_value(); });
    world.settle_down();
  }
  World world;
  ControlStore kept{world.loop};
  std::unique_ptr<Controls> controls;
  bool ok = false;
};

TEST_F(ControlsTest, AHoldIsInForceOnceItIsDurableAndAfterARestart) {
  set(hold());
  EXPECT_TRUE(ok);
  EXPECT_EQ(world.status("hook").state, LaneState::on_hold);
  world.restart_off();
  world.start({});
  open();
  bool loaded = false;
  controls->load([&] {
    loaded = true;
    world.engine->configure({world.lane("hook", std::make_shared<FakeSink>())});
  });
  world.settle_down();
  EXPECT_TRUE(loaded);
  EXPECT_EQ(world.status("hook").state, LaneState::on_hold);
  EXPECT_EQ(controls->all().at("hook").reason, "maintenance");
  controls->resume("hook", "cli:root", "done", [](const store::Result<store::Ok>&) {});
  world.settle_down();
  EXPECT_EQ(world.status("hook").state, LaneState::idle);
  EXPECT_TRUE(controls->all().empty());
  EXPECT_FALSE(world.timers.next_due());
}

TEST_F(ControlsTest, WhatTheStoreRefusesIsNotInForce) {
  kept.broken = store::Error{store::Fault::full, "disk full"};
  set(hold());
  EXPECT_FALSE(ok);
  EXPECT_EQ(world.status("hook").state, LaneState::idle);
}

TEST_F(ControlsTest, EndsByItselfWhenItsTimeIsOver) {
  set(hold(world.clock.wall() + minutes{90}));
  world.run_for(minutes{89});
  EXPECT_EQ(world.status("hook").state, LaneState::on_hold);
  world.run_for(minutes{2});
  EXPECT_EQ(world.status("hook").state, LaneState::idle);
  EXPECT_EQ(kept.said, std::vector<std::string>{"gateway: its time is over"});
  EXPECT_TRUE(kept.table.empty());
  EXPECT_FALSE(world.timers.next_due());
}

TEST_F(ControlsTest, AClockThatJumpsIsNoticedWithinAMinute) {
  set(hold(world.clock.wall() + hours{90}));
  world.clock.wall_at += hours{91};
  world.run_for(minutes{1});
  EXPECT_EQ(world.status("hook").state, LaneState::idle);
}

TEST_F(ControlsTest, ADrainGoesUpToWhatTheStoreSays) {
  auto drain = hold();
  drain.mode = store::Control::Mode::drain;
  set(drain);
  EXPECT_EQ(controls->all().at("hook").upto, 7U);
  EXPECT_EQ(world.status("hook").state, LaneState::drained) << "nothing was there";
}

TEST_F(ControlsTest, NothingStartsBeforeItIsKnownWhatIsHeld) {
  kept.broken = store::Error{store::Fault::io, "read failed"};
  bool loaded = false;
  controls->load([&] { loaded = true; });
  world.run_for(seconds{10});
  EXPECT_FALSE(loaded);
  kept.broken.reset();
  world.run_for(seconds{2});
  EXPECT_TRUE(loaded);
}

}  // namespace
}  // namespace wardex::deliver::test
