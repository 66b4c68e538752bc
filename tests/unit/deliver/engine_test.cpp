#include "deliver/engine.hpp"

#include <gmock/gmock.h>

#include "runtime/async.hpp"
#include "runtime/log.hpp"
#include "unit/deliver/fakes.hpp"

namespace wardex::deliver::test {

namespace {

asio::awaitable<void> drain_then(Engine& engine, MonoTime deadline, std::shared_ptr<bool> over) {
  auto draining = engine.drain(deadline);
  co_await std::move(draining);
  *over = true;
}

asio::awaitable<void> test_then(Engine& engine, std::string connector, std::shared_ptr<const Event> sample,
                                std::shared_ptr<TestReport> out) {
  auto testing = engine.test(std::move(connector), std::move(sample));
  *out = co_await std::move(testing);
}

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using transport::Phase;

struct EngineTest : testing::Test {
  World world;
  std::shared_ptr<FakeSink> sink = std::make_shared<FakeSink>();

  std::size_t sent() const { return world.transport.calls.size(); }
  const std::string& body(std::size_t call) const { return FakeTransport::body(*world.transport.calls.at(call)); }
};

TEST_F(EngineTest, DeliversFromMemoryAndSettlesWithItsAuditRow) {
  world.start({world.lane("hook", sink)});
  const auto seq = world.accept("e1", {"hook"}, "CASE-1");
  world.settle_down();
  ASSERT_EQ(sent(), 1U);
  EXPECT_EQ(body(0), "e1 CASE-1 1 fresh -\n");
  EXPECT_TRUE(world.store.deliveries["hook"].empty());
  ASSERT_EQ(world.store.audit_table.size(), 1U);
  const auto& row = world.store.audit_table.front();
  EXPECT_EQ(row.action, "deliver");
  EXPECT_EQ(row.connector, "hook");
  EXPECT_EQ(row.outcome, "delivered");
  EXPECT_EQ(row.first_seq, seq);
  EXPECT_EQ(row.count, 1U);
  EXPECT_EQ(row.attempt, 1U);
  EXPECT_EQ(row.status_code, 200);
  EXPECT_TRUE(row.latency_ms);
  EXPECT_EQ(row.request_digest, digest(world.transport.calls[0]->request));
  const auto status = world.status("hook");
  EXPECT_EQ(status.state, LaneState::idle);
  EXPECT_EQ(status.attempts, 1U);
  EXPECT_EQ(status.outcomes.at("delivered"), 1U);
  EXPECT_EQ(status.last_delivered_at, world.clock.wall());
  EXPECT_FALSE(world.timers.next_due()) << "an idle lane has no timer";
}

TEST_F(EngineTest, TheKeyIsThatOfConnectorAndEvent) {
  std::vector<std::string> keys;
  sink->on_render = [&](Batch batch) { keys.push_back(batch[0].key); };
  world.transport.script = [&](const Request&) { return sent() < 3 ? http(500) : http(200); };
  world.start({world.lane("hook", sink)});
  world.accept("e1", {"hook"});
  world.run_for(minutes{10});
  const auto key = delivery_key("hook", "e1");
  EXPECT_THAT(keys, ElementsAre(key, key, key));
}

TEST_F(EngineTest, ADeadConnectorDoesNotDelayAnother) {
  auto dead = std::make_shared<FakeSink>("https://dead.test/");
  world.transport.script = [](const Request& request) {
    if (std::get<HttpRequest>(request).url.reveal() == "https://dead.test/") return Reply{};  // hangs for ever
    return http(200);
  };
  world.start({world.lane("dead", dead), world.lane("alive", sink)});
  for (int i = 0; i < 500; ++i) world.accept("e" + std::to_string(i), {"dead", "alive"});
  world.settle_down();
  EXPECT_EQ(world.store.delivered["alive"], 500U);
  EXPECT_EQ(world.store.deliveries["dead"].size(), 500U);
  EXPECT_EQ(world.status("dead").in_flight, 1U) << "slow start: it has proved nothing yet";
  world.transport.release(fails(Phase::sent));
}

TEST_F(EngineTest, AThrottledReceiverGetsNothingForExactlyThatLong) {
  world.transport.script = [&](const Request&) {
    return sent() == 1 ? http(429, "", {{"Retry-After", "3"}}) : http(200);
  };
  world.start({world.lane("hook", sink)});
  for (int i = 0; i < 5; ++i) world.accept("e" + std::to_string(i), {"hook"});
  world.settle_down();
  EXPECT_EQ(world.status("hook").state, LaneState::throttled);
  EXPECT_EQ(world.status("hook").next_attempt_at, world.clock.wall() + seconds{3});
  const auto told = world.clock.mono();
  world.run_for(Millis{2999});
  EXPECT_EQ(sent(), 1U);
  world.run_for(Millis{1});
  EXPECT_EQ(world.store.delivered["hook"], 5U);
  EXPECT_EQ(world.transport.calls[1]->at, told + seconds{3});
  EXPECT_THAT(body(1), HasSubstr("e0  1 fresh")) << "not charged";
}

TEST_F(EngineTest, ARejectedEventGoesToTheMailboxAndItsReplayDelivers) {
  world.transport.script = [&](const Request&) {
    return sent() == 1 ? http(400, "{\"error\":\"field severity unknown\"}") : http(200);
  };
  world.start({world.lane("hook", sink)});
  const auto seq = world.accept("e1", {"hook"});
  world.settle_down();
  const auto& entry = world.store.mailbox_table["hook"].at(seq);
  EXPECT_EQ(entry.cause, "rejected");
  EXPECT_THAT(entry.reason, HasSubstr("field severity unknown"));
  EXPECT_THAT(world.store.outcomes(), ElementsAre("rejected"));
  EXPECT_THAT(world.store.outcomes("mailbox"), ElementsAre("rejected"));
  world.run_for(hours{1});
  EXPECT_EQ(sent(), 1U);

  world.engine->offer_again("hook", world.store.revive("hook", seq));
  world.settle_down();
  EXPECT_EQ(world.store.delivered["hook"], 1U);
  EXPECT_THAT(body(1), HasSubstr("e1"));
}

TEST_F(EngineTest, WhatEchoesASecretIsScrubbedAndBoundedEverywhere) {
  world.transport.script = [&](const Request&) {
    if (sent() == 1) return http(400, "bad header: Bearer canary-token\x01\r\n" + std::string(5000, 'x'));
    return http(401, "you sent canary-token");
  };
  world.start({world.lane("hook", sink)});
  const auto seq = world.accept("e1", {"hook"});
  world.accept("e2", {"hook"});
  world.settle_down();
  const auto& reason = world.store.mailbox_table["hook"].at(seq).reason;
  EXPECT_THAT(reason, HasSubstr("***"));
  EXPECT_LE(reason.size(), 1100U);
  for (const auto& row : world.store.audit_table) {
    EXPECT_THAT(row.detail, Not(HasSubstr("canary-token")));
    EXPECT_EQ(row.detail.find_first_of("\r\n\x01"), std::string::npos);
    EXPECT_LE(row.detail.size(), 2100U);
  }
  EXPECT_THAT(world.status("hook").reason, AllOf(HasSubstr("401"), HasSubstr("***")));
}

TEST_F(EngineTest, ARefusedCredentialHoldsTheLaneUntilTheSecretChanges) {
  world.transport.script = [](const Request&) { return http(401, "bad token"); };
  world.start({world.lane("hook", sink)});
  for (int i = 0; i < 3; ++i) world.accept("e" + std::to_string(i), {"hook"});
  world.run_for(hours{30});
  EXPECT_EQ(world.status("hook").state, LaneState::held);
  EXPECT_EQ(world.status("hook").owner, "owner@example.com");
  EXPECT_THAT(world.status("hook").reason, HasSubstr("HTTP 401"));
  EXPECT_TRUE(world.store.mailbox_table["hook"].empty());
  EXPECT_LE(sent(), 30U * 60 + 1) << "one slow probe a minute";
  for (const auto& [seq, row] : world.store.deliveries["hook"]) EXPECT_EQ(row.attempts, 0U);

  world.transport.script = [](const Request&) { return http(200); };
  world.engine->configure({world.lane("hook", std::make_shared<FakeSink>(), "2")});
  world.settle_down();
  EXPECT_EQ(world.store.delivered["hook"], 3U) << "at once";
}

TEST_F(EngineTest, ARequestTheTransportWillNeverSendHoldsTheLane) {
  world.transport.script = [](const Request&) { return fails(Phase::refused, true); };
  world.start({world.lane("hook", sink)});
  world.accept("e1", {"hook"});
  world.settle_down();
  EXPECT_EQ(world.status("hook").state, LaneState::held);
  EXPECT_EQ(world.status("hook").reason, "phase 0 failed");
  EXPECT_THAT(world.store.outcomes(), ElementsAre("error"));
}

TEST_F(EngineTest, ARestartDeliversWhatIsPending) {
  world.transport.script = [](const Request&) { return Reply{}; };
  world.start({world.lane("hook", sink)});
  world.accept("e1", {"hook"}, "A");
  world.accept("e2", {"hook"}, "A");
  world.accept("e3", {"hook"}, "B");
  world.settle_down();
  EXPECT_EQ(sent(), 1U);
  world.restart_off();
  EXPECT_EQ(world.store.deliveries["hook"].size(), 3U);

  world.transport.script = [](const Request&) { return http(200); };
  world.start({world.lane("hook", sink)});
  EXPECT_EQ(world.store.delivered["hook"], 3U);
  EXPECT_EQ(body(1), "e1 A 2 unknown -\n") << "the process died in the middle of an attempt";
  EXPECT_EQ(body(2), "e3 B 1 fresh -\n") << "this one was not under way";
}

TEST_F(EngineTest, WithoutACompleteRecordAnythingMayHaveBeenUnderWay) {
  world.recorder.complete_ = false;
  world.store.put(world.event("e1"), {"hook"});
  world.clock.advance(seconds{1});
  world.start({world.lane("hook", sink)});
  EXPECT_EQ(body(0), "e1  1 unknown -\n");
}

TEST_F(EngineTest, ARestartKeepsTheScheduleWithinReason) {
  world.clock.advance(hours{1});
  const auto seq = world.store.put(world.event("e1"), {"hook"});
  world.store.deliveries["hook"][seq] = {2, world.clock.wall() + seconds{20}, "HTTP 500", false};
  const auto late = world.store.put(world.event("e2"), {"hook"});
  world.store.deliveries["hook"][late] = {2, world.clock.wall() + hours{24 * 365}, "the clock was wrong", false};
  world.start({world.lane("hook", sink)});
  EXPECT_EQ(sent(), 0U);
  world.run_for(seconds{19});
  EXPECT_EQ(sent(), 0U);
  world.run_for(seconds{1});
  EXPECT_EQ(sent(), 1U);
  EXPECT_EQ(body(0), "e1  3 fresh -\n");
  world.run_for(seconds{40});
  EXPECT_EQ(sent(), 2U) << "retry.max is the longest that anything waits";
}

TEST_F(EngineTest, AnAnswerThatNeverCameIsUnknown) {
  world.transport.script = [&](const Request&) { return sent() == 1 ? fails(Phase::sent) : http(200); };
  world.start({world.lane("hook", sink)});
  const auto seq = world.accept("e1", {"hook"});
  world.settle_down();
  EXPECT_THAT(world.store.outcomes(), ElementsAre("unknown"));
  EXPECT_TRUE(world.store.deliveries["hook"].at(seq).unknown);
  world.run_for(seconds{2});
  EXPECT_EQ(body(1), "e1  2 unknown -\n");
}

TEST_F(EngineTest, AStoreThatFailsToSettleStopsTheLaneAndNothingIsSentTwice) {
  world.start({world.lane("hook", sink)});
  world.store.broken = store::Error{store::Fault::full, "disk full"};
  world.accept("e1", {"hook"}, "A");
  world.accept("e2", {"hook"}, "B");
  world.settle_down();
  EXPECT_EQ(sent(), 0U) << "nothing starts while the store fails";

  world.store.broken.reset();
  world.transport.script = [&](const Request&) {
    world.store.broken = store::Error{store::Fault::full, "disk full"};  // fails between the answer and the commit
    return http(200);
  };
  world.run_for(seconds{1});
  EXPECT_EQ(sent(), 1U);
  EXPECT_EQ(world.store.deliveries["hook"].size(), 2U);
  world.run_for(minutes{5});
  EXPECT_EQ(sent(), 1U) << "delivered but not yet recorded: it must not go again";
  world.store.broken.reset();
  world.transport.script = [](const Request&) { return http(200); };
  world.run_for(seconds{2});
  EXPECT_EQ(sent(), 2U);
  EXPECT_TRUE(world.store.deliveries["hook"].empty());
  EXPECT_EQ(world.store.double_settles, 0U);
}

TEST_F(EngineTest, AStoreThatOnlyARestartHealsIsNotPolled) {
  world.transport.script = [this](const Request&) {
    world.store.broken = store::Error{store::Fault::io, "fsync failed"};  // between the answer and the commit
    return http(200);
  };
  world.start({world.lane("hook", sink)});
  world.accept("a", {"hook"});
  world.run_for(seconds{1});
  EXPECT_EQ(world.store.settles, 1U);
  EXPECT_FALSE(world.timers.next_due());
  world.run_for(hours{1});
  EXPECT_EQ(world.store.settles, 1U);
  EXPECT_EQ(world.transport.calls.size(), 1U);
}

TEST_F(EngineTest, AFullStoreIsTriedAgainButComplainedOfOnce) {
  std::size_t complaints = 0;
  log::redirect([&](std::string_view line) {
    if (line.find("delivery.unsettled") != std::string_view::npos) ++complaints;
  });
  world.transport.script = [this](const Request&) {
    world.store.broken = store::Error{store::Fault::full, "disk full"};
    return http(200);
  };
  world.start({world.lane("hook", sink)});
  world.accept("a", {"hook"});
  world.run_for(minutes{1});
  log::redirect({});
  EXPECT_GT(world.store.settles, 50U);
  EXPECT_EQ(complaints, 1U);
  world.store.broken.reset();
  world.run_for(seconds{2});
  EXPECT_EQ(world.store.delivered["hook"], 1U);
}

TEST_F(EngineTest, ASettlementThatAHealthyStoreRefusesDoesNotBlockTheLane) {
  world.start({world.lane("hook", sink)});
  world.store.refuses_settle = store::Error{store::Fault::corrupt, "no such event"};
  world.accept("e1", {"hook"});
  world.run_for(seconds{10});
  world.store.refuses_settle.reset();
  world.accept("e2", {"hook"});
  world.run_for(seconds{2});
  EXPECT_EQ(world.store.delivered["hook"], 1U);
}

TEST_F(EngineTest, ReadsItsBacklogInPagesAndKeepsOrderPerCase) {
  auto lane = world.lane("hook", sink);
  lane.policy.window = 50;
  for (int i = 0; i < 3000; ++i)
    world.store.put(world.event("e" + std::to_string(i), "C" + std::to_string(i % 7)), {"hook"});
  std::map<std::string, int> last;
  bool ordered = true;
  sink->on_render = [&](Batch batch) {
    const int number = std::stoi(batch[0].event->id.substr(1));
    auto [known, fresh] = last.try_emplace(batch[0].event->case_id, -1);
    ordered = ordered && number > known->second;
    known->second = number;
  };
  world.start({lane});
  // While the lane is behind, new ones come as well.
  for (int i = 3000; i < 3200; ++i) world.accept("e" + std::to_string(i), {"hook"}, "C" + std::to_string(i % 7));
  world.settle_down();
  EXPECT_EQ(world.store.delivered["hook"], 3200U);
  EXPECT_EQ(sent(), 3200U) << "each exactly once";
  EXPECT_TRUE(ordered);
}

TEST_F(EngineTest, StartsDeliveringAfterTheFirstPage) {
  for (int i = 0; i < 20'000; ++i) world.store.put(world.event("e" + std::to_string(i)), {"hook"});
  world.transport.script = [](const Request&) { return Reply{}; };
  world.start({world.lane("hook", sink)});
  EXPECT_EQ(sent(), 1U);
  EXPECT_LE(world.store.pages, 4U);
  EXPECT_LE(world.status("hook").window, 4096U);
}

TEST_F(EngineTest, WhatOverflowsTheWindowComesFromTheStoreLater) {
  auto lane = world.lane("hook", sink);
  lane.policy.window = 10;
  world.transport.script = [](const Request&) { return Reply{}; };
  world.start({lane});
  for (int i = 0; i < 100; ++i) world.accept("e" + std::to_string(i), {"hook"});
  world.settle_down();
  EXPECT_EQ(world.status("hook").window, 10U);
  world.transport.script = [](const Request&) { return http(200); };
  world.transport.release(http(200));
  world.settle_down();
  EXPECT_EQ(world.store.delivered["hook"], 100U);
  EXPECT_EQ(sent(), 100U);
}

TEST_F(EngineTest, AClockThatJumpsAheadEndsNobodyEarly) {
  auto lane = world.lane("hook", sink);
  lane.policy.window = 10;
  lane.policy.retry.give_up_after = hours{24};
  int well_upto = 0;
  sink->on_render = [&](Batch batch) {
    const bool well = std::stoi(batch[0].event->id.substr(1)) < well_upto;
    world.transport.script = [well](const Request&) { return http(well ? 200 : 503); };
  };
  world.start({lane});
  for (int i = 0; i < 30; ++i) world.accept("e" + std::to_string(i), {"hook"});
  world.run_for(minutes{1});
  world.clock.wall_at += hours{24 * 3650};
  well_upto = 15;  // so that the rest is read from the store, and fails
  world.run_for(hours{1});
  EXPECT_EQ(world.store.delivered["hook"], 15U);
  EXPECT_TRUE(world.store.mailbox_table["hook"].empty());
  well_upto = 30;
  world.run_for(hours{1});
  EXPECT_EQ(world.store.delivered["hook"], 30U);
}

TEST_F(EngineTest, AnUnreadableStoredEventGoesToTheMailboxAndTheOthersOn) {
  world.restore = [](const store::StoredEvent& stored) {
    if (stored.id == "e2") throw std::runtime_error("unexpected end of input");
    return restore_event(stored);
  };
  for (int i = 1; i <= 3; ++i) world.store.put(world.event("e" + std::to_string(i)), {"hook"});
  world.start({world.lane("hook", sink)});
  EXPECT_EQ(world.store.delivered["hook"], 2U);
  EXPECT_EQ(world.store.mailbox_table["hook"].at(2).cause, "unrenderable");
}

TEST_F(EngineTest, APendingRowWithoutItsEventStopsNobodyElse) {
  for (int i = 1; i <= 20; ++i) world.store.put(world.event("e" + std::to_string(i)), {"hook"});
  world.store.bodiless.insert(7);
  world.start({world.lane("hook", sink)});
  EXPECT_EQ(world.store.delivered["hook"], 19U);
  EXPECT_EQ(world.store.deliveries["hook"].size(), 1U) << "still in the books, for a human to see";
  EXPECT_EQ(world.status("hook").state, LaneState::idle);
}

TEST_F(EngineTest, RenderingThatThrowsGoesToTheMailboxWithoutARequest) {
  sink->on_render = [](Batch batch) {
    if (batch[0].event->id == "e1") throw std::runtime_error("no title");
  };
  world.start({world.lane("hook", sink)});
  const auto seq = world.accept("e1", {"hook"});
  world.accept("e2", {"hook"});
  world.settle_down();
  EXPECT_EQ(world.store.mailbox_table["hook"].at(seq).cause, "unrenderable");
  EXPECT_EQ(world.store.mailbox_table["hook"].at(seq).reason, "cannot be rendered: no title");
  EXPECT_EQ(sent(), 1U);
  EXPECT_THAT(world.store.outcomes(), ElementsAre("unrenderable", "delivered"));
}

TEST_F(EngineTest, InterpretingThatThrowsIsABugToRetry) {
  bool thrown = false;
  sink->on_interpret = [&](Batch, const Request&, const Response&, const RenderContext&) -> std::optional<Verdict> {
    if (std::exchange(thrown, true)) return std::nullopt;
    throw std::runtime_error("type must be string");
  };
  world.start({world.lane("hook", sink)});
  const auto seq = world.accept("e1", {"hook"});
  world.settle_down();
  EXPECT_EQ(world.store.deliveries["hook"].at(seq).last_error, "connector bug: interpret() threw: type must be string");
  world.run_for(seconds{2});
  EXPECT_EQ(world.store.delivered["hook"], 1U);
}

TEST_F(EngineTest, APartialOfTheWrongSizeIsABugToRetry) {
  sink->limits.max_events = 5;
  sink->on_interpret = [&](Batch batch, const Request&, const Response&,
                           const RenderContext&) -> std::optional<Verdict> {
    if (batch.size() == 5) return Partial{{Delivered{}, Delivered{}}};
    return std::nullopt;
  };
  world.start({world.lane("hook", sink)});
  for (int i = 0; i < 5; ++i) world.accept("e" + std::to_string(i), {"hook"});
  world.settle_down();
  ASSERT_EQ(world.store.deliveries["hook"].size(), 5U) << "none is taken for delivered";
  EXPECT_THAT(world.store.audit_table.at(0).detail, HasSubstr("2 verdicts for a batch of 5"));
}

TEST_F(EngineTest, SeveralStepsAreOneAttemptAndTheAuditNamesThemAll) {
  sink->on_interpret = [](Batch, const Request& request, const Response&,
                          const RenderContext& context) -> std::optional<Verdict> {
    if (context.state == "3") return Delivered{"T-7", "https://t/7", "{\"open\":true}", ""};
    HttpRequest next = std::get<HttpRequest>(request);
    next.body = std::string("step ") + std::string(context.state);
    return Next{std::move(next), std::to_string(context.state.empty() ? 1 : std::stoi(std::string(context.state)) + 1)};
  };
  world.start({world.lane("hook", sink)});
  world.accept("e1", {"hook"}, "CASE-1");
  world.settle_down();
  EXPECT_EQ(sent(), 4U);
  ASSERT_EQ(world.store.audit_table.size(), 1U);
  const auto& row = world.store.audit_table.front();
  for (const auto& call : world.transport.calls)
    EXPECT_THAT(row.detail, HasSubstr(digest(call->request).substr(0, 12) + " 200"));
  EXPECT_EQ((world.store.links[{"hook", "CASE-1"}].external_ref), "T-7");

  // The link is there for the next event of the case.
  sink->on_interpret = nullptr;
  sink->links = true;
  world.engine->configure({world.lane("hook", sink)});
  world.accept("e2", {"hook"}, "CASE-1");
  world.settle_down();
  EXPECT_EQ(body(4), "e2 CASE-1 1 fresh T-7\n");
}

TEST_F(EngineTest, AStateMirrorGetsItsLinkFromTheStoreAfterARestart) {
  sink->links = true;
  world.store.links[{"hook", "CASE-1"}] = {"T-9", "", ""};
  world.start({world.lane("hook", sink)});
  world.clock.advance(seconds{1});
  world.accept("e1", {"hook"}, "CASE-1");
  world.accept("e2", {"hook"});
  world.settle_down();
  std::vector<std::string> bodies{body(0), body(1)};
  EXPECT_THAT(bodies, testing::UnorderedElementsAre("e1 CASE-1 1 fresh T-9\n", "e2  1 fresh -\n"));
}

TEST_F(EngineTest, AConnectorGoingInCirclesIsStopped) {
  sink->on_interpret = [](Batch, const Request& request, const Response&,
                          const RenderContext&) -> std::optional<Verdict> {
    return Next{request, "again"};
  };
  world.start({world.lane("hook", sink)});
  const auto seq = world.accept("e1", {"hook"});
  world.settle_down();
  EXPECT_EQ(sent(), 12U);
  const auto& row = world.store.deliveries["hook"].at(seq);
  EXPECT_THAT(row.last_error, HasSubstr("more than 12 steps"));
  EXPECT_TRUE(row.unknown) << "the earlier steps went through";
}

TEST_F(EngineTest, AStreamingConnectorIsAuditedOnceABatch) {
  sink->limits.streaming = true;
  sink->limits.max_events = 100;
  world.start({world.lane("hook", sink)});
  for (int i = 0; i < 100; ++i) world.accept("e" + std::to_string(i), {"hook"});
  world.settle_down();
  ASSERT_EQ(world.store.audit_table.size(), 1U);
  const auto& row = world.store.audit_table.front();
  EXPECT_EQ(row.first_seq, 1U);
  EXPECT_EQ(row.last_seq, 100U);
  EXPECT_EQ(row.count, 100U);
}

TEST_F(EngineTest, APartialBatchIsTalliedInItsRow) {
  sink->limits.streaming = true;
  sink->limits.max_events = 3;
  sink->on_interpret = [](Batch batch, const Request&, const Response&,
                          const RenderContext&) -> std::optional<Verdict> {
    if (batch.size() != 3) return std::nullopt;
    return Partial{{Delivered{}, Rejected{"mapping of field x"}, Delivered{}}};
  };
  world.start({world.lane("hook", sink)});
  for (int i = 0; i < 3; ++i) world.accept("e" + std::to_string(i), {"hook"});
  world.settle_down();
  EXPECT_EQ(world.store.audit_table.at(0).outcome, "partial");
  EXPECT_EQ(world.store.audit_table.at(0).detail, "2 delivered, 1 rejected: mapping of field x");
  EXPECT_EQ(world.store.audit_table.at(1).action, "mailbox");
}

TEST_F(EngineTest, AReloadSwapsTheSinkBetweenAttempts) {
  world.transport.script = [](const Request&) { return Reply{}; };
  world.start({world.lane("hook", sink)});
  world.accept("e1", {"hook"}, "A");
  world.accept("e2", {"hook"}, "A");
  world.settle_down();
  world.engine->configure({world.lane("hook", std::make_shared<FakeSink>("https://new.test/"), "2")});
  world.settle_down();
  EXPECT_EQ(sent(), 1U) << "the attempt under way is left alone";
  world.transport.script = [](const Request&) { return http(200); };
  world.transport.release(http(200));
  world.settle_down();
  EXPECT_EQ(std::get<HttpRequest>(world.transport.calls.at(1)->request).url.reveal(), "https://new.test/");
  EXPECT_EQ(world.store.delivered["hook"], 2U);
}

TEST_F(EngineTest, AVanishedConnectorFinishesAndParksTheRest) {
  world.transport.script = [](const Request&) { return Reply{}; };
  world.start({world.lane("hook", sink), world.lane("other", sink)});
  world.accept("e1", {"hook"}, "A");
  world.accept("e2", {"hook"}, "A");
  world.settle_down();
  world.engine->configure({world.lane("other", sink)});
  EXPECT_EQ(world.status("hook").state, LaneState::stopped);
  world.transport.script = [](const Request&) { return http(200); };
  world.transport.release(http(200));
  world.settle_down();
  EXPECT_EQ(world.engine->status().size(), 1U);
  EXPECT_EQ(world.store.deliveries["hook"].size(), 1U) << "parked";
  world.engine->configure({world.lane("hook", sink), world.lane("other", sink)});
  world.settle_down();
  EXPECT_TRUE(world.store.deliveries["hook"].empty()) << "and back with the connector";
  EXPECT_EQ(sent(), 2U);
}

TEST_F(EngineTest, AConnectorThatComesBackMeanwhileSendsNothingTwice) {
  world.transport.script = [](const Request&) { return Reply{}; };
  world.start({world.lane("hook", sink)});
  world.accept("e1", {"hook"}, "A");
  world.accept("e2", {"hook"}, "B");
  world.settle_down();
  world.engine->configure({});
  world.engine->configure({world.lane("hook", sink)});
  world.settle_down();
  world.transport.script = [](const Request&) { return http(200); };
  world.transport.release(http(200));
  world.settle_down();
  EXPECT_EQ(world.store.delivered["hook"], 2U);
  EXPECT_EQ(sent(), 2U);
}

TEST_F(EngineTest, DrainWaitsForWhatIsUnderWayAndStartsNothing) {
  world.transport.script = [](const Request&) { return Reply{}; };
  world.start({world.lane("hook", sink)});
  world.accept("e1", {"hook"});
  world.accept("e2", {"hook"});
  world.settle_down();
  const auto over = std::make_shared<bool>(false);
  auto draining = drain_then(*world.engine, world.clock.mono() + hours{1}, over);
  runtime::spawn(world.loop.get_executor(), "drain", std::move(draining));
  world.settle_down();
  EXPECT_FALSE(*over);
  world.transport.release(http(200));
  world.settle_down();
  EXPECT_TRUE(*over);
  EXPECT_EQ(sent(), 1U);
  EXPECT_EQ(world.store.delivered["hook"], 1U) << "its result is in the store before the drain is over";
  EXPECT_EQ(world.store.deliveries["hook"].size(), 1U);
}

TEST_F(EngineTest, DrainEndsAtItsDeadline) {
  world.transport.script = [](const Request&) { return Reply{}; };
  world.start({world.lane("hook", sink)});
  world.accept("e1", {"hook"});
  world.settle_down();
  const auto over = std::make_shared<bool>(false);
  auto draining = drain_then(*world.engine, world.clock.mono() + minutes{1}, over);
  runtime::spawn(world.loop.get_executor(), "drain", std::move(draining));
  world.run_for(hours{1});
  EXPECT_TRUE(*over);
  EXPECT_EQ(world.store.deliveries["hook"].size(), 1U);
}

TEST_F(EngineTest, AnHourOfOutageCostsAHandfulOfProbesAndRecoversWithinOne) {
  world.transport.script = [](const Request&) { return fails(Phase::connect); };
  auto lane = world.lane("hook", sink);
  lane.policy.retry = {Millis{5000}, minutes{15}, hours{24}};
  world.start({lane});
  for (int i = 0; i < 200; ++i) world.accept("e" + std::to_string(i), {"hook"});
  world.run_for(hours{1});
  EXPECT_EQ(world.status("hook").state, LaneState::breaker_open);
  EXPECT_LE(sent(), 5U + 12U);
  EXPECT_EQ(world.store.deliveries["hook"].size(), 200U);
  const auto next = *world.timers.next_due();
  world.transport.script = [](const Request&) { return http(200); };
  world.run_for(next - world.clock.mono());
  EXPECT_EQ(world.store.delivered["hook"], 200U) << "all of it, as soon as the probe got through";
}

TEST(EngineTimer, FiresByItselfUnderTheSystemsClock) {
  asio::io_context loop{1};
  runtime::SystemClock clock;
  VirtualClock unused;
  FakeStore store(loop);
  FakeTransport transport(loop, unused);
  transport.script = [&](const Request&) { return transport.calls.size() < 3 ? http(500) : http(200); };
  Manifest manifest;
  runtime::AsioTimers timers(loop.get_executor());
  FakeRecorder recorder;
  Engine engine(loop.get_executor(), store, transport, clock, timers, recorder, 1, restore_event);
  LaneConfig lane;
  lane.connector = "hook";
  lane.manifest = &manifest;
  lane.sink = std::make_shared<FakeSink>();
  lane.policy.retry = {Millis{2}, Millis{4}, Millis{60'000}};
  engine.configure({lane});
  Event event;
  event.id = "e1";
  event.received_at = Timestamp{clock.wall(), 3};
  engine.offer("hook", store.put(event, {"hook"}), std::make_shared<const Event>(event));
  while (store.delivered["hook"] == 0 && loop.run_one() > 0) {
  }
  EXPECT_EQ(transport.calls.size(), 3U);
  loop.run();  // and comes to an end: nothing is left armed
}

TEST_F(EngineTest, TestUsesTheProbeAndLeavesAnAuditRow) {
  sink->probe_request = HttpRequest{"GET", "https://receiver.test/me", {}, {}, false};
  world.transport.script = [](const Request&) { return http(401, "who are you"); };
  world.start({world.lane("hook", sink)});
  const auto report = std::make_shared<TestReport>();
  auto testing = test_then(*world.engine, "hook", nullptr, report);
  runtime::spawn(world.loop.get_executor(), "test", std::move(testing));
  world.settle_down();
  ASSERT_EQ(report->checks.size(), 2U);
  EXPECT_EQ(report->checks[1].name, "credentials");
  EXPECT_FALSE(report->ok());
  EXPECT_THAT(report->checks[1].detail, HasSubstr("HTTP 401: who are you"));
  EXPECT_EQ(world.store.audit_table.at(0).action, "test");
  EXPECT_EQ(world.store.audit_table.at(0).outcome, "error");
}

TEST_F(EngineTest, TestWithoutAProbeOnlyKnocks) {
  world.start({world.lane("hook", sink)});
  const auto report = std::make_shared<TestReport>();
  auto testing = test_then(*world.engine, "hook", nullptr, report);
  runtime::spawn(world.loop.get_executor(), "test", std::move(testing));
  world.settle_down();
  EXPECT_TRUE(report->ok());
  const auto& request = std::get<HttpRequest>(world.transport.calls.at(0)->request);
  EXPECT_EQ(request.method, "OPTIONS");
  EXPECT_TRUE(request.body.empty());
}

TEST_F(EngineTest, TestWithASampleSendsIt) {
  world.start({world.lane("hook", sink)});
  const auto report = std::make_shared<TestReport>();
  auto testing = test_then(*world.engine, "hook", std::make_shared<Event>(world.event("test-1")), report);
  runtime::spawn(world.loop.get_executor(), "test", std::move(testing));
  world.settle_down();
  EXPECT_TRUE(report->ok());
  EXPECT_EQ(report->checks.back().name, "sample");
  EXPECT_THAT(body(0), HasSubstr("test-1"));
  EXPECT_TRUE(world.store.deliveries["hook"].empty());

  testing = test_then(*world.engine, "nobody", nullptr, report);
  runtime::spawn(world.loop.get_executor(), "test", std::move(testing));
  world.settle_down();
  EXPECT_FALSE(report->ok());
}

}  // namespace
}  // namespace wardex::deliver::test
