// Accepting, settling, the mailbox, the audit trail and looking things up.
#include <nlohmann/json.hpp>

#include "contract_fixture.hpp"
#include "store/audit_chain.hpp"

namespace wardex::store::test {
namespace {

TEST_P(StoreContract, AcceptGivesAscendingSeqsAndPendingDeliveries) {
  const auto accepted = h.accept({h.event("a", {"hook", "slack"}), h.event("b", {"hook"}), h.event("c", {})});
  ASSERT_TRUE(accepted);
  ASSERT_EQ(accepted->seqs.size(), 3U);
  EXPECT_EQ(*accepted->seqs[1], *accepted->seqs[0] + 1);
  EXPECT_EQ(*accepted->seqs[2], *accepted->seqs[0] + 2);
  EXPECT_EQ(pending_seqs("hook"), (Seqs{*accepted->seqs[0], *accepted->seqs[1]}));
  EXPECT_EQ(pending_seqs("slack"), (Seqs{*accepted->seqs[0]}));
  const Totals totals = h.store->totals();
  EXPECT_EQ(totals.events, 3U);
  EXPECT_EQ(totals.unrouted, 1U);
  EXPECT_EQ(totals.connectors.at("hook").routed, 2U);
  EXPECT_EQ(totals.connectors.at("hook").pending, 2U);
}

TEST_P(StoreContract, DuplicatesAreRecognisedInTheBatchAndAcrossBatches) {
  const auto first = h.accept({h.event("a", {"hook"}), h.event("a", {"hook"}), h.event("b", {"hook"})});
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->seqs[0]);
  EXPECT_FALSE(first->seqs[1]);
  EXPECT_TRUE(first->seqs[2]);
  EXPECT_EQ(first->duplicates, 1U);
  const auto second = h.accept({h.event("b", {"hook"}), h.event("a", {"other"})});
  ASSERT_TRUE(second);
  EXPECT_EQ(second->duplicates, 2U);
  EXPECT_EQ(h.store->totals().duplicates, 3U);
  EXPECT_EQ(h.store->totals().events, 2U);
  EXPECT_EQ(account("hook").routed, 2U);
  EXPECT_FALSE(h.store->totals().connectors.contains("other"));
  // A batch of nothing but duplicates leaves no audit row.
  EXPECT_EQ(h.audit()->size(), 1U);
}

TEST_P(StoreContract, AcceptWritesOneAuditRowPerBatch) {
  NewEvent muted = h.event("m", {"hook"});
  muted.targets[0].muted = "window 'nights'";
  ASSERT_TRUE(h.accept(
      {h.event("a", {"hook", "slack"}), h.event("a", {}), h.event("b", {"hook"}), h.event("c", {}), std::move(muted)}));
  const auto rows = h.audit();
  ASSERT_EQ(rows->size(), 1U);
  const AuditRow& row = rows->front();
  EXPECT_EQ(row.action, "accept");
  EXPECT_EQ(row.outcome, "accepted");
  EXPECT_EQ(row.actor, "test");
  EXPECT_EQ(row.count, 4U);
  EXPECT_EQ(*row.last_seq - *row.first_seq, 3U);
  EXPECT_EQ(nlohmann::json::parse(row.detail),
            nlohmann::json::parse(R"({"duplicates":1,"unrouted":1,"routes":{"hook":2,"slack":1},"muted":{"hook":1}})"));
}

TEST_P(StoreContract, MutedTargetsAreCountedAndNotPending) {
  NewEvent item = h.event("a", {"hook", "pager"});
  item.targets[1].muted = "window 'nights' (22:00-06:00)";
  ASSERT_TRUE(h.accept({std::move(item)}));
  EXPECT_EQ(account("pager").muted, 1U);
  EXPECT_EQ(account("pager").pending, 0U);
  EXPECT_TRUE(h.pending("pager")->empty());
  const auto trail = h.trail("a");
  ASSERT_TRUE(trail);
  EXPECT_EQ(trail->deliveries[0].state, "pending");
  EXPECT_EQ(trail->deliveries[1].state, "muted");
  EXPECT_EQ(nlohmann::json::parse(trail->event.routes)[1]["muted"], "window 'nights' (22:00-06:00)");
}

TEST_P(StoreContract, StoredEventKeepsTheSendersBytes) {
  auto event = std::make_shared<Event>(*h.event("e1", {}, "CASE-7").event);
  event->original = "{\"title\":\"\xE2\x9C\x93 \\u0000\",\n \"n\": 1.10 }";
  event->tenant = "acme";
  ASSERT_TRUE(h.accept({NewEvent{event, {{"hook", "route 2 'vip'", ""}}}}));
  const auto found = h.events_for("hook", {1});
  ASSERT_TRUE(found);
  const StoredEvent& stored = found->front().first;
  EXPECT_EQ(stored.body, event->original);
  EXPECT_EQ(stored.id, "e1");
  EXPECT_EQ(stored.case_id, "CASE-7");
  EXPECT_EQ(stored.origin, "control-plane");
  EXPECT_EQ(stored.received_at, kStart);
  EXPECT_EQ(stored.routes, R"([{"to":"hook","why":"route 2 'vip'"}])");
  const auto listed = h.events({});
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_EQ(listed->front().kind, "alert");
  EXPECT_EQ(listed->front().severity, "high");
  EXPECT_EQ(listed->front().tenant, "acme");
}

TEST_P(StoreContract, PendingComesInOrderWithWhatALaneNeeds) {
  std::vector<NewEvent> batch;
  for (int i = 0; i < 30; ++i) batch.push_back(h.event("e" + std::to_string(i), {"hook"}, i % 2 ? "CASE-1" : ""));
  ASSERT_TRUE(h.accept(std::move(batch)));
  const auto page = h.pending("hook", 10, 5);
  ASSERT_EQ(page->size(), 5U);
  EXPECT_EQ(page->front().seq, 11U);
  EXPECT_EQ(page->front().subject, "e10");
  EXPECT_EQ((*page)[1].subject, "CASE-1");
  EXPECT_EQ(page->front().severity, Severity::high);
  EXPECT_EQ(page->front().received_at, kStart);
  EXPECT_EQ(page->front().attempts, 0U);
  EXPECT_FALSE(page->front().next_attempt_at);
  EXPECT_TRUE(h.pending("nobody")->empty());
}

TEST_P(StoreContract, SettleDeliveredRemovesThePendingRows) {
  ASSERT_TRUE(h.accept(
      {h.event("a", {"hook"}), h.event("b", {"slack"}), h.event("c", {"hook"}), h.event("d", {"hook", "slack"})}));
  AuditRecord row = h.record("deliver", "hook");
  row.outcome = "delivered";
  row.first_seq = 1;
  row.last_seq = 4;
  row.count = 2;
  row.status_code = 200;
  row.latency_ms = 12;
  ASSERT_TRUE(h.settle("hook", {delivered(4), delivered(1)}, {row}));
  EXPECT_EQ(pending_seqs("hook"), (Seqs{3}));
  EXPECT_EQ(pending_seqs("slack"), (Seqs{2, 4}));
  EXPECT_EQ(account("hook").delivered, 2U);
  const auto rows = h.audit({.connector = "hook"});
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ(rows->front().status_code, 200);
  EXPECT_EQ(rows->front().latency_ms, 12);
}

TEST_P(StoreContract, SettlingTwiceCountsOnce) {
  ASSERT_TRUE(h.accept({h.event("a", {"hook"}), h.event("b", {"hook"})}));
  ASSERT_TRUE(h.settle("hook", {delivered(1)}));
  ASSERT_TRUE(h.settle("hook", {delivered(1), delivered(1), rejected(1, "no"), delivered(99)}));
  ASSERT_TRUE(h.settle("nobody", {delivered(2)}));
  EXPECT_EQ(account("hook").delivered, 1U);
  EXPECT_EQ(account("hook").pending, 1U);
  EXPECT_TRUE(h.mailbox()->empty());
}

TEST_P(StoreContract, SettleAgainKeepsItPendingWithItsHistory) {
  ASSERT_TRUE(h.accept({h.event("a", {"hook"})}));
  const WallTime next = kStart + std::chrono::seconds(90);
  ASSERT_TRUE(h.settle("hook", {{1, "a", Settle::Again{3, next, "connection refused", true}}}));
  const auto pending = h.pending("hook");
  ASSERT_EQ(pending->size(), 1U);
  EXPECT_EQ(pending->front().attempts, 3U);
  EXPECT_EQ(pending->front().next_attempt_at, next);
  EXPECT_TRUE(pending->front().last_unknown);
  EXPECT_EQ(h.trail("a")->deliveries[0].last_error, "connection refused");
  ASSERT_TRUE(h.settle("hook", {{1, "a", Settle::Again{4, std::nullopt, "", false}}}));
  EXPECT_FALSE(h.pending("hook")->front().last_unknown);
  EXPECT_FALSE(h.pending("hook")->front().next_attempt_at);
  EXPECT_EQ(account("hook").pending, 1U);
}

TEST_P(StoreContract, LinksAreUpsertedPerConnectorAndSubject) {
  ASSERT_TRUE(h.accept({h.event("a", {"jira"}, "CASE-1"), h.event("b", {"jira"}, "CASE-1"), h.event("c", {"jira"})}));
  ASSERT_TRUE(h.settle("jira", {delivered(1, Link{"SEC-1", "https://jira.example/SEC-1", "{\"s\":1}"}, "CASE-1")}));
  auto found = h.events_for("jira", {2, 3});
  ASSERT_TRUE(found);
  ASSERT_TRUE((*found)[0].second);
  EXPECT_EQ((*found)[0].second->external_ref, "SEC-1");
  EXPECT_FALSE((*found)[1].second);
  ASSERT_TRUE(h.settle("jira", {delivered(2, Link{"SEC-1", "https://jira.example/SEC-1", "{\"s\":2}"}, "CASE-1")}));
  EXPECT_EQ(h.events_for("jira", {1})->front().second->state, "{\"s\":2}");
  EXPECT_FALSE(h.events_for("slack", {1})->front().second);
}

TEST_P(StoreContract, EventsForKeepsTheOrderAskedAndMissesAloud) {
  ASSERT_TRUE(h.accept({h.event("a", {}), h.event("b", {}), h.event("c", {})}));
  const auto found = h.events_for("hook", {3, 1, 2});
  ASSERT_TRUE(found);
  EXPECT_EQ((*found)[0].first.id, "c");
  EXPECT_EQ((*found)[1].first.id, "a");
  EXPECT_EQ((*found)[2].first.id, "b");
  const auto missing = h.events_for("hook", {1, 77});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().fault, Fault::not_found);
}

