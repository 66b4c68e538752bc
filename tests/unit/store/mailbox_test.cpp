// Looking into the failure mailbox: every filter, groups, sums, pages that end early; and how fast that is.
#include <gmock/gmock.h>

#include <chrono>
#include <cstdlib>
#include <iostream>

#include "sqlite_file.hpp"
#include "store_fixture.hpp"

namespace wardex::store::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

class StoreMailbox : public ::testing::Test {
 protected:
  void SetUp() override { h.open(); }
  /// An event that `connector` has put into its mailbox.
  void put(const std::string& id, const std::string& connector, Severity severity, const std::string& cause,
           const std::string& reason, const std::string& case_id = {}) {
    auto item = h.event(id, {connector}, case_id);
    auto event = std::make_shared<Event>(*item.event);
    event->severity = severity;
    item.event = event;
    const auto accepted = h.accept({std::move(item)});
    ASSERT_TRUE(accepted);
    ASSERT_TRUE(h.settle(connector, {{*accepted->seqs[0], "S", Settle::Mailbox{cause, reason, 3}}}));
  }
  /// Five entries, a minute apart from 14:22:09 on.
  void five() {
    put("a", "hook", Severity::critical, "rejected", "HTTP 400: field 12 unknown", "CASE-1");
    h.advance(std::chrono::minutes(1));
    put("b", "hook", Severity::low, "rejected", "HTTP 400: field 99 unknown", "CASE-2");
    h.advance(std::chrono::minutes(1));
    put("c", "chat", Severity::high, "gave_up", "not delivered within 24h", "CASE-1");
    h.advance(std::chrono::minutes(1));
    put("d", "hook", Severity::medium, "unrenderable", "no title");
    h.advance(std::chrono::minutes(1));
    put("e", "chat", Severity::info, "rejected", "HTTP 400: field 12 unknown", "CASE-2");
  }
  std::string ids(const MailboxFilter& filter) {
    std::string out;
    const auto found = h.mailbox(filter);
    for (const auto& entry : *found) out += entry.event_id;
    return out;
  }

  TempDir dir;
  Harness h{dir.path()};
};

TEST_F(StoreMailbox, EveryFilterSelectsWhatItSays) {
  five();
  const auto minute = [](int n) { return kStart + std::chrono::minutes(n); };
  const auto group = h.mailbox({.connector = "hook"})->front().fingerprint;
  const std::vector<std::pair<MailboxFilter, std::string>> cases{
      {{}, "abcde"},
      {{.connector = "chat"}, "ce"},
      {{.fingerprint = group}, "ab"},
      {{.connector = "chat", .fingerprint = group}, ""},
      {{.cause = "rejected"}, "abe"},
      {{.connector = "hook", .cause = "rejected"}, "ab"},
      {{.at_least = Severity::medium}, "acd"},
      {{.at_least = Severity::critical}, "a"},
      {{.case_id = "CASE-1"}, "ac"},
      {{.connector = "hook", .case_id = "CASE-2"}, "b"},
      {{.event_id = "c"}, "c"},
      {{.connector = "hook", .event_id = "c"}, ""},
      {{.event_id = "nobody"}, ""},
      {{.since = minute(1)}, "bcde"},
      {{.until = minute(1)}, "a"},
      {{.since = minute(1), .until = minute(3)}, "bc"},
      {{.cause = "rejected", .at_least = Severity::low, .since = minute(1)}, "b"},
      {{.after_id = 3}, "de"},
      {{.upto_id = 3}, "abc"},
      {{.ids = {5, 1, 5, 77}}, "ae"},
      {{.ids = {1, 2, 3}, .at_least = Severity::high}, "ac"},
      {{.limit = 2}, "ab"},
      {{.after_id = 2, .limit = 2}, "cd"},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(ids(cases[i].first), cases[i].second) << "case " << i;
    auto counted = cases[i].first;
    if (counted.limit != 100) continue;
    EXPECT_EQ(h.mailbox_sum(counted)->entries, cases[i].second.size()) << "case " << i;
  }
}

TEST_F(StoreMailbox, PagesGoOnWhereTheyEnded) {
  five();
  MailboxFilter filter{.limit = 2, .cause = "rejected"};
  const auto first = h.mailbox_page(filter);
  EXPECT_THAT(first->entries, SizeIs(2));
  filter.after_id = first->next_after;
  EXPECT_NE(filter.after_id, 0);
  const auto second = h.mailbox_page(filter);
  ASSERT_THAT(second->entries, SizeIs(1));
  EXPECT_EQ(second->entries[0].event_id, "e");
  EXPECT_EQ(second->next_after, 0);
  // A page that is exactly full and the last says so.
  EXPECT_EQ(h.mailbox_page({.limit = 5})->next_after, 0);
  EXPECT_EQ(h.mailbox_page({.ids = {1, 2, 3}, .limit = 2})->next_after, 2);
  EXPECT_THAT(h.mailbox_page({.ids = {1, 2, 3}, .after_id = 2, .limit = 2})->entries, SizeIs(1));
}

