// The engine when connectors stand in for each other, when processes die, when operators speak, when nothing renders.
#include <gmock/gmock.h>

#include <stdexcept>

#include "unit/deliver/fakes.hpp"

namespace wardex::deliver::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using transport::Phase;

class EngineFallback : public testing::Test {
 protected:
  EngineFallback() {
    world.transport.script = [this](const Request& request) {
      const auto& url = std::get<HttpRequest>(request).url.reveal();
      return pager_is_down && url.find("pager") != std::string::npos ? fails(Phase::connect) : http(200);
    };
  }
  LaneConfig pager() {
    auto lane = world.lane("pager", pager_sink);
    FallbackPolicy fallback;
    fallback.to = "mail";
    fallback.after = minutes{15};
    fallback.severities.set();
    fallback.kinds.set();
    lane.policy.fallback = fallback;
    lane.policy.retry.give_up_after = hours{24};
    return lane;
  }
  void start() { world.start({pager(), world.lane("mail", mail_sink)}); }
  /// "connector stands_in_for also_sent_via coalesced", of what was rendered for it.
  std::vector<std::string> seen(const FakeSink& sink) const {
    const auto found = notes.find(&sink);
    return found == notes.end() ? std::vector<std::string>{} : found->second;
  }
  std::shared_ptr<FakeSink> noting(const std::string& url) {
    auto sink = std::make_shared<FakeSink>(url);
    sink->on_render = [this, raw = sink.get()](Batch batch) {
      for (const auto& delivery : batch)
        notes[raw].push_back(delivery.event->id + " for=" + delivery.stands_in_for + " via=" + delivery.also_sent_via +
                             " older=" + std::to_string(delivery.coalesced));
    };
    return sink;
  }

  World world;
  bool pager_is_down = true;
  std::map<const FakeSink*, std::vector<std::string>> notes;
  std::shared_ptr<FakeSink> pager_sink = noting("https://pager.test/");
  std::shared_ptr<FakeSink> mail_sink = noting("https://mail.test/");
};

TEST_F(EngineFallback, StepsInAfterItsTimeAndSaysForWhom) {
  start();
  world.accept("e1", {"pager"});
  world.run_for(minutes{14});
  EXPECT_EQ(world.store.delivered["mail"], 0U);
  world.run_for(minutes{1});
  EXPECT_EQ(world.store.delivered["mail"], 1U);
  EXPECT_THAT(seen(*mail_sink), ElementsAre("e1 for=pager via= older=0"));
  EXPECT_EQ(world.store.deliveries["pager"].size(), 1U) << "the pager still gets it";
  world.run_for(hours{3});
  EXPECT_EQ(world.store.delivered["mail"], 1U) << "once";
}

TEST_F(EngineFallback, ARecoveredPrimaryGetsTheCurrentStateAndNotTheNoise) {
  start();
  for (int i = 1; i <= 5; ++i) world.accept("state" + std::to_string(i), {"pager"}, "CASE-1", Kind::case_);
  world.accept("alert", {"pager"}, "CASE-1");
  world.run_for(minutes{20});
  EXPECT_EQ(world.store.delivered["mail"], 6U);
  world.accept("state6", {"pager"}, "CASE-1", Kind::case_);
  pager_is_down = false;
  notes.clear();
  world.run_for(hours{1});
  EXPECT_THAT(seen(*pager_sink), ElementsAre("alert for= via=mail older=0", "state6 for= via= older=5"));
  EXPECT_EQ(world.store.delivered["pager"], 2U);
  EXPECT_EQ(world.store.coalesced["pager"], 5U);
  EXPECT_TRUE(world.store.deliveries["pager"].empty());
}

TEST_F(EngineFallback, ALongBacklogBeyondTheWindowIsHandedOverWhole) {
  auto lane = pager();
  lane.policy.window = 16;
  world.start({lane, world.lane("mail", mail_sink)});
  for (int i = 0; i < 1000; ++i) world.accept("e" + std::to_string(i), {"pager"});
  world.run_for(minutes{16});
  EXPECT_EQ(world.store.delivered["mail"], 1000U);
  EXPECT_EQ(world.store.fallbacks.size(), 1000U);
}

