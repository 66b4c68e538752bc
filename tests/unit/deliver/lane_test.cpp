#include <gmock/gmock.h>

#include "unit/deliver/lane_bench.hpp"

namespace wardex::deliver::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using Again = store::Settle::Again;
using Mailbox = store::Settle::Mailbox;

const ItemVerdict kOutage = Retry{"HTTP 500", std::nullopt};
const ItemVerdict kOk = Delivered{};

TEST(LaneOrder, OnlyTheFirstOfASubjectGoesAndOthersOvertake) {
  LaneBench bench;
  bench.warm_up();
  for (store::Seq seq = 1; seq <= 3; ++seq) bench.add(seq, "A");
  bench.add(4, "B");
  auto a1 = bench.start();
  auto b = bench.start();
  EXPECT_THAT(LaneBench::seqs(a1), ElementsAre(1));
  EXPECT_THAT(LaneBench::seqs(b), ElementsAre(4));
  EXPECT_FALSE(bench.start()) << "A2 waits for A1";
  bench.finish(*b, kOk);
  EXPECT_FALSE(bench.start());
  bench.finish(*a1, kOk);
  EXPECT_THAT(LaneBench::seqs(bench.start()), ElementsAre(2));
}

TEST(LaneOrder, TheNextOfASubjectWaitsUntilTheResultOfTheFirstIsDurable) {
  LaneBench bench;
  bench.add(1, "A");
  bench.add(2, "A");
  auto first = bench.start();
  bench.lane.finish(first->ticket, LaneBench::report(1, kOk), bench.now, bench.wall);
  EXPECT_FALSE(bench.start()) << "a crash now would send 1 again, after 2";
  EXPECT_THAT(bench.lane.settled(first->ticket, bench.now), ElementsAre(1));
  EXPECT_THAT(LaneBench::seqs(bench.start()), ElementsAre(2));
}

TEST(LaneOrder, AFailedFirstHoldsItsSubjectBackAndNobodyElse) {
  LaneBench bench;
  bench.add(1, "A");
  bench.add(2, "A");
  bench.add(3, "B");
  auto a1 = bench.start();
  bench.finish(*a1, kOutage);
  auto b = bench.start();
  EXPECT_THAT(LaneBench::seqs(b), ElementsAre(3));
  bench.finish(*b, kOk);
  const auto wait = bench.wait();
  ASSERT_TRUE(wait);
  EXPECT_GE(*wait, Millis{500});
  EXPECT_LE(*wait, Millis{1000});
  bench.pass(*wait);
  EXPECT_THAT(LaneBench::seqs(bench.start()), ElementsAre(1));
}

TEST(LaneOrder, AReplayedOlderEventGoesBeforeItsYoungerOnes) {
  LaneBench bench;
  bench.add(10, "A");
  bench.add(3, "A");
  EXPECT_THAT(LaneBench::seqs(bench.start()), ElementsAre(3));
}

TEST(LaneOrder, TheSameEventIsTakenOnce) {
  LaneBench bench;
  bench.add(1, "A");
  EXPECT_FALSE(bench.lane.add(bench.bodiless(1, "A"), bench.now, bench.wall));
  auto start = bench.start();
  EXPECT_FALSE(bench.lane.add(bench.bodiless(1, "A"), bench.now, bench.wall)) << "nor while it is under way";
  bench.finish(*start, kOk);
  EXPECT_EQ(bench.lane.size(), 0U);
}

TEST(LaneConcurrency, GrowsWithSuccessUpToTheLimit) {
  LaneBench bench(one_by_one(4));
  for (store::Seq seq = 1; seq <= 40; ++seq) bench.add(seq, "S" + std::to_string(seq));
  std::vector<std::size_t> widths;
  for (int round = 0; round < 4; ++round) {
    auto under_way = bench.start_all();
    widths.push_back(under_way.size());
    for (auto& start : under_way) bench.finish(start, kOk);
  }
  EXPECT_THAT(widths, ElementsAre(1, 2, 4, 4));
}