TEST_P(StoreContract, MailboxKeepsReasonAndGroupsByCause) {
  std::vector<NewEvent> batch;
  for (const char* id : {"a", "b", "c"}) batch.push_back(h.event(id, {"hook"}, "CASE-9"));
  ASSERT_TRUE(h.accept(std::move(batch)));
  ASSERT_TRUE(h.settle(
      "hook", {rejected(1, "HTTP 400: field 17 of INC-204 is unknown"),
               rejected(2, "HTTP 400: field 4 of INC-9 is unknown", 3), rejected(3, "HTTP 404: no such channel")}));
  const auto entries = h.mailbox();
  ASSERT_EQ(entries->size(), 3U);
  const MailboxEntry& first = entries->front();
  EXPECT_EQ(first.connector, "hook");
  EXPECT_EQ(first.event_id, "a");
  EXPECT_EQ(first.case_id, "CASE-9");
  EXPECT_EQ(first.severity, "high");
  EXPECT_EQ(first.cause, "rejected");
  EXPECT_EQ(first.at, kStart);
  EXPECT_EQ((*entries)[1].attempts, 3U);
  EXPECT_EQ(first.fingerprint, (*entries)[1].fingerprint);
  EXPECT_NE(first.fingerprint, (*entries)[2].fingerprint);
  EXPECT_EQ(h.mailbox({.fingerprint = first.fingerprint})->size(), 2U);
  EXPECT_EQ(h.mailbox({.connector = "hook", .fingerprint = first.fingerprint})->size(), 2U);
  EXPECT_EQ(h.mailbox({.connector = "slack", .fingerprint = first.fingerprint})->size(), 0U);
  EXPECT_EQ(h.mailbox({.connector = "slack"})->size(), 0U);
  EXPECT_EQ(h.mailbox({.connector = "hook", .limit = 2})->size(), 2U);
  EXPECT_EQ(h.mailbox({.ids = {first.id, 999}})->size(), 1U);
  EXPECT_EQ(h.mailbox({.after_id = first.id})->size(), 2U);
  EXPECT_EQ(account("hook").mailbox, 3U);
  EXPECT_EQ(account("hook").pending, 0U);
  EXPECT_EQ(h.trail("a")->deliveries[0].state, "mailbox");
}

