// What operators and receivers may say besides answers: holds, drains, quotas; and what follows a death.
#include <gmock/gmock.h>

#include <limits>

#include "unit/deliver/lane_bench.hpp"

namespace wardex::deliver::test {
namespace {

using Mailbox = store::Settle::Mailbox;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;

TEST(LaneHold, NothingGoesUntilTheOperatorSaysSo) {
  LaneBench bench;
  bench.warm_up();
  bench.add(1, "A");
  bench.lane.hold(Hold{0, "maintenance"}, bench.now);
  EXPECT_FALSE(bench.start());
  EXPECT_EQ(bench.wait(), std::nullopt) << "no timer: only the operator ends it";
  EXPECT_EQ(bench.lane.state(bench.now), LaneState::on_hold);
  EXPECT_EQ(bench.lane.reason(bench.now), "maintenance");
  EXPECT_EQ(bench.lane.next_attempt(bench.now), std::nullopt);
  bench.pass(hours{30});
  bench.lane.hold(std::nullopt, bench.now);
  auto start = bench.start();
  ASSERT_TRUE(start);
  EXPECT_FALSE(std::holds_alternative<Mailbox>(bench.finish(*start, Retry{"HTTP 500", {}})[0].what))
      << "its age begins anew: nobody could deliver it meanwhile";
}

TEST(LaneHold, AHoldReadsNoBodies) {
  LaneBench bench;
  bench.lane.hold(Hold{0, ""}, bench.now);
  ASSERT_TRUE(bench.lane.add(bench.bodiless(1, "A"), bench.now, bench.wall));
  EXPECT_TRUE(bench.lane.wanted(10, bench.now).empty());
}

TEST(LaneHold, ADrainSendsWhatWasThereAndHoldsTheRest) {
  LaneBench bench;
  bench.warm_up();
  bench.add(1, "A");
  bench.finish(*bench.start(), Retry{"HTTP 500", {}});
  bench.add(2, "B");
  bench.lane.hold(Hold{2, "upgrade"}, bench.now);
  bench.add(3, "A");
  bench.add(4, "C");
  EXPECT_EQ(bench.lane.state(bench.now), LaneState::draining);
  std::vector<store::Seq> sent;
  while (const auto start = bench.start()) {
    sent.push_back(start->items[0].seq);
    bench.finish(*start, Delivered{});
  }
  EXPECT_THAT(sent, ElementsAre(1, 2)) << "without waiting for the retry";
  EXPECT_TRUE(bench.lane.drained());
  EXPECT_EQ(bench.lane.size(), 2U);
  bench.lane.hold(std::nullopt, bench.now);
  EXPECT_EQ(bench.start_all().size(), 2U);
}

TEST(LaneHold, ADrainSendsTheNewestStateInPlaceOfTheOlder) {
  auto rules = one_by_one();
  rules.coalesces = true;
  LaneBench bench(rules);
  bench.add_state(1, "A");
  bench.lane.hold(Hold{1, ""}, bench.now);
  bench.add_state(2, "A");
  const auto start = bench.start();
  EXPECT_THAT(LaneBench::seqs(start), ElementsAre(2));
  bench.finish(*start, Delivered{});
  EXPECT_TRUE(bench.lane.drained());
}

AttemptReport with_quota(std::uint64_t remaining, Millis resets_in) {
  auto report = LaneBench::report(1, Delivered{});
  report.quota = Quota{remaining, resets_in};
  return report;
}

TEST(LaneQuota, StopsBeforeTheReceiverHasTo) {
  LaneBench bench;
  bench.warm_up();
  for (store::Seq seq = 1; seq <= 9; ++seq) bench.add(seq, "S" + std::to_string(seq));
  auto start = bench.start();
  bench.finish(*start, with_quota(2, seconds{30}));
  EXPECT_EQ(bench.start_all().size(), 2U);
  EXPECT_EQ(bench.wait(), Millis{30'000});
  EXPECT_EQ(bench.lane.state(bench.now), LaneState::throttled);
  EXPECT_EQ(bench.lane.reason(bench.now), "the receiver's own limit is used up");
  bench.pass(seconds{30});
  EXPECT_EQ(bench.start_all().size(), 2U) << "the rest of the concurrency";
}

TEST(LaneQuota, CountsWhatIsUnderWayAgainstIt) {
  LaneBench bench;
  bench.warm_up();
  for (store::Seq seq = 1; seq <= 9; ++seq) bench.add(seq, "S" + std::to_string(seq));
  auto under_way = bench.start_all();
  ASSERT_EQ(under_way.size(), 4U);
  bench.finish(under_way[0], with_quota(4, seconds{30}));
  EXPECT_EQ(bench.start_all().size(), 1U) << "4 left, 3 of which are on their way";
  bench.finish(under_way[1], with_quota(0, seconds{30}));
  EXPECT_FALSE(bench.start());
}

TEST(LaneQuota, AResetThatNeverComesIsNoOutageAndANewReceiverHasItsOwn) {
  LaneBench bench;
  bench.warm_up();
  bench.add(1, "A");
  bench.add(2, "B");
  bench.finish(*bench.start(), with_quota(0, hours{24}));
  EXPECT_EQ(bench.wait(), Millis{3'600'000}) << "give_up_after is the longest";
  bench.lane.configure(one_by_one(), true, bench.now);
  EXPECT_TRUE(bench.start());
}

NewItem suspect(const LaneBench& bench, store::Seq seq, const std::string& subject) {
  NewItem item = bench.bodiless(seq, subject);
  item.deaths = 1;
  item.event = event_of("e" + std::to_string(seq), subject);
  return item;
}

TEST(LaneSuspects, GoAloneAndOneAtATime) {
  LaneRules rules = one_by_one();
  rules.batch.max_events = 10;
  rules.batch.ordered = true;
  LaneBench bench(rules);
  bench.warm_up();
  bench.lane.add(suspect(bench, 1, "A"), bench.now, bench.wall);
  bench.lane.add(suspect(bench, 2, "B"), bench.now, bench.wall);
  bench.add(3, "C");
  bench.add(4, "D");
  auto step = bench.lane.next(bench.now, true);
  auto* first = std::get_if<Start>(&step);
  ASSERT_NE(first, nullptr);
  EXPECT_TRUE(first->suspect);
  EXPECT_EQ(first->items.size(), 1U);
  EXPECT_EQ(first->items[0].seq, 1U);
  auto other = bench.lane.next(bench.now, false);
  auto* harmless = std::get_if<Start>(&other);
  ASSERT_NE(harmless, nullptr) << "the others need not wait";
  EXPECT_FALSE(harmless->suspect);
  EXPECT_EQ(harmless->items.size(), 2U);
  EXPECT_FALSE(std::holds_alternative<Start>(bench.lane.next(bench.now, false)));
  bench.finish(*harmless, Delivered{});
  bench.finish(*first, Retry{"HTTP 500", {}});
  const auto second = bench.lane.next(bench.now, true);
  EXPECT_EQ(std::get<Start>(second).items[0].seq, 2U);
  bench.finish(std::get<Start>(second), Delivered{});
  bench.pass(minutes{5});
  EXPECT_THAT(LaneBench::seqs(bench.start()), ElementsAre(1)) << "its attempt ended: it is under suspicion no more";
}

TEST(LaneSuspects, OneThatHangsTakesNoOthersPlace) {
  LaneBench bench;  // slow start: one at a time
  bench.lane.add(suspect(bench, 1, "A"), bench.now, bench.wall);
  auto hanging = bench.lane.next(bench.now, true);
  ASSERT_TRUE(std::get<Start>(hanging).suspect);
  bench.add(2, "B");
  EXPECT_TRUE(bench.start());
}

TEST(LaneFallback, WhatGoesToTheMailboxGoesThereToo) {
  auto rules = one_by_one();
  FallbackPolicy fallback;
  fallback.to = "mail";
  fallback.severities.set(static_cast<std::size_t>(Severity::critical));
  fallback.kinds.set();
  rules.policy.fallback = fallback;
  LaneBench bench(rules);
  for (const auto& [seq, severity] : {std::pair{1U, Severity::critical}, std::pair{2U, Severity::low}}) {
    NewItem item = bench.bodiless(seq, "S" + std::to_string(seq));
    item.severity = severity;
    item.event = event_of("e", "S");
    bench.lane.add(std::move(item), bench.now, bench.wall);
  }
  const auto first = bench.finish(*bench.start(), Rejected{"HTTP 400"});
  EXPECT_EQ(as<Mailbox>(first.at(0)).fallback, "mail");
  const auto second = bench.finish(*bench.start(), Rejected{"HTTP 400"});
  EXPECT_EQ(as<Mailbox>(second.at(0)).fallback, "") << "not for low ones";
}

}  // namespace
}  // namespace wardex::deliver::test