TEST(LaneBatch, StopsAtCountAndBytes) {
  auto rules = one_by_one();
  rules.batch = {.max_events = 3, .max_bytes = 100, .max_age = Millis{0}};
  LaneBench bench(rules);
  bench.add(1, "A", 60);
  bench.add(2, "B", 30);
  bench.add(3, "C", 20);
  bench.add(4, "D", 500);  // more than a batch may hold: goes alone
  bench.add(5, "E", 1);
  bench.add(6, "F", 1);
  bench.add(7, "G", 1);
  bench.add(8, "H", 1);
  std::vector<std::vector<store::Seq>> batches;
  while (auto start = bench.start()) {
    batches.push_back(LaneBench::seqs(start));
    bench.finish(*start, kOk);
  }
  EXPECT_THAT(batches,
              ElementsAre(ElementsAre(1, 2), ElementsAre(3), ElementsAre(4), ElementsAre(5, 6, 7), ElementsAre(8)));
}

TEST(LaneBatch, HoldsOneOfASubjectUnlessTheConnectorKeepsOrderInABatch) {
  for (const bool ordered : {false, true}) {
    auto rules = one_by_one();
    rules.batch.max_events = 10;
    rules.batch.ordered = ordered;
    LaneBench bench(rules);
    bench.add(1, "A");
    bench.add(2, "B");
    bench.add(3, "A");
    bench.add(4, "A");
    const auto got = LaneBench::seqs(bench.start());
    if (ordered)
      EXPECT_THAT(got, ElementsAre(1, 2, 3, 4));
    else
      EXPECT_THAT(got, ElementsAre(1, 2));
  }
}

TEST(LaneBatch, WaitsToFillUpButNotLongerThanItsAge) {
  auto rules = one_by_one();
  rules.batch = {.max_events = 3, .max_bytes = 1000, .max_age = Millis{200}};
  LaneBench bench(rules);
  bench.add(1, "A");
  EXPECT_EQ(bench.wait(), Millis{200});
  bench.pass(Millis{50});
  bench.add(2, "B");
  EXPECT_EQ(bench.wait(), Millis{150});
  bench.pass(Millis{150});
  auto aged = bench.start();
  EXPECT_THAT(LaneBench::seqs(aged), ElementsAre(1, 2));
  bench.finish(*aged, kOk);
  for (store::Seq seq = 3; seq <= 5; ++seq) bench.add(seq, "S" + std::to_string(seq));
  auto full = bench.start();
  EXPECT_THAT(LaneBench::seqs(full), ElementsAre(3, 4, 5)) << "a full one goes at once";
  bench.finish(*full, kOk);
  bench.add(6, "A", 600);
  EXPECT_TRUE(bench.wait());
  bench.add(7, "B", 600);
  EXPECT_THAT(LaneBench::seqs(bench.start()), ElementsAre(6)) << "bytes fill it as well";
}

TEST(LaneBatch, ARefusedBatchIsHalvedUntilTheBadOneStandsAlone) {
  auto rules = one_by_one(1);
  rules.batch.max_events = 16;
  LaneBench bench(rules);
  for (store::Seq seq = 1; seq <= 16; ++seq) bench.add(seq, "S" + std::to_string(seq));
  std::vector<store::Seq> delivered;
  std::vector<store::Seq> mailbox;
  int requests = 0;
  while (auto start = bench.start()) {
    ++requests;
    const auto seqs = LaneBench::seqs(start);
    const bool bad = std::find(seqs.begin(), seqs.end(), 11U) != seqs.end();
    for (const auto& settle : bench.finish(*start, bad ? ItemVerdict{Rejected{"HTTP 400"}} : kOk)) {
      if (std::holds_alternative<store::Settle::Delivered>(settle.what)) delivered.push_back(settle.seq);
      if (std::holds_alternative<Mailbox>(settle.what)) mailbox.push_back(settle.seq);
    }
  }
  EXPECT_EQ(delivered.size(), 15U);
  EXPECT_THAT(mailbox, ElementsAre(11));
  EXPECT_LE(requests, 2 * 5);
}

TEST(LaneBatch, WhatFailedTogetherComesDueTogether) {
  auto rules = one_by_one();
  rules.batch.max_events = 8;
  LaneBench bench(rules);
  for (store::Seq seq = 1; seq <= 8; ++seq) bench.add(seq, "S" + std::to_string(seq));
  auto start = bench.start();
  bench.finish(*start, LaneBench::connect_failed(8));
  bench.pass(*bench.wait());
  EXPECT_EQ(LaneBench::seqs(bench.start()).size(), 8U);
}