TEST_P(StoreContract, ReplayMakesItPendingAgainWithTheSameIdentity) {
  ASSERT_TRUE(h.accept({h.event("a", {"hook"}, "CASE-1"), h.event("b", {"hook"}), h.event("c", {"slack"})}));
  ASSERT_TRUE(h.settle("hook", {rejected(1, "no", 4), rejected(2, "no")}));
  ASSERT_TRUE(h.settle("slack", {rejected(3, "no")}));
  const auto replayed = h.replay({.connector = "hook"});
  ASSERT_TRUE(replayed);
  ASSERT_EQ(replayed->size(), 2U);
  EXPECT_EQ((*replayed)[0].first, "hook");
  EXPECT_EQ((*replayed)[0].second.seq, 1U);
  EXPECT_EQ((*replayed)[0].second.subject, "CASE-1");
  EXPECT_EQ((*replayed)[0].second.attempts, 0U);
  EXPECT_EQ(pending_seqs("hook"), (Seqs{1, 2}));
  EXPECT_EQ(h.mailbox()->size(), 1U);
  const auto rows = h.audit({.action = "replay"});
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ(rows->front().actor, "cli:test");
  EXPECT_EQ(rows->front().count, 2U);
  ASSERT_TRUE(h.settle("hook", {delivered(1), delivered(2)}));
  EXPECT_EQ(account("hook").delivered, 2U);
  EXPECT_EQ(h.trail("a")->deliveries[0].state, "delivered");
}

