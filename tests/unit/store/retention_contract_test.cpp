// Retention: what is over goes in bounded steps; what somebody still needs stays, and holds up nothing else.
#include <nlohmann/json.hpp>

#include "contract_fixture.hpp"

namespace wardex::store::test {
namespace {

constexpr Millis kDay{24LL * 3600 * 1000};

class Retention : public StoreContract {
 protected:
  /// Events "PREFIX-1" and so on, all for `to`.
  void accept(const std::string& prefix, int count, const std::vector<std::string>& to = {}) {
    std::vector<NewEvent> events;
    for (int i = 1; i <= count; ++i) events.push_back(h.event(prefix + "-" + std::to_string(i), to));
    ASSERT_TRUE(h.accept(std::move(events)));
  }
  Seqs stored() {
    Seqs seqs;
    const auto newest_first = *h.events({.limit = 10'000});
    for (auto event = newest_first.rbegin(); event != newest_first.rend(); ++event) seqs.push_back(event->seq);
    return seqs;
  }
  /// Steps until there is no more; how many rows went.
  std::uint64_t prune_all(Prune what, const Sign& sign = {}) {
    std::uint64_t rows = 0;
    for (;;) {
      const auto step = h.prune(what, sign);
      if (!step) {
        ADD_FAILURE() << step.error().message;
        return rows;
      }
      EXPECT_LE(step->rows, what.rows);
      rows += step->rows;
      what.after = step->after;
      if (!step->more) return rows;
    }
  }
  Prune older_than(Pruning what, Millis age, std::size_t rows = 500) {
    return {.what = what, .before = h.now() - age, .max_rows = 0, .after = 0, .rows = rows};
  }
  std::vector<std::int64_t> audit_ids() {
    std::vector<std::int64_t> ids;
    for (const auto& row : *h.audit({.limit = 10'000, .oldest_first = true})) ids.push_back(row.id);
    return ids;
  }
};

TEST_P(Retention, WhatIsOverGoesAndWhatIsNotStays) {
  accept("old", 7);
  h.advance(10 * kDay);
  accept("new", 2);
  EXPECT_EQ(prune_all(older_than(Pruning::events, 5 * kDay, 3)), 7U);
  EXPECT_EQ(stored(), (Seqs{8, 9}));
  EXPECT_EQ(h.store->totals().events, 9U) << "what was accepted stays counted";
  EXPECT_EQ(h.store->totals().pruned[0], 7U);
  EXPECT_EQ(prune_all(older_than(Pruning::events, 5 * kDay)), 0U);
}

TEST_P(Retention, AStepIsBoundedAndTheNextGoesOnBehindIt) {
  accept("old", 7);
  h.advance(10 * kDay);
  auto what = older_than(Pruning::events, 5 * kDay, 3);
  auto step = h.prune(what);
  EXPECT_EQ(step->rows, 3U);
  EXPECT_TRUE(step->more);
  EXPECT_EQ(step->after, 3);
  what.after = step->after;
  step = h.prune(what);
  EXPECT_EQ(step->after, 6);
  what.after = step->after;
  step = h.prune(what);
  EXPECT_EQ(step->rows, 1U);
  EXPECT_FALSE(step->more);
}

TEST_P(Retention, LargeEventsMakeSmallSteps) {
  std::vector<NewEvent> events;
  for (int i = 0; i < 12; ++i) {
    auto item = h.event("large-" + std::to_string(i), {});
    auto large = std::make_shared<Event>(*item.event);
    large->original = "{\"text\":\"" + std::string(1 << 20, 'x') + "\"}";
    item.event = std::move(large);
    events.push_back(std::move(item));
  }
  ASSERT_TRUE(h.accept(std::move(events)));
  h.advance(10 * kDay);
  const auto step = h.prune(older_than(Pruning::events, 5 * kDay));
  EXPECT_GE(step->rows, 4U);
  EXPECT_LE(step->rows, 5U);
  EXPECT_TRUE(step->more);
  EXPECT_EQ(prune_all(older_than(Pruning::events, 5 * kDay)), 12U - step->rows);
}

TEST_P(Retention, WhatIsPendingOrInTheMailboxStaysAndHoldsUpNothing) {
  accept("old", 6, {"a", "b"});
  ASSERT_TRUE(h.settle("a", {delivered(1), delivered(3), delivered(4), delivered(5), delivered(6)}));
  ASSERT_TRUE(h.settle("b", {delivered(1), delivered(2), delivered(3), rejected(4, "no"), delivered(5), delivered(6)}));
  h.advance(10 * kDay);
  // 2 waits at a, 4 is in b's mailbox.
  EXPECT_EQ(prune_all(older_than(Pruning::events, 5 * kDay, 2)), 4U);
  EXPECT_EQ(stored(), (Seqs{2, 4}));
  EXPECT_EQ(pending_seqs("a"), (Seqs{2}));

  ASSERT_TRUE(h.settle("a", {delivered(2)}));
  ASSERT_TRUE(h.discard({.connector = "b"}));
  EXPECT_EQ(prune_all(older_than(Pruning::events, 5 * kDay, 2)), 2U);
  EXPECT_TRUE(stored().empty());
  h.reopen();
  h.wait_ready();
  expect_balanced(*h.store);
  EXPECT_EQ(account("b").discarded, 1U);
}

TEST_P(Retention, SequenceNumbersAreNotUsedAgain) {
  accept("old", 3);
  h.advance(10 * kDay);
  EXPECT_EQ(prune_all(older_than(Pruning::events, 5 * kDay)), 3U);
  h.reopen();
  h.wait_ready();
  accept("new", 1);
  EXPECT_EQ(stored(), (Seqs{4}));
}

TEST_P(Retention, TheWindowOfKnownIdsStaysWhole) {
  accept("old", 5);
  h.advance(kDay / 2);  // the window is a day
  Prune what = older_than(Pruning::events, Millis(0));
  what.max_rows = 1;
  EXPECT_EQ(prune_all(what), 0U);
  h.reopen();
  h.wait_ready();
  const auto again = h.accept({h.event("old-1", {})});
  EXPECT_EQ(again->duplicates, 1U);
  h.advance(kDay);
  EXPECT_EQ(prune_all(older_than(Pruning::events, Millis(0))), 5U);
  EXPECT_EQ(h.accept({h.event("old-1", {})})->duplicates, 0U);
}

TEST_P(Retention, NoMoreThanSoManyEventsAreKept) {
  accept("old", 10);
  h.advance(2 * kDay);
  Prune what = older_than(Pruning::events, 30 * kDay, 4);
  what.max_rows = 3;
  EXPECT_EQ(prune_all(what), 7U);
  EXPECT_EQ(stored(), (Seqs{8, 9, 10}));
  what.max_rows = 100;
  EXPECT_EQ(prune_all(what), 0U);
}

TEST_P(Retention, AClockThatWasAheadHoldsUpNothing) {
  accept("old", 2);
  h.advance(1000 * kDay);
  accept("future", 2);
  h.advance(-999 * kDay);
  accept("after", 2);
  h.advance(10 * kDay);
  EXPECT_EQ(prune_all(older_than(Pruning::events, 5 * kDay, 2)), 4U);
  EXPECT_EQ(stored(), (Seqs{3, 4}));
}

TEST_P(Retention, FallbacksGoWithTheirEvent) {
  accept("old", 1, {"pager"});
  ASSERT_TRUE(h.settle("pager", {{1, "S", Settle::Mailbox{"rejected", "no", 1, "chat"}}}));
  ASSERT_TRUE(h.settle("chat", {delivered(1)}));
  ASSERT_TRUE(h.discard({.connector = "pager"}));
  h.advance(10 * kDay);
  EXPECT_EQ(prune_all(older_than(Pruning::events, 5 * kDay)), 1U);
  EXPECT_FALSE(h.trail("old-1"));
}

TEST_P(Retention, LinksGoByTheirLastUse) {
  accept("x", 3, {"jira"});
  const auto link = [](const std::string& ref) { return Link{ref, "", ""}; };
  ASSERT_TRUE(h.settle("jira", {delivered(1, link("A-1"), "case-1"), delivered(2, link("A-2"), "case-2")}));
  h.advance(10 * kDay);
  ASSERT_TRUE(h.settle("jira", {delivered(3, link("A-1"), "case-1")}));
  EXPECT_EQ(prune_all(older_than(Pruning::links, 5 * kDay, 1)), 1U);
  ASSERT_TRUE(h.accept({h.event("y-1", {"jira"}, "case-1"), h.event("y-2", {"jira"}, "case-2")}));
  const auto found = h.events_for("jira", {4, 5});
  EXPECT_TRUE((*found)[0].second);
  EXPECT_FALSE((*found)[1].second);
}

TEST_P(Retention, MailboxEntriesAreDiscardedWithAReason) {
  accept("old", 3, {"hook"});
  ASSERT_TRUE(h.settle("hook", {rejected(1, "no"), rejected(2, "no"), delivered(3)}));
  h.advance(10 * kDay);
  accept("new", 1, {"hook"});
  ASSERT_TRUE(h.settle("hook", {rejected(4, "no")}));
  EXPECT_EQ(prune_all(older_than(Pruning::mailbox, 5 * kDay, 1)), 2U);
  EXPECT_EQ(h.mailbox()->size(), 1U);
  EXPECT_EQ(account("hook").discarded, 2U);
  const auto rows = *h.audit({.action = "discard"});
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].actor, "gateway");
  EXPECT_EQ(rows[0].connector, "hook");
  EXPECT_EQ(rows[0].first_seq, 2U);
  EXPECT_NE(rows[0].detail.find("retention.mailbox.keep"), std::string::npos);
}

TEST_P(Retention, TheTrailLosesItsOldestRowsAndGoesOn) {
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(h.append_audit(h.record("config")));
  const auto last_pruned = h.audit({.before_id = 11, .limit = 1})->front();
  h.advance(10 * kDay);
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(h.append_audit(h.record("config")));
  const auto seen = std::make_shared<ChainHead>();
  EXPECT_EQ(prune_all(older_than(Pruning::audit, 5 * kDay, 4), unsigned_note(seen)), 10U);
  EXPECT_EQ(audit_ids(), (std::vector<std::int64_t>{11, 12}));
  EXPECT_EQ(seen->row, 12) << "the checkpoint is of the head";
  EXPECT_EQ(seen->pruned, (Horizon{10, last_pruned.hash, h.now()}));
  EXPECT_EQ(h.store->gauges().pruned_id, 10);
  EXPECT_EQ(h.store->gauges().checkpoint_id, 0) << "the one made for its time is still due";
  h.reopen();
  ASSERT_TRUE(h.append_audit(h.record("config")));
  EXPECT_EQ(audit_ids(), (std::vector<std::int64_t>{11, 12, 13}));
  ASSERT_TRUE(h.checkpoint(unsigned_note(seen)));
  EXPECT_EQ(seen->pruned.row, 10) << "every later checkpoint says so too";
}

TEST_P(Retention, TheTrailKeepsItsNewestRow) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(h.append_audit(h.record("config")));
  h.advance(10 * kDay);
  EXPECT_EQ(prune_all(older_than(Pruning::audit, 5 * kDay), unsigned_note()), 2U);
  EXPECT_EQ(prune_all(older_than(Pruning::audit, 5 * kDay), unsigned_note()), 0U);
  EXPECT_EQ(audit_ids(), (std::vector<std::int64_t>{3}));
}

TEST_P(Retention, NoMoreThanSoManyRowsOfTheTrailAreKept) {
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(h.append_audit(h.record("config")));
  Prune what = older_than(Pruning::audit, 400 * kDay, 3);
  what.max_rows = 4;
  EXPECT_EQ(prune_all(what, unsigned_note()), 6U);
  EXPECT_EQ(audit_ids().front(), 7);
}

TEST_P(Retention, TheTrailIsNotPrunedWithoutASignature) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(h.append_audit(h.record("config")));
  h.advance(10 * kDay);
  EXPECT_FALSE(h.prune(older_than(Pruning::audit, 5 * kDay)));
  const auto failed = h.prune(older_than(Pruning::audit, 5 * kDay),
                              [](const ChainHead&) -> Signed { throw std::runtime_error("no key"); });
  EXPECT_FALSE(failed);
  EXPECT_EQ(audit_ids().size(), 3U);
  EXPECT_EQ(h.store->gauges().pruned_id, 0);
}

TEST_P(Retention, OneRowSaysWhatWentEvenAfterARestart) {
  ASSERT_TRUE(h.report_pruned());
  EXPECT_TRUE(h.audit()->empty()) << "nothing went";
  accept("old", 5);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(h.append_audit(h.record("config")));
  h.advance(10 * kDay);
  prune_all(older_than(Pruning::events, 5 * kDay, 2));
  prune_all(older_than(Pruning::audit, 5 * kDay, 2), unsigned_note());
  h.reopen();  // before anybody said so
  h.wait_ready();
  ASSERT_TRUE(h.report_pruned());
  ASSERT_TRUE(h.report_pruned());
  const auto rows = *h.audit({.action = "prune"});
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].actor, "gateway");
  EXPECT_EQ(nlohmann::json::parse(rows[0].detail), (nlohmann::json{{"events", 5}, {"audit", 3}, {"audit_upto", 3}}));
}

TEST_P(Retention, FreeSpaceGoesBack) {
  std::vector<NewEvent> events;
  for (int i = 0; i < 200; ++i) {
    auto item = h.event("large-" + std::to_string(i), {});
    auto large = std::make_shared<Event>(*item.event);
    large->original = "{\"text\":\"" + std::string(10'000, 'x') + "\"}";
    item.event = std::move(large);
    events.push_back(std::move(item));
  }
  ASSERT_TRUE(h.accept(std::move(events)));
  h.advance(10 * kDay);
  prune_all(older_than(Pruning::events, 5 * kDay));
  const auto full = h.store->gauges();
  EXPECT_GT(full.free_bytes, 1'500'000U);
  ASSERT_TRUE(h.release_space(100));
  const auto less = h.store->gauges();
  EXPECT_EQ(full.page_bytes - less.page_bytes, 100U * 4096U);
  ASSERT_TRUE(h.release_space(10'000));
  EXPECT_EQ(h.store->gauges().free_bytes, 0U);
  ASSERT_TRUE(h.release_space(10)) << "nothing left to give back";
}

INSTANTIATE_TEST_SUITE_P(Sqlite, Retention, ::testing::Values("sqlite"));

}  // namespace
}  // namespace wardex::store::test