TEST(LaneOutage, ChargesTheEventAndStoresWhenItIsTriedAgain) {
  LaneBench bench;
  bench.add(1, "A");
  auto start = bench.start();
  auto report = LaneBench::report(1, Retry{"timeout", std::nullopt});
  report.unanswered = report.may_have_acted = true;
  const auto settled = bench.finish(*start, report);
  const auto& again = as<Again>(settled.at(0));
  EXPECT_EQ(again.attempts, 1U);
  EXPECT_TRUE(again.unknown);
  EXPECT_EQ(again.last_error, "timeout");
  ASSERT_TRUE(again.next_attempt_at);
  EXPECT_EQ(std::chrono::ceil<Millis>(*again.next_attempt_at - bench.wall), bench.wait());
  EXPECT_EQ(bench.lane.state(bench.now), LaneState::backing_off);
  bench.pass(*bench.wait());
  start = bench.start();
  EXPECT_TRUE(start->items.at(0).previous_unknown);
  EXPECT_EQ(start->items.at(0).attempts, 1U);
  // A later failure that certainly did not arrive does not make the earlier one known.
  const auto later = bench.finish(*start, LaneBench::connect_failed(1));
  EXPECT_TRUE(as<Again>(later.at(0)).unknown);
}

TEST(LaneOutage, TheReceiversOwnWishIsObeyedWithinReason) {
  const std::pair<Millis, Millis> table[] = {
      {Millis{3000}, Millis{3000}}, {Millis{0}, Millis{500}}, {hours{200}, hours{1}}};
  for (const auto& [asked, expected] : table) {
    LaneBench bench;
    bench.add(1, "A");
    auto start = bench.start();
    bench.finish(*start, Retry{"HTTP 503", asked});
    EXPECT_EQ(bench.wait(), expected) << asked.count();
  }
}

TEST(LaneOutage, GivesUpByAgeWhenAnAttemptFails) {
  LaneBench bench;
  bench.add(1, "A");
  bench.pass(minutes{61});
  auto start = bench.start();
  ASSERT_TRUE(start) << "never tried: it gets its try at any age";
  const auto settled = bench.finish(*start, kOutage);
  EXPECT_EQ(as<Mailbox>(settled.at(0)).cause, "gave_up");
  EXPECT_EQ(as<Mailbox>(settled.at(0)).reason, "not delivered within 1h: HTTP 500");
  EXPECT_EQ(as<Mailbox>(settled.at(0)).attempts, 1U);
  EXPECT_EQ(bench.lane.size(), 0U);
}

TEST(LaneOutage, AStandstillLongerThanTheAgeAllowedGivesAnotherTry) {
  LaneBench bench;
  bench.add(7, "A");
  bench.finish(*bench.start(), kOutage);
  bench.pass(hours{2});  // the process was stopped; meanwhile the receiver may have recovered
  const auto start = bench.start();
  ASSERT_TRUE(start);
  EXPECT_EQ(as<Mailbox>(bench.finish(*start, kOutage).at(0)).cause, "gave_up");
}

TEST(LaneOutage, AWallClockThatJumpsAgesNobody) {
  LaneBench bench;
  bench.add(1, "A");
  bench.wall += hours{1000};
  auto start = bench.start();
  EXPECT_TRUE(std::holds_alternative<Again>(bench.finish(*start, kOutage).at(0).what));
}

TEST(LaneThrottle, NothingGoesUntilExactlyThenAndNothingIsCharged) {
  LaneBench bench;
  bench.warm_up();
  for (store::Seq seq = 1; seq <= 5; ++seq) bench.add(seq, "S" + std::to_string(seq));
  auto under_way = bench.start_all();
  ASSERT_EQ(under_way.size(), 4U);
  const auto settled = bench.finish(under_way[0], Throttled{"HTTP 429", Millis{3000}});
  EXPECT_EQ(as<Again>(settled.at(0)).attempts, 0U);
  EXPECT_EQ(as<Again>(settled.at(0)).next_attempt_at, bench.wall + seconds{3});
  bench.finish(under_way[1], kOk);
  EXPECT_EQ(bench.lane.state(bench.now), LaneState::throttled);
  EXPECT_EQ(bench.lane.reason(bench.now), "HTTP 429");
  EXPECT_FALSE(bench.start());
  bench.finish(under_way[3], kOk);
  bench.pass(Millis{1000});
  bench.finish(under_way[2], Throttled{"HTTP 429", Millis{1000}});  // sooner than the first said
  EXPECT_EQ(bench.wait(), Millis{2000});
  bench.pass(Millis{1999});
  EXPECT_FALSE(bench.start());
  EXPECT_EQ(bench.wait(), Millis{1});
  bench.pass(Millis{1});
  EXPECT_EQ(bench.start_all().size(), 1U) << "and then one by one";
}