TEST_P(StoreContract, DiscardIsAccountedForAndExplained) {
  ASSERT_TRUE(
      h.accept({h.event("a", {"hook"}), h.event("b", {"hook"}), h.event("c", {"hook"}), h.event("d", {"hook"})}));
  ASSERT_TRUE(h.settle("hook", {rejected(1, "no"), rejected(2, "no"), delivered(3), rejected(4, "no")}));
  const auto discarded = h.discard({.connector = "hook"}, "test data");
  ASSERT_TRUE(discarded);
  EXPECT_EQ(*discarded, 3U);
  EXPECT_EQ(account("hook").discarded, 3U);
  EXPECT_EQ(account("hook").delivered, 1U);
  EXPECT_TRUE(h.mailbox()->empty());
  // One row per run of consecutive events: 1-2 and 4, so that nothing is said about event 3.
  const auto rows = h.audit({.action = "discard", .oldest_first = true});
  ASSERT_EQ(rows->size(), 2U);
  EXPECT_EQ((*rows)[0].first_seq, 1U);
  EXPECT_EQ((*rows)[0].last_seq, 2U);
  EXPECT_EQ((*rows)[0].detail, "test data");
  EXPECT_EQ((*rows)[1].first_seq, 4U);
  EXPECT_EQ(h.trail("b")->deliveries[0].state, "discarded");
  EXPECT_EQ(h.trail("c")->deliveries[0].state, "delivered");
}

TEST_P(StoreContract, ReplayOfAnEntryThatIsGoneIsAConflict) {
  ASSERT_TRUE(h.accept({h.event("a", {"hook"})}));
  ASSERT_TRUE(h.settle("hook", {rejected(1, "no")}));
  const std::int64_t id = h.mailbox()->front().id;
  ASSERT_TRUE(h.discard({.ids = {id}}));
  const auto again = h.replay({.ids = {id}});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().fault, Fault::conflict);
  EXPECT_EQ(h.replay({.connector = "hook"})->size(), 0U);
  // Ids are never used twice: the next entry is another one.
  ASSERT_TRUE(h.accept({h.event("b", {"hook"})}));
  ASSERT_TRUE(h.settle("hook", {rejected(2, "no")}));
  EXPECT_GT(h.mailbox()->front().id, id);
}

TEST_P(StoreContract, AuditRowsAreChained) {
  for (int i = 0; i < 5; ++i) {
    AuditRecord record = h.record("config");
    record.detail = "load " + std::to_string(i);
    ASSERT_TRUE(h.append_audit(record));
    h.advance(Millis(1500));
  }
  const auto rows = h.audit({.oldest_first = true});
  ASSERT_EQ(rows->size(), 5U);
  std::string previous(kGenesisHash);
  for (const AuditRow& row : *rows) {
    EXPECT_EQ(row.prev_hash, previous);
    EXPECT_EQ(row.hash, chain_hash(row));
    previous = row.hash;
  }
  EXPECT_EQ(h.store->gauges().audit_head_id, 5);
  EXPECT_EQ(h.store->gauges().audit_head_at, kStart + std::chrono::seconds(6));
}