TEST_F(StoreMailbox, ASumCountsByConnectorAndKnowsTheOldest) {
  five();
  const auto sum = h.mailbox_sum({.cause = "rejected"});
  ASSERT_TRUE(sum);
  EXPECT_EQ(sum->entries, 3U);
  EXPECT_THAT(sum->connectors, ElementsAre(Pair("chat", 1U), Pair("hook", 2U)));
  EXPECT_EQ(sum->oldest, kStart);
  EXPECT_EQ(sum->last_id, 5);
  EXPECT_EQ(sum->next_after, 0);
  EXPECT_EQ(h.mailbox_sum({.connector = "nobody"})->entries, 0U);
}

TEST_F(StoreMailbox, OneCauseIsOneGroup) {
  five();
  const auto found = h.mailbox_groups();
  ASSERT_TRUE(found);
  ASSERT_THAT(found->groups, SizeIs(4));
  EXPECT_FALSE(found->next_after);
  const auto group =
      std::find_if(found->groups.begin(), found->groups.end(), [](const auto& g) { return g.count == 2; });
  ASSERT_NE(group, found->groups.end());
  EXPECT_EQ(group->connector, "hook");
  EXPECT_EQ(group->cause, "rejected");
  EXPECT_EQ(group->reason, "HTTP 400: field 12 unknown");
  EXPECT_EQ(group->worst, Severity::critical);
  EXPECT_EQ(group->first_at, kStart);
  EXPECT_EQ(group->last_at, kStart + std::chrono::minutes(1));
  EXPECT_EQ(group->first_id, 1);
  EXPECT_EQ(group->fingerprint, h.mailbox()->front().fingerprint);
  // What left the mailbox is not counted any more.
  ASSERT_TRUE(h.discard({.ids = {1}}));
  const auto left = h.mailbox_groups({.connector = "hook", .cause = "rejected"});
  for (const auto& one : left->groups) {
    EXPECT_EQ(one.count, 1U);
    EXPECT_EQ(one.worst, Severity::low);
    EXPECT_EQ(one.reason, "HTTP 400: field 99 unknown");
  }
}

TEST_F(StoreMailbox, GroupsHaveFiltersAndPages) {
  five();
  EXPECT_THAT(h.mailbox_groups({.connector = "chat"})->groups, SizeIs(2));
  EXPECT_THAT(h.mailbox_groups({.connector = "nobody"})->groups, IsEmpty());
  EXPECT_THAT(h.mailbox_groups({.cause = "gave_up"})->groups, SizeIs(1));
  const auto high = h.mailbox_groups({.at_least = Severity::high});
  ASSERT_THAT(high->groups, SizeIs(2));
  EXPECT_EQ(high->groups[1].count, 1U);  // the low one of its cause is not counted
  std::vector<std::string> seen;
  MailboxGroupFilter filter{.limit = 1};
  for (int page = 0; page < 10; ++page) {
    const auto found = h.mailbox_groups(filter);
    for (const auto& group : found->groups) seen.push_back(group.connector + group.fingerprint);
    if (!found->next_after) break;
    filter.after = *found->next_after;
  }
  std::vector<std::string> all;
  const auto whole = h.mailbox_groups();
  for (const auto& group : whole->groups) all.push_back(group.connector + group.fingerprint);
  EXPECT_EQ(seen, all);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
}

TEST_F(StoreMailbox, TheOldestOfEachConnector) {
  EXPECT_THAT(*h.mailbox_oldest(), IsEmpty());
  five();
  EXPECT_THAT(*h.mailbox_oldest(), ElementsAre(Pair("chat", kStart + std::chrono::minutes(2)), Pair("hook", kStart)));
}

TEST_F(StoreMailbox, AVerbMovesABoundedNumber) {
  std::vector<NewEvent> events;
  std::vector<Settle> settled;
  for (int i = 0; i < 300; ++i) events.push_back(h.event("m" + std::to_string(i), {"hook"}));
  ASSERT_TRUE(h.accept(std::move(events)));
  for (Seq seq = 1; seq <= 300; ++seq) settled.push_back(rejected(seq, "HTTP 400"));
  ASSERT_TRUE(h.settle("hook", std::move(settled)));
  EXPECT_THAT(*h.replay({.limit = 1000}), SizeIs(kMostMoved));
  EXPECT_EQ(*h.discard({.limit = 1000}), 300 - kMostMoved);
  expect_balanced(*h.store);
}

TEST_F(StoreMailbox, IdsNamedTwiceOrGoneAreLeftOut) {
  five();
  EXPECT_THAT(*h.replay({.ids = {1, 1, 99, 2}}), SizeIs(2));
  EXPECT_EQ(h.replay({.ids = {1, 2}}).error().fault, Fault::conflict);
  expect_balanced(*h.store);
}