TEST(LaneThrottle, HasADefaultAndNeverBecomesABusyLoop) {
  const std::pair<std::optional<Millis>, Millis> table[] = {
      {std::nullopt, seconds{30}}, {Millis{0}, Millis{100}}, {hours{1'000'000}, hours{1}}};
  for (const auto& [asked, expected] : table) {
    LaneBench bench;
    bench.add(1, "A");
    auto start = bench.start();
    bench.finish(*start, Throttled{"slow down", asked});
    EXPECT_EQ(bench.wait(), expected);
  }
}

TEST(LaneHold, ARefusedCredentialBurnsNothing) {
  LaneBench bench;
  bench.add(1, "A");
  bench.add(2, "B");
  auto start = bench.start();
  const auto settled = bench.finish(*start, Unauthorised{"HTTP 401: bad token"});
  EXPECT_EQ(as<Again>(settled.at(0)).attempts, 0U);
  EXPECT_EQ(bench.lane.state(bench.now), LaneState::held);
  EXPECT_EQ(bench.lane.reason(bench.now), "HTTP 401: bad token");
  // One slow probe at a time, for days: still nothing is given up.
  for (int probe = 0; probe < 100; ++probe) {
    ASSERT_EQ(bench.wait(), minutes{1});
    bench.pass(minutes{1});
    start = bench.start();
    ASSERT_TRUE(start);
    EXPECT_TRUE(start->probe);
    EXPECT_FALSE(bench.start());
    ASSERT_TRUE(std::holds_alternative<Again>(bench.finish(*start, Unauthorised{"HTTP 401"}).at(0).what));
  }
  bench.pass(minutes{1});
  start = bench.start();
  bench.finish(*start, kOk);
  EXPECT_NE(bench.lane.state(bench.now), LaneState::held);
  EXPECT_TRUE(bench.start());
}

TEST(LaneHold, IsLiftedByAChangedConfiguration) {
  LaneBench bench;
  bench.warm_up();
  bench.add(1, "A");
  bench.add(2, "B");
  auto first = bench.start();
  auto late = bench.start();
  bench.finish(*first, Unauthorised{"HTTP 401"});
  bench.lane.configure(one_by_one(), false, bench.now);
  EXPECT_EQ(bench.lane.state(bench.now), LaneState::held) << "an unrelated reload lifts nothing";
  bench.lane.configure(one_by_one(), true, bench.now);
  EXPECT_NE(bench.lane.state(bench.now), LaneState::held);
  // The answer to the old credential says nothing about the new one.
  bench.finish(*late, Unauthorised{"HTTP 401"});
  EXPECT_NE(bench.lane.state(bench.now), LaneState::held);
  EXPECT_TRUE(bench.start()) << "at once, not after the probe's interval";
}

TEST(LaneHold, ProbesWithAnotherEventEachTime) {
  LaneBench bench;
  bench.add(1, "forbidden");
  bench.add(2, "fine");
  auto start = bench.start();
  bench.finish(*start, Unauthorised{"HTTP 403"});
  bench.pass(minutes{1});
  start = bench.start();
  EXPECT_THAT(LaneBench::seqs(start), ElementsAre(2)) << "one event that is refused must not hold the lane for ever";
}

TEST(LaneHold, TheNextProbeWaitsAsLongAsTheReceiverAsks) {
  LaneBench bench;
  bench.warm_up();
  bench.add(1, "A");
  bench.add(2, "B");
  auto first = bench.start();
  auto late = bench.start();
  bench.finish(*first, Unauthorised{"HTTP 401"});
  bench.finish(*late, Retry{"HTTP 503", minutes{2}});
  EXPECT_EQ(bench.wait(), minutes{2});
  bench.pass(minutes{2});
  auto probe = bench.start();
  ASSERT_TRUE(probe);
  bench.finish(*probe, Retry{"HTTP 503", minutes{5}});
  EXPECT_EQ(bench.lane.state(bench.now), LaneState::held);
  EXPECT_EQ(bench.wait(), minutes{5});
}

