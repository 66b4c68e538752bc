// Of the states of a case that wait only the newest goes, and takes the older ones with it once it has arrived.
#include <gmock/gmock.h>

#include "unit/deliver/lane_bench.hpp"

namespace wardex::deliver::test {
namespace {

using Again = store::Settle::Again;
using Coalesced = store::Settle::Coalesced;
using Mailbox = store::Settle::Mailbox;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;

LaneRules coalescing() {
  auto rules = one_by_one();
  rules.coalesces = true;
  return rules;
}

std::vector<store::Seq> coalesced(const std::vector<store::Settle>& settled) {
  std::vector<store::Seq> out;
  for (const auto& one : settled)
    if (std::holds_alternative<Coalesced>(one.what)) out.push_back(one.seq);
  return out;
}

TEST(Coalescing, TheNewestStateGoesAndTheOthersLeaveWithIt) {
  LaneBench bench(coalescing());
  for (const store::Seq seq : {1U, 2U, 4U}) bench.add_state(seq, "CASE-1");
  bench.add_state(3, "CASE-2");
  const auto starts = bench.start_all();
  ASSERT_EQ(starts.size(), 1U) << "slow start";
  EXPECT_THAT(LaneBench::seqs(starts[0]), ElementsAre(3));
  bench.finish(starts[0], Delivered{});
  const auto newest = bench.start();
  EXPECT_THAT(LaneBench::seqs(newest), ElementsAre(4));
  EXPECT_EQ(newest->items[0].coalesced, 2U);
  const auto settled = bench.lane.finish(newest->ticket, LaneBench::report(1, Delivered{}), bench.now, bench.wall);
  ASSERT_EQ(settled.size(), 3U);
  EXPECT_THAT(coalesced(settled), ElementsAre(1, 2));
  EXPECT_EQ(as<Coalesced>(settled[1]).into, 4U);
  EXPECT_THAT(bench.lane.settled(newest->ticket, bench.now), ElementsAre(1, 2, 4));
  EXPECT_EQ(bench.lane.size(), 0U);
}

TEST(Coalescing, OtherLanesSendEveryState) {
  LaneBench bench;
  for (const store::Seq seq : {1U, 2U}) bench.add_state(seq, "CASE-1");
  for (const store::Seq seq : {1U, 2U}) {
    const auto start = bench.start();
    EXPECT_THAT(LaneBench::seqs(start), ElementsAre(seq));
    bench.finish(*start, Delivered{});
  }
}

TEST(Coalescing, AlertsOfTheCaseAreFactsAndGoInOrder) {
  LaneBench bench(coalescing());
  bench.add_state(1, "CASE-1");
  bench.add(2, "CASE-1");
  bench.add_state(3, "CASE-1");
  bench.add(4, "CASE-1");
  bench.add_state(5, "CASE-1");
  std::vector<store::Seq> order;
  while (const auto start = bench.start()) {
    order.push_back(start->items[0].seq);
    bench.finish(*start, Delivered{});
  }
  EXPECT_THAT(order, ElementsAre(2, 4, 5));
  EXPECT_EQ(bench.lane.size(), 0U);
}

TEST(Coalescing, AStateUnderWayIsNotTouchedAndWhatComesMeanwhileWaits) {
  LaneBench bench(coalescing());
  bench.add_state(1, "CASE-1");
  const auto first = bench.start();
  bench.add_state(2, "CASE-1");
  bench.add_state(3, "CASE-1");
  EXPECT_FALSE(bench.start()) << "one of a case at a time";
  EXPECT_THAT(coalesced(bench.finish(*first, Delivered{})), IsEmpty());
  const auto second = bench.start();
  EXPECT_THAT(LaneBench::seqs(second), ElementsAre(3));
  EXPECT_THAT(coalesced(bench.finish(*second, Delivered{})), ElementsAre(2));
}

TEST(Coalescing, AFailedStateGivesWayToANewerOne) {
  LaneBench bench(coalescing());
  bench.add_state(1, "CASE-1");
  const auto first = bench.start();
  bench.add_state(2, "CASE-1");
  EXPECT_TRUE(std::holds_alternative<Again>(bench.finish(*first, Retry{"HTTP 500", {}})[0].what));
  const auto second = bench.start();
  EXPECT_THAT(LaneBench::seqs(second), ElementsAre(2)) << "at once: the newer one has failed nowhere";
  EXPECT_THAT(coalesced(bench.finish(*second, Delivered{})), ElementsAre(1));
}

TEST(Coalescing, WhatTheNewestCannotDeliverIsTriedByItself) {
  LaneBench bench(coalescing());
  for (const store::Seq seq : {1U, 2U, 3U}) bench.add_state(seq, "CASE-1");
  auto start = bench.start();
  EXPECT_THAT(LaneBench::seqs(start), ElementsAre(3));
  auto settled = bench.finish(*start, Rejected{"HTTP 400"});
  EXPECT_TRUE(std::holds_alternative<Mailbox>(settled.at(0).what));
  EXPECT_THAT(coalesced(settled), IsEmpty()) << "nothing of them arrived";
  start = bench.start_later();
  EXPECT_THAT(LaneBench::seqs(start), ElementsAre(2));
  EXPECT_EQ(start->items[0].coalesced, 1U);
  EXPECT_THAT(coalesced(bench.finish(*start, Delivered{})), ElementsAre(1));
  EXPECT_EQ(bench.lane.size(), 0U);
}

TEST(Coalescing, ARetryTakesThemAlongAgain) {
  LaneBench bench(coalescing());
  for (const store::Seq seq : {1U, 2U}) bench.add_state(seq, "CASE-1");
  bench.finish(*bench.start(), Retry{"HTTP 500", {}});
  bench.add_state(3, "CASE-1");
  const auto start = bench.start();
  EXPECT_THAT(LaneBench::seqs(start), ElementsAre(3));
  EXPECT_THAT(coalesced(bench.finish(*start, Delivered{})), ElementsAre(1, 2));
}

TEST(Coalescing, WhatTheFallbackGotIsStaleInAnyLane) {
  auto rules = one_by_one();
  rules.policy.fallback = FallbackPolicy{{"mail", {}, {}}, minutes{15}};
  LaneBench bench(rules);
  bench.add_state(1, "CASE-1", "mail");
  bench.add_state(2, "CASE-1", "mail");
  bench.add_state(3, "CASE-1");
  const auto start = bench.start();
  EXPECT_THAT(LaneBench::seqs(start), ElementsAre(3));
  EXPECT_EQ(start->items[0].also_sent_via, "");
  EXPECT_THAT(coalesced(bench.finish(*start, Delivered{})), ElementsAre(1, 2));

  bench.add_state(4, "CASE-1");
  bench.add_state(5, "CASE-1");
  bench.lane.covered({4, 5}, bench.now);
  const auto recovered = bench.start();
  EXPECT_THAT(LaneBench::seqs(recovered), ElementsAre(5));
  EXPECT_EQ(recovered->items[0].also_sent_via, "mail");
  EXPECT_THAT(coalesced(bench.finish(*recovered, Delivered{})), ElementsAre(4));
}

TEST(Coalescing, AnOlderStateThatComesBackIsStaleAtOnce) {
  LaneBench bench(coalescing());
  bench.add_state(9, "CASE-1");
  bench.add_state(3, "CASE-1");  // replayed from the mailbox
  const auto start = bench.start();
  EXPECT_THAT(LaneBench::seqs(start), ElementsAre(9));
  EXPECT_THAT(coalesced(bench.finish(*start, Delivered{})), ElementsAre(3));
}

TEST(Coalescing, SwitchedOnItAppliesToWhatWaits) {
  LaneBench bench;
  for (const store::Seq seq : {1U, 2U, 3U}) bench.add_state(seq, "CASE-1");
  bench.lane.configure(coalescing(), false, bench.now);
  EXPECT_THAT(LaneBench::seqs(bench.start()), ElementsAre(3));
}

TEST(Coalescing, AStoppedLaneForgetsThemAll) {
  LaneBench bench(coalescing());
  for (const store::Seq seq : {1U, 2U, 3U}) bench.add_state(seq, "CASE-1");
  bench.add_state(4, "CASE-2");
  bench.add_state(5, "CASE-2");
  const auto start = bench.start();
  bench.lane.stop(bench.now);
  EXPECT_EQ(bench.lane.size(), 3U) << "what is under way, with what goes with it";
  bench.finish(*start, Retry{"HTTP 500", {}});
  EXPECT_EQ(bench.lane.size(), 0U);
}

TEST(Coalescing, BodiesAreReadOfTheNewestOnly) {
  LaneBench bench(coalescing());
  for (const store::Seq seq : {1U, 2U, 3U}) {
    NewItem item = bench.bodiless(seq, "CASE-1");
    item.kind = Kind::case_;
    ASSERT_TRUE(bench.lane.add(std::move(item), bench.now, bench.wall));
  }
  EXPECT_THAT(bench.lane.wanted(10, bench.now), ElementsAre(3));
}

TEST(Coalescing, AStateBeingReadMayBeSuperseded) {
  LaneBench bench(coalescing());
  NewItem item = bench.bodiless(1, "CASE-1");
  item.kind = Kind::case_;
  ASSERT_TRUE(bench.lane.add(std::move(item), bench.now, bench.wall));
  EXPECT_THAT(bench.lane.wanted(10, bench.now), ElementsAre(1));
  bench.add_state(2, "CASE-1");
  const auto start = bench.start();
  EXPECT_THAT(LaneBench::seqs(start), ElementsAre(2));
  bench.lane.loaded(1, event_of("e1", "CASE-1"), std::nullopt, bench.now);
  EXPECT_THAT(coalesced(bench.finish(*start, Delivered{})), ElementsAre(1));
  EXPECT_EQ(bench.lane.size(), 0U);
}

}  // namespace
}  // namespace wardex::deliver::test