TEST_F(StoreMailbox, APageLooksAtABoundedNumberOfEntries) {
  // 150 000 entries of which the last alone fits: more than one answer's work.
  h.store.reset();
  {
    SqliteFile file(dir.path() / "gateway.db");
    const std::string series = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 150000) ";
    file.run("pragma synchronous = off; pragma foreign_keys = off; begin");
    file.run(
        series +
        "insert into events select i, 'e' || i, 'alert', 'low', null, null, 'x', '2026-04-21T14:22:09.000Z', '[]', "
        "'{}' from n");
    file.run(
        series +
        "insert into mailbox (connector, seq, event_id, severity, cause, reason, fingerprint, attempts, at) select "
        "'hook', i, 'e' || i, 'low', iif(i = 150000, 'gave_up', 'rejected'), 'r', 'f', 1, "
        "'2026-04-21T14:22:09.000Z' from n; commit");
  }
  h.open();
  MailboxFilter filter{.cause = "gave_up"};
  const auto first = h.mailbox_page(filter);
  EXPECT_THAT(first->entries, IsEmpty());
  ASSERT_GT(first->next_after, 0);
  EXPECT_LT(first->next_after, 150'000);
  filter.after_id = first->next_after;
  const auto second = h.mailbox_page(filter);
  ASSERT_THAT(second->entries, SizeIs(1));
  EXPECT_EQ(second->entries[0].event_id, "e150000");
  EXPECT_EQ(second->next_after, 0);
}

/// WARDEX_BENCH=1000000 says how many entries; 10 groups, 3 connectors.
TEST(StoreMailboxBench, AMillionEntries) {
  const char* wanted = std::getenv("WARDEX_BENCH");
  if (wanted == nullptr) GTEST_SKIP() << "set WARDEX_BENCH=1000000 to measure";
  TempDir dir;
  Harness h(dir.path());
  h.open();
  h.store.reset();
  {
    SqliteFile file(dir.path() / "gateway.db");
    const std::string series =
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < " + std::string(wanted) + ") ";
    file.run("begin");
    file.run(series +
             "insert into events select i, 'evt_' || i, 'alert', 'high', 'CASE-' || (i % 5000), null, 'plane', "
             "'2026-04-21T14:22:09.000Z', '[{\"to\":\"hook\",\"why\":\"matrix high\"}]', '{\"title\":\"x\"}' from n");
    file.run(
        series +
        "insert into mailbox (connector, seq, event_id, case_id, severity, cause, reason, fingerprint, attempts, at) "
        "select 'hook-' || (i % 10 / 4), i, 'evt_' || i, 'CASE-' || (i % 5000), "
        "case when i % 7 = 0 then 'critical' else 'high' end, 'rejected', "
        "'HTTP 400: the receiver says that the field severity of event ' || i || ' is not one of its own', "
        "printf('%016x', i % 10), 1, '2026-04-21T14:22:09.000Z' from n");
    file.run("insert into accounts select connector, count(*), 0, 0, 0, 0 from mailbox group by 1");
    file.run("update totals set next_seq = " + std::string(wanted) + " + 1, events = " + std::string(wanted));
    file.run("commit");
  }
  h.options.read_deadline = Millis(60'000);
  h.open();
  const auto timed = [](const char* what, const auto& work) {
    const auto begun = std::chrono::steady_clock::now();
    work();
    const auto took = std::chrono::steady_clock::now() - begun;
    std::cout << what << ": " << std::chrono::duration<double, std::milli>(took).count() << " ms\n";
  };
  for (int round = 0; round < 2; ++round) {
    timed("groups", [&] { EXPECT_THAT(h.mailbox_groups()->groups, SizeIs(10)); });
    timed("oldest", [&] { EXPECT_THAT(*h.mailbox_oldest(), SizeIs(3)); });
    timed("first page", [&] { EXPECT_THAT(*h.mailbox({.limit = 100}), SizeIs(100)); });
    timed("a group's first page",
          [&] { EXPECT_THAT(*h.mailbox({.fingerprint = "0000000000000003", .limit = 100}), SizeIs(100)); });
    timed("a page that fits nothing (bounded)", [&] { EXPECT_THAT(*h.mailbox({.cause = "gave_up"}), IsEmpty()); });
    timed("count of all", [&] {
      MailboxFilter filter;
      std::uint64_t entries = 0;
      do {
        const auto sum = h.mailbox_sum(filter);
        entries += sum->entries;
        filter.after_id = sum->next_after;
      } while (filter.after_id != 0);
      EXPECT_EQ(entries, std::stoull(wanted) - static_cast<std::uint64_t>(round) * 512);
    });
    timed("replay of 256", [&] { EXPECT_THAT(*h.replay({.limit = 256}), SizeIs(256)); });
    timed("discard of 256", [&] { EXPECT_EQ(*h.discard({.limit = 256}), 256U); });
  }
}

}  // namespace
}  // namespace wardex::store::test
