#include "deliver/handover.hpp"

#include <gmock/gmock.h>

#include <map>

namespace wardex::deliver::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;

class HandoverTest : public testing::Test {
 protected:
  HandoverTest() {
    policy.to = "mail";
    policy.after = minutes{15};
    policy.kinds.set();
    policy.severities.set();
    policy.severities.reset(static_cast<std::size_t>(Severity::info));
    handover.configure(policy, now);
  }
  struct Row {
    MonoTime since;
    Severity severity = Severity::high;
    std::string fallback_to{};
  };
  std::vector<store::Pending> page(store::Seq after) const {
    std::vector<store::Pending> out;
    for (auto row = rows.upper_bound(after); row != rows.end() && out.size() < limit; ++row) {
      auto& pending = out.emplace_back();
      pending.seq = row->first;
      pending.severity = row->second.severity;
      pending.fallback_to = row->second.fallback_to;
    }
    return out;
  }
  std::vector<store::Seq> look() {
    const auto after = handover.begin_read();
    return finish(page(after));
  }
  std::vector<store::Seq> finish(const std::vector<store::Pending>& read) {
    const auto age = [this](const store::Pending& row) {
      return std::chrono::duration_cast<Millis>(now - rows.at(row.seq).since);
    };
    return handover.end_read(read, limit, age, now);
  }
  FallbackPolicy policy;
  Handover handover;
  MonoTime now{hours{1000}};
  std::size_t limit = 4;
  std::map<store::Seq, Row> rows;
};

TEST_F(HandoverTest, TakesWhatHasWaitedLongEnoughAndComesBackForTheNext) {
  rows = {{1, {now - minutes{20}}}, {2, {now - minutes{15}}}, {3, {now - minutes{14}}}};
  EXPECT_EQ(handover.next_look(), now) << "a start looks at what is there";
  EXPECT_THAT(look(), ElementsAre(1, 2));
  EXPECT_EQ(handover.next_look(), now + minutes{1});
  now += minutes{1};
  EXPECT_THAT(look(), ElementsAre(3));
  EXPECT_EQ(handover.next_look(), std::nullopt) << "nothing waits";
  handover.added(now);
  EXPECT_EQ(handover.next_look(), now + minutes{15});
  handover.added(now + minutes{5});
  EXPECT_EQ(handover.next_look(), now + minutes{15});
}

TEST_F(HandoverTest, WalksALongBacklogPageByPage) {
  for (store::Seq seq = 1; seq <= 10; ++seq) rows[seq] = {now - hours{1}};
  EXPECT_THAT(look(), ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(handover.next_look(), now);
  EXPECT_THAT(look(), ElementsAre(5, 6, 7, 8));
  EXPECT_THAT(look(), ElementsAre(9, 10));
  EXPECT_EQ(handover.next_look(), std::nullopt);
}

TEST_F(HandoverTest, LeavesAloneWhatIsNotForTheFallbackOrThereAlready) {
  rows = {
      {1, {now - hours{1}, Severity::info, ""}}, {2, {now - hours{1}, Severity::high, "mail"}}, {3, {now - hours{1}}}};
  EXPECT_THAT(look(), ElementsAre(3));
}

TEST_F(HandoverTest, AYoungOneInBetweenIsNotForgotten) {
  rows = {{1, {now - hours{1}}}, {2, {now - minutes{1}}}, {3, {now - hours{1}}}};  // 2 was replayed
  EXPECT_THAT(look(), ElementsAre(1, 3));
  rows[3].fallback_to = "mail";
  EXPECT_EQ(handover.next_look(), now + minutes{14});
  now += minutes{14};
  EXPECT_THAT(look(), ElementsAre(2));
}

TEST_F(HandoverTest, WhatComesWhileAPageIsReadIsNotForgotten) {
  rows = {{5, {now - hours{1}}}};
  const auto after = handover.begin_read();
  const auto read = page(after);
  EXPECT_EQ(handover.next_look(), std::nullopt) << "one page at a time";
  rows[6] = {now};
  handover.added(now);
  EXPECT_THAT(finish(read), ElementsAre(5));
  rows[5].fallback_to = "mail";
  EXPECT_EQ(handover.next_look(), now + minutes{15});

  handover.begin_read();
  rows[2] = {now};
  handover.added_again(2, now);  // replayed: lower than the cursor
  finish({});
  now += minutes{15};
  EXPECT_THAT(look(), ElementsAre(2, 6));
}

TEST_F(HandoverTest, AFailureIsTriedAgain) {
  rows = {{1, {now - hours{1}}}};
  handover.begin_read();
  handover.failed({}, now + Millis{1000});
  EXPECT_EQ(handover.next_look(), now + Millis{1000});
  const auto due = look();
  EXPECT_THAT(due, ElementsAre(1));
  handover.failed(due, now + Millis{1000});  // the store refused
  EXPECT_THAT(look(), ElementsAre(1));
}

TEST_F(HandoverTest, AnotherPolicyLooksAnewAndNoneLooksNoMore) {
  rows = {{1, {now - minutes{10}}}};
  EXPECT_THAT(look(), IsEmpty());
  policy.after = minutes{5};
  handover.configure(policy, now);
  EXPECT_THAT(look(), ElementsAre(1));
  handover.configure(policy, now);
  EXPECT_EQ(handover.next_look(), std::nullopt) << "the same policy changes nothing";
  handover.configure(std::nullopt, now);
  handover.added(now);
  EXPECT_EQ(handover.next_look(), std::nullopt);
}

}  // namespace
}  // namespace wardex::deliver::test