TEST_F(EngineFallback, AHealthyLaneHandsNothingOverAndItsTimerRestsInTheEnd) {
  pager_is_down = false;
  start();
  for (int i = 0; i < 20; ++i) {
    world.accept("e" + std::to_string(i), {"pager"});
    world.run_for(minutes{1});
  }
  world.run_for(minutes{30});
  EXPECT_EQ(world.store.delivered["pager"], 20U);
  EXPECT_TRUE(world.store.fallbacks.empty());
  EXPECT_FALSE(world.timers.next_due());
}

TEST_F(EngineFallback, ARestartRemembersWhatWasHandedOver) {
  start();
  world.accept("e1", {"pager"});
  world.run_for(minutes{10});
  world.restart_off();
  start();
  world.run_for(minutes{5});
  EXPECT_EQ(world.store.delivered["mail"], 1U) << "its age goes on";
  world.restart_off();
  start();
  world.run_for(hours{2});
  EXPECT_EQ(world.store.delivered["mail"], 1U);
}

TEST_F(EngineFallback, AClockThatJumpsAheadHandsNothingOver) {
  start();
  world.accept("e1", {"pager"});
  world.run_for(minutes{1});
  world.clock.wall_at += hours{24 * 3650};
  world.accept("e2", {"pager"});
  world.run_for(minutes{13});
  EXPECT_EQ(world.store.delivered["mail"], 0U);
  world.run_for(minutes{2});
  EXPECT_EQ(world.store.delivered["mail"], 2U);
}

TEST_F(EngineFallback, WhatThePrimaryRejectsGoesThereAtOnce) {
  world.transport.script = [](const Request& request) {
    return std::get<HttpRequest>(request).url.reveal().find("pager") != std::string::npos ? http(400) : http(200);
  };
  start();
  world.accept("e1", {"pager"});
  world.settle_down();
  EXPECT_EQ(world.store.mailbox_table["pager"].size(), 1U);
  EXPECT_THAT(seen(*mail_sink), ElementsAre("e1 for=pager via= older=0"));
}

TEST_F(EngineFallback, AStoreThatFailsMeanwhileDelaysItOnly) {
  start();
  world.accept("e1", {"pager"});
  world.run_for(minutes{14});
  world.store.broken = store::Error{store::Fault::full, "disk full"};
  world.run_for(minutes{5});
  EXPECT_TRUE(world.store.fallbacks.empty());
  world.store.broken.reset();
  world.run_for(minutes{1});
  EXPECT_EQ(world.store.delivered["mail"], 1U);
}

TEST_F(EngineFallback, TheThirdDeathInARowSendsAnEventToTheMailboxAndTheOthersGoOn) {
  world.transport.script = [](const Request& request) {
    const auto& http_request = std::get<HttpRequest>(request);
    const bool pager = http_request.url.reveal().find("pager") != std::string::npos;
    // The process dies before any answer.
    return pager && http_request.body.reveal().starts_with("poison") ? Reply{} : http(200);
  };
  start();
  world.accept("poison", {"pager"});
  world.accept("fine1", {"pager"});
  for (int death = 1; death <= 3; ++death) {
    world.run_for(seconds{30});
    EXPECT_EQ(world.status("pager").in_flight, 1U) << "death " << death;
    world.restart_off();
    start();
    world.accept("fine" + std::to_string(death + 1), {"pager"});
  }
  world.run_for(minutes{1});
  EXPECT_EQ(world.store.mailbox_table["pager"].size(), 1U);
  EXPECT_EQ(world.store.mailbox_table["pager"].begin()->second.cause, "poison");
  EXPECT_EQ(world.store.delivered["pager"], 4U);
  EXPECT_THAT(seen(*mail_sink), ElementsAre("poison for=pager via= older=0"));
  EXPECT_EQ(world.recorder.aloft(), 0U) << "nothing stays recorded once it has landed";
}