TEST_P(StoreContract, AuditFiltersAndPages) {
  ASSERT_TRUE(h.accept({h.event("a", {"hook"}), h.event("b", {"hook"})}));
  for (int i = 0; i < 4; ++i) {
    AuditRecord record = h.record("deliver", i % 2 ? "hook" : "slack");
    record.first_seq = record.last_seq = static_cast<Seq>(1 + i / 2);
    ASSERT_TRUE(h.append_audit(record));
  }
  EXPECT_EQ(h.audit()->front().id, 5);
  EXPECT_EQ(h.audit({.oldest_first = true})->front().id, 1);
  EXPECT_EQ(h.audit({.before_id = 3})->front().id, 2);
  EXPECT_EQ(h.audit({.after_id = 3, .oldest_first = true})->front().id, 4);
  EXPECT_EQ(h.audit({.connector = "slack"})->size(), 2U);
  EXPECT_EQ(h.audit({.action = "deliver"})->size(), 4U);
  EXPECT_EQ(h.audit({.seq = 1})->size(), 3U);  // the batch that holds it, and its two attempts
  EXPECT_EQ(h.audit({.connector = "hook", .seq = 2})->size(), 1U);
  EXPECT_EQ(h.audit({.limit = 2})->size(), 2U);
}

TEST_P(StoreContract, ARowOverManyEventsIsSplitAndStillFound) {
  AuditRecord record = h.record("deliver", "hec");
  record.first_seq = 1;
  record.last_seq = 200'000;
  record.count = 150'000;
  ASSERT_TRUE(h.append_audit(record));
  const auto rows = h.audit({.oldest_first = true});
  ASSERT_EQ(rows->size(), 4U);
  std::uint64_t count = 0;
  for (const AuditRow& row : *rows) {
    EXPECT_LT(*row.last_seq - *row.first_seq, 65536U);
    count += row.count;
  }
  EXPECT_EQ(count, 150'000U);
  EXPECT_EQ(rows->back().last_seq, 200'000U);
  for (const Seq seq : {1U, 65536U, 65537U, 131'073U, 200'000U}) {
    EXPECT_EQ(h.audit({.seq = seq})->size(), 1U) << seq;
  }
  EXPECT_TRUE(h.audit({.seq = 200'001})->empty());
}

TEST_P(StoreContract, EventsAreListedNewestFirstAndByCase) {
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(h.accept({h.event("e" + std::to_string(i), {}, i % 2 ? "CASE-1" : "CASE-2")}));
  }
  const auto newest = h.events({.limit = 2});
  ASSERT_EQ(newest->size(), 2U);
  EXPECT_EQ(newest->front().id, "e5");
  EXPECT_EQ(h.events({.before = 3, .limit = 50})->size(), 2U);
  const auto of_case = h.events({.case_id = "CASE-1"});
  ASSERT_EQ(of_case->size(), 3U);
  EXPECT_EQ(of_case->front().id, "e5");
  EXPECT_EQ(h.events({.id = "e2"})->front().seq, 3U);
  EXPECT_TRUE(h.events({.id = "nope"})->empty());
  const auto unknown = h.trail("nope");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().fault, Fault::not_found);
}

TEST_P(StoreContract, EverythingSurvivesAReopening) {
  ASSERT_TRUE(h.accept({h.event("a", {"hook"}), h.event("b", {"hook"}), h.event("c", {"hook"}), h.event("d", {})}));
  ASSERT_TRUE(h.settle("hook", {delivered(1), rejected(2, "no")}));
  const Totals before = h.store->totals();
  h.reopen();
  h.wait_ready();
  const Totals after = h.store->totals();
  EXPECT_EQ(after.events, before.events);
  EXPECT_EQ(after.unrouted, 1U);
  EXPECT_EQ(account("hook").pending, 1U);
  EXPECT_EQ(account("hook").mailbox, 1U);
  EXPECT_EQ(account("hook").delivered, 1U);
  EXPECT_TRUE(h.store->ready());
  const auto repeated = h.accept({h.event("a", {"hook"}), h.event("e", {"hook"})});
  ASSERT_TRUE(repeated);
  EXPECT_EQ(repeated->duplicates, 1U);
  EXPECT_EQ(*repeated->seqs[1], 5U);
  const auto rows = h.audit({.oldest_first = true});
  EXPECT_EQ(rows->back().prev_hash, (*rows)[rows->size() - 2].hash);
}

TEST_P(StoreContract, AClosedStoreSaysSo) {
  h.store->close();
  const auto accepted = h.accept({h.event("a", {})});
  ASSERT_FALSE(accepted);
  EXPECT_EQ(accepted.error().fault, Fault::closed);
  const auto read = h.pending("hook");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().fault, Fault::closed);
}

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreContract, ::testing::Values("sqlite"));

}  // namespace
}  // namespace wardex::store::test