TEST(LaneHold, ForgivesTheAgeOfWhatWaited) {
  LaneBench bench;
  bench.add(1, "A");
  auto start = bench.start();
  bench.finish(*start, kOutage);
  bench.add(2, "B");
  start = bench.start();
  bench.finish(*start, Unauthorised{"HTTP 401"});
  bench.pass(hours{30});
  bench.lane.configure(one_by_one(), true, bench.now);
  EXPECT_THAT(LaneBench::seqs(bench.start()), ElementsAre(1)) << "nobody could deliver it meanwhile";
}

TEST(LaneBreaker, OpensAfterFailuresInARowAndProbesOneAtATime) {
  LaneBench bench(one_by_one(1));
  for (store::Seq seq = 1; seq <= 50; ++seq) bench.add(seq, "S" + std::to_string(seq));
  for (int i = 0; i < 5; ++i) {
    auto start = bench.start();
    ASSERT_TRUE(start) << i;
    EXPECT_FALSE(start->probe);
    bench.finish(*start, LaneBench::connect_failed(1));
  }
  EXPECT_EQ(bench.lane.state(bench.now), LaneState::breaker_open);
  EXPECT_EQ(bench.lane.reason(bench.now), "connect: refused");
  // An hour of outage.
  int probes = 0;
  Millis last{0};
  for (Millis passed{0}; passed < minutes{59};) {
    const auto wait = bench.wait();
    ASSERT_TRUE(wait);
    EXPECT_GE(*wait, std::min<Millis>(last / 2, Millis{45'000}));
    last = *wait;
    passed += *wait;
    bench.pass(*wait);
    auto probe = bench.start();
    ASSERT_TRUE(probe);
    EXPECT_TRUE(probe->probe);
    EXPECT_EQ(probe->items.size(), 1U);
    EXPECT_FALSE(bench.start()) << "one at a time";
    bench.finish(*probe, LaneBench::connect_failed(1));
    ++probes;
  }
  EXPECT_LT(probes, 75) << "once a minute at most (retry.max of this test), after the first few";
  // Recovery: the probe's success lets the others go, slowly at first.
  bench.pass(*bench.wait());
  auto probe = bench.start();
  bench.finish(*probe, kOk);
  EXPECT_EQ(bench.start_all().size(), 1U);
}

TEST(LaneBreaker, WaitingEventsAreNotCharged) {
  LaneBench bench(one_by_one(1));
  for (store::Seq seq = 1; seq <= 100; ++seq) bench.add(seq, "S" + std::to_string(seq));
  std::map<store::Seq, std::uint32_t> charged;
  for (int i = 0; i < 12; ++i) {
    auto start = bench.start_later();
    ASSERT_TRUE(start);
    const auto settled = bench.finish(*start, LaneBench::connect_failed(1));
    charged[settled.at(0).seq] = as<Again>(settled.at(0)).attempts;
  }
  std::uint32_t sum = 0;
  for (const auto& [seq, attempts] : charged) sum += attempts;
  EXPECT_EQ(sum, 12U) << "each attempt is charged to the event that was sent, and to no other";
}

TEST(LaneBreaker, SlowStartAfterRecovery) {
  LaneBench bench(one_by_one(8));
  bench.warm_up();
  for (store::Seq seq = 1; seq <= 60; ++seq) bench.add(seq, "S" + std::to_string(seq));
  for (auto& start : bench.start_all()) bench.finish(start, LaneBench::connect_failed(1));
  ASSERT_EQ(bench.lane.state(bench.now), LaneState::breaker_open);
  bench.pass(*bench.wait());
  auto probe = bench.start();
  bench.finish(*probe, kOk);
  std::vector<std::size_t> widths;
  for (int round = 0; round < 5; ++round) {
    auto under_way = bench.start_all();
    widths.push_back(under_way.size());
    for (auto& start : under_way) bench.finish(start, kOk);
  }
  EXPECT_THAT(widths, ElementsAre(1, 2, 8, 8, 8));
}

TEST(LaneBreaker, OnePoisonEventDoesNotCloseTheLaneToOthers) {
  LaneBench bench(one_by_one(1));
  bench.add(1, "poison");
  for (int i = 0; i < 20; ++i) {
    auto start = bench.start_later();
    ASSERT_TRUE(start);
    bench.finish(*start, kOutage);
    ASSERT_NE(bench.lane.state(bench.now), LaneState::breaker_open);
  }
  bench.add(2, "fine");
  EXPECT_THAT(LaneBench::seqs(bench.start()), ElementsAre(2));
}

TEST(LaneBreaker, WhatIsTooOldLeavesDuringAnOutageWithoutAnAttempt) {
  LaneBench bench(one_by_one(1));
  for (store::Seq seq = 1; seq <= 9; ++seq) bench.add(seq, "S" + std::to_string(seq));
  for (int i = 0; i < 5; ++i) {
    auto start = bench.start();
    bench.finish(*start, LaneBench::connect_failed(1));
  }
  bench.pass(minutes{30});
  bench.add(10, "young");
  auto probe = bench.start();
  bench.finish(*probe, LaneBench::connect_failed(1));
  std::size_t given_up = 0;
  for (Millis passed{0}; passed < minutes{45};) {
    auto step = bench.lane.next(bench.now);
    if (auto* gone = std::get_if<GiveUp>(&step)) {
      for (const auto& settle : gone->settled) {
        EXPECT_THAT(as<Mailbox>(settle).reason, HasSubstr("last failure: connect: refused"));
        ++given_up;
      }
      bench.lane.settled(gone->ticket, bench.now);
    } else if (auto* start = std::get_if<Start>(&step)) {
      for (const auto& settle : bench.finish(*start, LaneBench::connect_failed(1)))
        given_up += std::holds_alternative<Mailbox>(settle.what) ? 1 : 0;
    } else if (!bench.read_bodies()) {
      const auto wait = bench.wait();
      ASSERT_TRUE(wait);
      bench.pass(*wait);
      passed += *wait;
    }
  }
  EXPECT_EQ(given_up, 9U);
  EXPECT_EQ(bench.lane.size(), 1U);
}

TEST(LaneRejected, GoesToTheMailboxAtOnce) {
  LaneBench bench;
  bench.add(1, "A");
  auto start = bench.start();
  const auto settled = bench.finish(*start, Rejected{"HTTP 400: field severity unknown"});
  EXPECT_EQ(as<Mailbox>(settled.at(0)).cause, "rejected");
  EXPECT_EQ(as<Mailbox>(settled.at(0)).reason, "HTTP 400: field severity unknown");
  EXPECT_EQ(bench.lane.size(), 0U);
}

TEST(LaneRejected, WhatCannotBeRenderedIsNamedSo) {
  LaneBench bench;
  bench.add(1, "A");
  auto start = bench.start();
  auto report = LaneBench::report(1, Rejected{"cannot be rendered: no title"});
  report.unrenderable = true;
  report.reached = false;
  EXPECT_EQ(as<Mailbox>(bench.finish(*start, report).at(0)).cause, "unrenderable");
}

TEST(LanePartial, ChargesOnlyTheItemsThatFailed) {
  auto rules = one_by_one();
  rules.batch.max_events = 5;
  LaneBench bench(rules);
  for (store::Seq seq = 1; seq <= 5; ++seq) bench.add(seq, "S" + std::to_string(seq));
  auto start = bench.start();
  auto report = LaneBench::report(5, kOk);
  report.partial = true;
  report.items[1] = Retry{"shard busy", std::nullopt};
  report.items[2] = Rejected{"mapping"};
  report.items[3] = Unauthorised{"index not allowed"};
  const auto settled = bench.finish(*start, report);
  EXPECT_TRUE(std::holds_alternative<store::Settle::Delivered>(settled.at(0).what));
  EXPECT_EQ(as<Again>(settled.at(1)).attempts, 1U);
  EXPECT_EQ(as<Mailbox>(settled.at(2)).cause, "rejected");
  EXPECT_EQ(as<Again>(settled.at(3)).attempts, 1U) << "the others prove that the credential works: no hold";
  EXPECT_EQ(bench.lane.state(bench.now), LaneState::backing_off);
}

TEST(LaneRate, IsATokenBucketOverRequests) {
  auto rules = one_by_one();
  rules.policy.rate_per_second = 10;
  rules.policy.rate_burst = 2;
  LaneBench bench(rules);
  for (store::Seq seq = 1; seq <= 20; ++seq) bench.add(seq, "S" + std::to_string(seq));
  std::vector<Millis> at;
  const auto begun = bench.now;
  while (at.size() < 6) {
    auto start = bench.start();
    if (!start) {
      bench.pass(*bench.wait());
      continue;
    }
    at.push_back(std::chrono::floor<Millis>(bench.now - begun));
    bench.finish(*start, kOk);
  }
  EXPECT_THAT(at, ElementsAre(Millis{0}, Millis{0}, Millis{101}, Millis{201}, Millis{301}, Millis{401}));
}

TEST(LaneRate, TheLaterStepsOfADeliveryArePaidForAfterwards) {
  auto rules = one_by_one();
  rules.policy.rate_per_second = 1;
  LaneBench bench(rules);
  bench.add(1, "A");
  bench.add(2, "B");
  auto start = bench.start();
  auto report = LaneBench::report(1, kOk);
  report.requests = 3;
  bench.finish(*start, report);
  EXPECT_EQ(bench.wait(), Millis{3001});
}

TEST(LaneBodies, AreReadWhenTheirTurnComes) {
  LaneBench bench;
  bench.reads_bodies = false;
  for (store::Seq seq = 1; seq <= 100; ++seq)
    bench.lane.add(bench.bodiless(seq, seq <= 50 ? "A" : "S" + std::to_string(seq)), bench.now, bench.wall);
  EXPECT_FALSE(bench.start());
  const auto wanted = bench.lane.wanted(3, bench.now);
  EXPECT_THAT(wanted, ElementsAre(1, 51, 52)) << "only the first of a subject can go";
  EXPECT_THAT(bench.lane.wanted(1, bench.now), ElementsAre(53)) << "what is being read is not asked for again";
  bench.lane.loaded(51, event_of("e51", "S51"), std::nullopt, bench.now);
  EXPECT_THAT(LaneBench::seqs(bench.start()), ElementsAre(51));
  bench.lane.load_failed(1, bench.now);
  EXPECT_THAT(bench.lane.wanted(1, bench.now), ElementsAre(1));
  bench.lane.unreadable(1, "no JSON", bench.now);
  auto step = bench.lane.next(bench.now);
  EXPECT_EQ(as<Mailbox>(std::get<GiveUp>(step).settled.at(0)).cause, "unrenderable");
  bench.lane.settled(std::get<GiveUp>(step).ticket, bench.now);
  EXPECT_EQ(bench.lane.size(), 99U);
}

TEST(LaneBodies, AStateMirroringConnectorKnowsTheLinkOfItsCase) {
  auto rules = one_by_one();
  rules.needs_links = true;
  LaneBench bench(rules);
  bench.reads_bodies = false;
  bench.add(1, "A");
  EXPECT_FALSE(bench.start()) << "the store knows whether there is a ticket already";
  EXPECT_THAT(bench.lane.wanted(10, bench.now), ElementsAre(1));
  bench.lane.loaded(1, nullptr, Link{"T-1", "https://t/1", "{}"}, bench.now);
  auto start = bench.start();
  EXPECT_EQ(start->items.at(0).link->external_ref, "T-1");
  const auto settled = bench.finish(*start, Delivered{"", "", "{\"v\":2}", ""});
  EXPECT_EQ(as<store::Settle::Delivered>(settled.at(0)).link->external_ref, "T-1") << "what was not said anew stays";
  EXPECT_EQ(as<store::Settle::Delivered>(settled.at(0)).link->state, "{\"v\":2}");
  bench.add(2, "A");
  start = bench.start();
  ASSERT_TRUE(start) << "the link was just set: no need to ask the store";
  EXPECT_EQ(start->items.at(0).link->state, "{\"v\":2}");
}

TEST(LaneBodies, ABusyCaseDoesNotKeepTheMemoryFromOthers) {
  LaneBench bench;
  bench.reads_bodies = false;
  for (store::Seq seq = 1; seq <= 300; ++seq) bench.add(seq, "A", 16 * 1024);  // far more than is held
  bench.add(301, "B");
  auto a = bench.start();
  bench.finish(*a, kOutage);
  const auto wanted = bench.lane.wanted(10, bench.now);
  if (!wanted.empty()) bench.lane.loaded(301, event_of("e301", "B"), std::nullopt, bench.now);
  EXPECT_THAT(LaneBench::seqs(bench.start()), ElementsAre(301));
}

TEST(LaneBodies, ShareTheirMemoryAndNoLaneTakesAllOfIt) {
  const auto memory = std::make_shared<BodyMemory>();
  {
    std::vector<std::unique_ptr<LaneBench>> lanes;
    for (int i = 0; i < 3; ++i) {
      auto& bench = *lanes.emplace_back(std::make_unique<LaneBench>(one_by_one(), 1, memory));
      const auto before = memory->held();
      for (store::Seq seq = 1; seq <= 40; ++seq) bench.add(seq, "S" + std::to_string(seq), 1 << 20);
      EXPECT_LE(memory->held() - before, BodyMemory::kLane);
      EXPECT_LE(memory->held(), BodyMemory::kAll + BodyMemory::kAlways);
      EXPECT_EQ(bench.start_all().size(), 1U) << "what found no room is read";
    }
    EXPECT_GT(memory->held(), BodyMemory::kLane) << "two lanes have room";
  }
  EXPECT_EQ(memory->held(), 0U);
}

TEST(LaneBodies, ALaneThatDoesNotDeliverLeavesTheMemoryToOthers) {
  const auto memory = std::make_shared<BodyMemory>();
  LaneBench bench(one_by_one(), 1, memory);
  bench.warm_up();
  const auto add_many = [&](store::Seq from) {
    for (store::Seq seq = from; seq < from + 40; ++seq) bench.add(seq, "S" + std::to_string(seq), 200'000);
  };
  add_many(1);
  EXPECT_GT(memory->held(), 10 * BodyMemory::kAlways);
  auto start = bench.start();
  bench.finish(*start, Unauthorised{"HTTP 401"});
  EXPECT_LE(memory->held(), BodyMemory::kAlways) << "it let go";
  add_many(101);
  EXPECT_LE(memory->held(), BodyMemory::kAlways) << "and takes no more while it is held";
  bench.lane.configure(one_by_one(), true, bench.now);
  add_many(201);
  EXPECT_GT(memory->held(), 10 * BodyMemory::kAlways) << "the credential is good again";
  bench.lane.hold(Hold{}, bench.now);
  EXPECT_LE(memory->held(), BodyMemory::kAlways) << "on hold by hand";
  bench.lane.hold(std::nullopt, bench.now);
  for (int left = 120; left > 0; --left) {
    start = bench.start_later();
    ASSERT_TRUE(start) << left << " are left";
    bench.finish(*start, kOk);
  }
  EXPECT_EQ(memory->held(), 0U);
}

TEST(LaneStop, LetsWhatIsUnderWayEndAndForgetsTheRest) {
  LaneBench bench;
  bench.add(1, "A");
  bench.add(2, "A");
  bench.add(3, "B");
  auto start = bench.start();
  bench.lane.stop(bench.now);
  EXPECT_EQ(bench.lane.size(), 1U);
  EXPECT_EQ(bench.lane.state(bench.now), LaneState::stopped);
  EXPECT_FALSE(bench.start());
  EXPECT_FALSE(bench.lane.quiet());
  bench.finish(*start, kOutage);
  EXPECT_TRUE(bench.lane.quiet());
  EXPECT_EQ(bench.lane.size(), 0U);
}

TEST(LaneScale, AHundredThousandWaitingAreNotQuadratic) {
  auto rules = one_by_one();
  rules.policy.window = 200'000;
  LaneBench bench(rules);
  bench.reads_bodies = false;
  constexpr store::Seq kMany = 50'000;
  for (store::Seq seq = kMany; seq >= 1; --seq) bench.add(seq, "A", 1);  // the worst order, as replays may have it
  for (store::Seq seq = kMany + 1; seq <= 2 * kMany; ++seq) bench.add(seq, "S" + std::to_string(seq), 1);
  std::size_t delivered = 0;
  while (delivered < 2 * kMany) {
    auto under_way = bench.start_all();
    if (under_way.empty()) {
      const auto wanted = bench.lane.wanted(128, bench.now);
      ASSERT_FALSE(wanted.empty());
      for (const auto seq : wanted) bench.lane.loaded(seq, event_of("e", "A", 1), std::nullopt, bench.now);
    }
    for (auto& start : under_way) delivered += bench.finish(start, kOk).size();
  }
  EXPECT_EQ(bench.lane.size(), 0U);
}

}  // namespace
}  // namespace wardex::deliver::test