TEST_F(EngineFallback, WhatIsUnderWayIsRecordedUntilItsResultIsDurable) {
  world.transport.script = [](const Request&) { return Reply{}; };
  start();
  world.accept("e1", {"mail"});
  world.settle_down();
  world.store.broken = store::Error{store::Fault::full, "disk full"};
  world.transport.release(http(200));
  world.settle_down();
  EXPECT_EQ(world.recorder.aloft(), 1U) << "it was sent, but nobody will know after a death";
  world.store.broken.reset();
  world.run_for(seconds{5});
  EXPECT_EQ(world.recorder.aloft(), 0U);
}

TEST_F(EngineFallback, DeathsAreCountedOnceTheStoreIsWell) {
  world.transport.script = [](const Request&) { return Reply{}; };
  start();
  world.accept("e1", {"pager"});
  world.settle_down();
  world.restart_off();
  world.store.broken = store::Error{store::Fault::full, "disk full"};
  start();
  world.run_for(seconds{10});
  EXPECT_TRUE(world.engine->status().empty()) << "no lane sends before";
  world.store.broken.reset();
  world.run_for(seconds{2});
  EXPECT_EQ(world.store.deliveries["pager"].begin()->second.deaths, 1U);
  EXPECT_EQ(world.status("pager").in_flight, 1U);
}

TEST_F(EngineFallback, AHoldOutlivesAReloadAndADrainEndsByItself) {
  pager_is_down = false;
  start();
  world.engine->hold("pager", Hold{0, "maintenance"});
  world.accept("e1", {"pager"});
  world.settle_down();
  EXPECT_EQ(world.status("pager").state, LaneState::on_hold);
  EXPECT_EQ(world.status("pager").reason, "maintenance");
  world.engine->configure({world.lane("mail", mail_sink)});
  world.settle_down();
  world.engine->configure({pager(), world.lane("mail", mail_sink)});
  world.settle_down();
  EXPECT_EQ(world.status("pager").state, LaneState::on_hold);
  EXPECT_EQ(world.store.delivered["pager"], 0U);
  world.engine->hold("pager", Hold{1, "upgrade"});
  world.accept("e2", {"pager"});
  world.settle_down();
  EXPECT_EQ(world.store.delivered["pager"], 1U);
  EXPECT_EQ(world.status("pager").state, LaneState::drained);
  world.engine->hold("pager", std::nullopt);
  world.settle_down();
  EXPECT_EQ(world.store.delivered["pager"], 2U);
  EXPECT_EQ(world.status("pager").state, LaneState::idle);
}

TEST_F(EngineFallback, WhatDoesNotRenderGoesReduced) {
  pager_is_down = false;
  pager_sink->on_render = [](Batch batch) {
    if (batch[0].event->description.find("Reduced") == std::string::npos) throw std::runtime_error("bad template");
  };
  start();
  world.accept("e1", {"pager"}, "CASE-1");
  world.settle_down();
  EXPECT_EQ(world.store.delivered["pager"], 1U);
  EXPECT_EQ(FakeTransport::body(*world.transport.calls.at(0)), "e1 CASE-1 1 fresh -\n") << "ids stay";
  EXPECT_EQ(world.status("pager").reduced, 1U);
  EXPECT_THAT(world.store.audit_table.back().detail, HasSubstr("reduced payload: the full payload cannot be rendered: "
                                                               "bad template"));
  pager_sink->on_render = [](Batch) { throw std::runtime_error("always"); };
  world.accept("e2", {"pager"});
  world.settle_down();
  EXPECT_EQ(world.store.mailbox_table["pager"].begin()->second.cause, "unrenderable");
}

TEST_F(EngineFallback, OneThatDoesNotRenderTakesNoBatchWithIt) {
  pager_is_down = false;
  pager_sink->limits.max_events = 8;
  pager_sink->on_render = [](Batch batch) {
    for (const auto& one : batch)
      if (one.event->id == "e5") throw std::runtime_error("bad");
  };
  start();
  world.engine->hold("pager", Hold{0, ""});
  for (int i = 0; i < 8; ++i) world.accept("e" + std::to_string(i), {"pager"});
  world.engine->hold("pager", std::nullopt);
  world.run_for(minutes{1});
  EXPECT_EQ(world.store.delivered["pager"], 7U);
  EXPECT_EQ(world.store.mailbox_table["pager"].size(), 1U);
}

}  // namespace
}  // namespace wardex::deliver::test
