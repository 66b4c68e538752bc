// Fallbacks, coalescing, deaths, holds by hand, closing under a mute.
#include <nlohmann/json.hpp>

#include "contract_fixture.hpp"

namespace wardex::store::test {
namespace {

class StoreFallback : public StoreContract {
 protected:
  Settle hand_over(Seq seq, const std::string& to) { return {seq, "S", Settle::HandOver{to, "breaker open"}}; }
  std::vector<std::string> states(const std::string& id) {
    std::vector<std::string> out;
    const auto trail = h.trail(id);
    for (const auto& one : trail->deliveries) {
      std::string text = one.connector + " " + one.state;
      if (!one.fallback_to.empty()) text += " fallback_to=" + one.fallback_to;
      if (!one.stands_in_for.empty()) text += " stands_in_for=" + one.stands_in_for;
      out.push_back(std::move(text));
    }
    return out;
  }
  std::vector<std::string> outcomes(const std::string& action) {
    std::vector<std::string> out;
    const auto rows = h.audit({.action = action, .oldest_first = true});
    for (const auto& row : *rows) out.push_back(row.connector + " " + row.outcome + ": " + row.detail);
    return out;
  }
};

using Strings = std::vector<std::string>;

TEST_P(StoreFallback, AnEventHandedOverIsPendingAtBothAndSaysSo) {
  ASSERT_TRUE(h.accept({h.event("a", {"pager"}, "CASE-1"), h.event("b", {"pager"})}));
  h.advance(Millis{900'000});
  const auto settled = h.settle("pager", {hand_over(1, "mail")});
  ASSERT_TRUE(settled);
  ASSERT_EQ(settled->handed_over.size(), 1U);
  EXPECT_EQ(settled->handed_over[0].first, "mail");
  const auto at_mail = h.pending("mail");
  ASSERT_EQ(at_mail->size(), 1U);
  EXPECT_EQ(at_mail->front().seq, 1U);
  EXPECT_EQ(at_mail->front().subject, "CASE-1");
  EXPECT_EQ(at_mail->front().stands_in_for, "pager");
  EXPECT_EQ(at_mail->front().since(), h.now()) << "its age begins anew";
  EXPECT_EQ(at_mail->front().received_at, kStart);
  const auto at_pager = h.pending("pager");
  ASSERT_EQ(at_pager->size(), 2U);
  EXPECT_EQ(at_pager->front().fallback_to, "mail");
  EXPECT_EQ(at_pager->front().since(), kStart);
  EXPECT_EQ((*at_pager)[1].fallback_to, "");
  EXPECT_EQ(account("mail").routed, 1U);
  EXPECT_EQ(account("pager").routed, 2U);
  EXPECT_EQ(states("a"), (Strings{"pager pending fallback_to=mail", "mail pending stands_in_for=pager"}));
  ASSERT_TRUE(h.settle("mail", {delivered(1)}));
  EXPECT_EQ(states("a"), (Strings{"pager pending fallback_to=mail", "mail delivered stands_in_for=pager"}));
  EXPECT_EQ(outcomes("fallback"), (Strings{"mail handed_over: stands in for pager: breaker open"}));
}

TEST_P(StoreFallback, NobodyGetsAnEventTwice) {
  ASSERT_TRUE(h.accept({h.event("a", {"pager", "mail"}), h.event("b", {"pager", "chat"}), h.event("c", {"pager"})}));
  EXPECT_TRUE(h.settle("pager", {hand_over(1, "mail")})->handed_over.empty()) << "it has its own route there";
  EXPECT_EQ(h.settle("pager", {hand_over(2, "mail")})->handed_over.size(), 1U);
  ASSERT_TRUE(h.settle("mail", {delivered(2)}));
  EXPECT_TRUE(h.settle("chat", {hand_over(2, "mail")})->handed_over.empty()) << "it went there for the pager";
  EXPECT_TRUE(h.settle("pager", {hand_over(2, "mail")})->handed_over.empty()) << "it was handed over before";
  EXPECT_TRUE(h.settle("pager", {hand_over(99, "mail")})->handed_over.empty()) << "no such delivery";
  EXPECT_EQ(h.pending("mail")->size(), 1U) << "its own";
  EXPECT_EQ(outcomes("fallback"), (Strings{"mail there_already: stands in for pager: breaker open",
                                           "mail handed_over: stands in for pager: breaker open",
                                           "mail there_already: stands in for chat: breaker open"}));
}

TEST_P(StoreFallback, TwoWhoFailStandTogetherWhileTheFallbackWaits) {
  ASSERT_TRUE(h.accept({h.event("a", {"pager", "chat"})}));
  ASSERT_TRUE(h.settle("pager", {hand_over(1, "mail")}));
  ASSERT_TRUE(h.settle("chat", {hand_over(1, "mail")}));
  EXPECT_EQ(h.pending("mail")->front().stands_in_for, "chat, pager");
  EXPECT_EQ(account("mail").routed, 1U);
}

TEST_P(StoreFallback, ChainsEndSomewhere) {
  ASSERT_TRUE(h.accept({h.event("a", {"pager"})}));
  ASSERT_TRUE(h.settle("pager", {hand_over(1, "chat")}));
  ASSERT_TRUE(h.settle("chat", {hand_over(1, "mail")}));
  EXPECT_TRUE(h.settle("mail", {hand_over(1, "pager")})->handed_over.empty()) << "the first has it already";
  EXPECT_EQ(states("a"), (Strings{"pager pending fallback_to=chat", "mail pending fallback_to=pager stands_in_for=chat",
                                  "chat pending fallback_to=mail stands_in_for=pager"}));
  EXPECT_EQ(h.pending("pager")->front().stands_in_for, "") << "it is nobody's fallback here";
}

TEST_P(StoreFallback, WhatGoesToTheMailboxGoesToTheFallbackInTheSameTransaction) {
  ASSERT_TRUE(h.accept({h.event("a", {"pager"})}));
  const auto settled = h.settle("pager", {{1, "S", Settle::Mailbox{"rejected", "HTTP 400: no such team", 1, "mail"}}});
  ASSERT_EQ(settled->handed_over.size(), 1U);
  EXPECT_EQ(states("a"), (Strings{"pager mailbox fallback_to=mail", "mail pending stands_in_for=pager"}));
  // A replay that fails again does not mail again.
  ASSERT_EQ(h.replay({.connector = "pager"})->size(), 1U);
  EXPECT_EQ(h.pending("pager")->front().fallback_to, "mail");
  EXPECT_TRUE(h.settle("pager", {{1, "S", Settle::Mailbox{"rejected", "again", 1, "mail"}}})->handed_over.empty());
}

TEST_P(StoreFallback, AReplayBeginsANewAge) {
  ASSERT_TRUE(h.accept({h.event("a", {"hook"})}));
  ASSERT_TRUE(h.settle("hook", {rejected(1, "no")}));
  h.advance(Millis{3'600'000});
  ASSERT_TRUE(h.replay({.connector = "hook"}));
  EXPECT_EQ(h.pending("hook")->front().since(), h.now());
}

TEST_P(StoreFallback, CoalescedDeliveriesAreCountedShownAndAuditedByRuns) {
  std::vector<NewEvent> events;
  for (int i = 1; i <= 6; ++i) events.push_back(h.event("e" + std::to_string(i), {"tickets"}, "CASE-1"));
  ASSERT_TRUE(h.accept(std::move(events)));
  ASSERT_TRUE(h.settle("tickets", {delivered(6),
                                   {1, "S", Settle::Coalesced{6}},
                                   {2, "S", Settle::Coalesced{6}},
                                   {4, "S", Settle::Coalesced{6}},
                                   {77, "S", Settle::Coalesced{6}}}));
  EXPECT_EQ(pending_seqs("tickets"), (Seqs{3, 5}));
  EXPECT_EQ(account("tickets").coalesced, 3U);
  EXPECT_EQ(account("tickets").delivered, 1U);
  EXPECT_EQ(states("e2"), (Strings{"tickets coalesced"}));
  EXPECT_EQ(states("e3"), (Strings{"tickets pending"}));
  const auto rows = h.audit({.action = "coalesce", .oldest_first = true});
  ASSERT_EQ(rows->size(), 2U);
  EXPECT_EQ(rows->front().first_seq, 1U);
  EXPECT_EQ(rows->front().last_seq, 2U);
  EXPECT_EQ(rows->front().count, 2U);
  EXPECT_NE(rows->front().detail.find("event 6"), std::string::npos);
}

TEST_P(StoreFallback, TheThirdDeathInARowQuarantines) {
  ASSERT_TRUE(h.accept({h.event("a", {"hook"})}));
  Fallback mail{"mail", {}, {}};
  mail.severities.set();
  mail.kinds.set();
  const auto die = [&] { return h.settle("hook", {{1, "S", Settle::Died{3, mail}}}); };
  ASSERT_TRUE(die());
  auto row = h.pending("hook")->front();
  EXPECT_EQ(row.deaths, 1U);
  EXPECT_EQ(row.attempts, 1U);
  EXPECT_TRUE(row.last_unknown);
  ASSERT_TRUE(h.settle("hook", {{1, "S", Settle::Again{2, std::nullopt, "HTTP 500", false}}}));
  EXPECT_EQ(h.pending("hook")->front().deaths, 0U) << "an attempt that ended clears it";
  for (int death = 1; death <= 2; ++death) ASSERT_TRUE(die());
  EXPECT_EQ(h.pending("hook")->front().deaths, 2U);
  const auto third = die();
  ASSERT_TRUE(third);
  EXPECT_EQ(third->handed_over.size(), 1U) << "somebody must hear of it";
  const auto mailbox = h.mailbox();
  ASSERT_EQ(mailbox->size(), 1U);
  EXPECT_EQ(mailbox->front().cause, "poison");
  EXPECT_EQ(mailbox->front().attempts, 5U);
  EXPECT_EQ(h.audit({.action = "mailbox"})->front().outcome, "poison");
  std::vector<std::uint32_t> attempts;
  const auto rows = h.audit({.action = "deliver", .oldest_first = true});
  for (const auto& died : *rows) {
    EXPECT_EQ(died.outcome, "unknown");
    attempts.push_back(died.attempt);
  }
  EXPECT_EQ(attempts, (std::vector<std::uint32_t>{1, 3, 4, 5})) << "the second was said to have had HTTP 500";
  ASSERT_TRUE(h.replay({.connector = "hook"}));
  EXPECT_EQ(h.pending("hook")->front().deaths, 0U);
}

TEST_P(StoreFallback, HoldsSurviveAndEndWhenTold) {
  ASSERT_TRUE(h.accept({h.event("a", {"hook"}), h.event("b", {"hook"})}));
  Control hold;
  hold.connector = "hook";
  hold.actor = "cli:root";
  hold.reason = "maintenance";
  hold.at = h.now();
  hold.until = h.now() + std::chrono::hours{2};
  ASSERT_TRUE(h.control(hold));
  hold.mode = Control::Mode::drain;
  hold.until.reset();
  const auto drain = h.control(hold);
  ASSERT_TRUE(drain);
  EXPECT_EQ(drain->upto, 2U);
  h.reopen();
  const auto controls = h.controls();
  ASSERT_EQ(controls->size(), 1U);
  EXPECT_EQ(controls->front().mode, Control::Mode::drain);
  EXPECT_EQ(controls->front().upto, 2U);
  EXPECT_EQ(controls->front().reason, "maintenance");
  EXPECT_FALSE(controls->front().until);
  ASSERT_TRUE(h.resume("hook"));
  EXPECT_TRUE(h.controls()->empty());
  const auto again = h.resume("hook");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().fault, Fault::conflict);
  Strings actions;
  const auto rows = h.audit({.connector = "hook", .oldest_first = true});
  for (const auto& row : *rows) actions.push_back(row.action + " " + row.actor + " " + row.detail);
  EXPECT_EQ(actions, (Strings{"hold cli:root maintenance (until 2026-04-21T16:22:09.000Z)",
                              "drain cli:root maintenance", "resume cli:test done"}));
}

TEST_P(StoreFallback, WhatWasOpenedIsClosedEvenUnderAMute) {
  const auto muted = [&](const std::string& id, const std::string& case_id, bool closes) {
    NewEvent item = h.event(id, {"tickets"}, case_id);
    item.targets[0].muted = "window 'nights'";
    item.targets[0].closes = closes;
    return item;
  };
  ASSERT_TRUE(h.accept({h.event("open", {"tickets"}, "CASE-1")}));
  ASSERT_TRUE(h.settle("tickets", {delivered(1, Link{"T-1", "", ""}, "CASE-1")}));
  const auto accepted =
      h.accept({muted("m1", "CASE-2", true), muted("m2", "CASE-1", false), muted("m3", "CASE-1", true)});
  ASSERT_TRUE(accepted);
  EXPECT_EQ(accepted->unmuted, (std::vector<std::pair<std::size_t, std::string>>{{2, "tickets"}}));
  EXPECT_EQ(states("m1"), (Strings{"tickets muted"}));
  EXPECT_EQ(states("m2"), (Strings{"tickets muted"}));
  EXPECT_EQ(states("m3"), (Strings{"tickets pending"}));
  EXPECT_EQ(account("tickets").muted, 2U);
  const auto why = nlohmann::json::parse(h.trail("m3")->event.routes)[0].value("why", "");
  EXPECT_NE(why.find("in spite of window 'nights'"), std::string::npos) << why;
  // What opens the case may still be waiting.
  const auto behind = h.accept({muted("m4", "CASE-9", true)});
  EXPECT_EQ(behind->unmuted.size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreFallback, ::testing::Values("sqlite"));

}  // namespace
}  // namespace wardex::store::test
