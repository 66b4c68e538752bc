// Steps and answers: which request follows which, and what each answer means.
#include <gtest/gtest.h>

#include "conformance/golden.hpp"
#include "slack/exchange_for_tests.hpp"
#include "wardex/text.hpp"

namespace wardex::slack {
namespace {

TEST(Slack, AFirstMessageIsRememberedByChannelAndTime) {
  const Exchange got(*bot(), delivery(test::guide_event()), {test::http(200, kPosted)});
  EXPECT_EQ(got.method(0), "chat.postMessage");
  EXPECT_EQ(got.delivered().external_ref, "1776781330.000200");
  EXPECT_EQ(Json::parse(got.delivered().state)["channel"], "C0123456789");
  EXPECT_EQ(got.sent[0].header("Authorization")->reveal(), "Bearer xoxb-1-2-abc");
}

TEST(Slack, AnUpdateEditsTheFirstMessageAndTellsTheThreadWhatChanged) {
  auto event = test::full_event();
  event.status = Status::investigating;
  event.severity = Severity::critical;
  const Exchange got(*bot(), linked(event), {test::http(200, kPosted), test::http(200, kPosted)});
  ASSERT_EQ(got.sent.size(), 2U);
  EXPECT_EQ(got.method(0), "chat.update");
  EXPECT_EQ(got.body(0)["ts"], "1776781330.000200");
  EXPECT_EQ(got.body(0)["channel"], "C0123456789");
  EXPECT_TRUE(got.sent[0].idempotent);
  EXPECT_EQ(got.method(1), "chat.postMessage");
  EXPECT_EQ(got.body(1)["thread_ts"], "1776781330.000200");
  EXPECT_FALSE(got.sent[1].idempotent);
  const auto said = got.body(1)["blocks"][0]["text"]["text"].get<std::string>();
  EXPECT_NE(said.find("*Status:* triage → investigating"), std::string::npos) << said;
  EXPECT_NE(said.find("*Severity:* high → critical"), std::string::npos) << said;
  EXPECT_NE(said.find("*Assignee:* none → ana"), std::string::npos) << said;
  EXPECT_NE(said.find("<!here>"), std::string::npos) << "it got worse";
  EXPECT_EQ(got.delivered().external_ref, "1776781330.000200");
  EXPECT_EQ(Json::parse(got.delivered().state)["status"], "investigating");
  test::expect_golden("slack", "bot_update_1_edit", got.sent[0]);
  test::expect_golden("slack", "bot_update_2_reply", got.sent[1]);
}

TEST(Slack, AResolvedCaseIsStruckAndGreen) {
  const Exchange got(*bot(), linked(resolved(test::guide_event())),
                     {test::http(200, kPosted), test::http(200, kPosted)});
  EXPECT_EQ(got.body(0)["blocks"][0]["text"]["text"], "*RESOLVED* · ~Suspicious shell spawned from Office~");
  EXPECT_EQ(got.body(0)["attachments"][0]["color"], "#2eb886");
  EXPECT_NE(got.sent[1].body.reveal().find(":white_check_mark: *Resolved*"), std::string::npos);
  test::expect_golden("slack", "bot_resolve_1_edit", got.sent[0]);
  test::expect_golden("slack", "bot_resolve_2_reply", got.sent[1]);
}

TEST(Slack, WithoutThreadsEachEventIsAMessageOfItsOwn) {
  const auto sink = bot({{"thread_by_case", false}});
  const Exchange update(*sink, linked(test::full_event()),
                        {test::http(200, R"({"ok":true,"channel":"C0123456789","ts":"9.9"})")});
  ASSERT_EQ(update.sent.size(), 1U);
  EXPECT_FALSE(update.body(0).contains("thread_ts"));
  EXPECT_EQ(update.delivered().external_ref, "1776781330.000200") << "the first message stays the one to strike";
  const Exchange done(*sink, linked(resolved(test::guide_event())),
                      {test::http(200, kPosted), test::http(200, kPosted)});
  EXPECT_EQ(done.method(0), "chat.update");
  EXPECT_FALSE(done.body(1).contains("thread_ts"));
}

TEST(Slack, UpdateOnResolveCanBeOff) {
  const Exchange got(*bot({{"update_on_resolve", false}}), linked(resolved(test::guide_event())),
                     {test::http(200, kPosted)});
  ASSERT_EQ(got.sent.size(), 1U);
  EXPECT_EQ(got.body(0)["thread_ts"], "1776781330.000200");
}

TEST(Slack, AMessageThatIsGoneIsPostedAnew) {
  const Exchange got(*bot(), linked(test::full_event()),
                     {test::http(200, R"({"ok":false,"error":"message_not_found"})"),
                      test::http(200, R"({"ok":true,"channel":"C0123456789","ts":"1776790000.000100"})")});
  EXPECT_EQ(got.method(1), "chat.postMessage");
  EXPECT_FALSE(got.body(1).contains("thread_ts"));
  EXPECT_EQ(got.delivered().external_ref, "1776790000.000100");
}

TEST(Slack, AnEditThatIsRefusedStillGetsItsReply) {
  const Exchange got(*bot(), linked(test::full_event()),
                     {test::http(200, R"({"ok":false,"error":"cant_update_message"})"), test::http(200, kPosted)});
  EXPECT_EQ(got.body(1)["thread_ts"], "1776781330.000200");
  EXPECT_EQ(outcome(got.verdict), "delivered");
}

TEST(Slack, AnotherChannelMeansAnotherThread) {
  auto item = linked(test::full_event());
  auto state = Json::parse(item.link->state);
  state["configured"] = "C9999999999";
  item.link->state = state.dump();
  EXPECT_EQ(Exchange(*bot(), item, {test::http(200, kPosted)}).method(0), "chat.postMessage");
  for (const auto* broken : {"", "{", "[]", "null", R"({"ts":5})"}) {
    item.link->state = broken;
    EXPECT_EQ(Exchange(*bot(), item, {test::http(200, kPosted)}).method(0), "chat.postMessage") << broken;
  }
}

TEST(Slack, ARefusedLayoutIsTriedOnceAsPlainText) {
  auto event = test::huge_event();
  const Exchange fine(*webhook(), delivery(event), {test::http(400, "invalid_blocks"), test::http(200, "ok")});
  ASSERT_EQ(fine.sent.size(), 2U);
  EXPECT_FALSE(fine.body(1).contains("blocks"));
  EXPECT_LE(text::length(fine.body(1)["text"].get<std::string>()), 2000U);
  EXPECT_NE(fine.delivered().note.find("plain text: Slack refused the layout (invalid_blocks)"), std::string::npos);

  const Exchange again(*webhook(), delivery(event), {test::http(400, "invalid_blocks"), test::http(400, "no_text")});
  EXPECT_EQ(outcome(again.verdict), "rejected");

  const Exchange edit(*bot(), linked(event),
                      {test::http(200, R"({"ok":false,"error":"msg_blocks_too_long"})"), test::http(200, kPosted),
                       test::http(200, kPosted)});
  ASSERT_EQ(edit.sent.size(), 3U);
  EXPECT_EQ(edit.method(1), "chat.update");
  EXPECT_EQ(edit.body(1)["blocks"], Json::array());
  EXPECT_EQ(edit.body(2)["thread_ts"], "1776781330.000200");
}

TEST(Slack, ReadsWebhookAnswers) {
  const struct {
    int status;
    const char* body;
    const char* outcome;
    const char* reason;
  } table[] = {
      {200, "ok", "delivered", ""},
      {200, "OK", "retry", "not Slack's answer"},
      {200, "<html>Sign in</html>", "retry", "proxy or a login page"},
      {200, "", "retry", "not Slack's answer"},
      {200, R"({"ok":true})", "retry", ""},
      {301, "", "unauthorised", "redirects are not followed"},
      {400, "user_not_found", "unauthorised", "user_not_found"},
      {400, "some_new_error", "rejected", "some_new_error"},
      {403, "invalid_token", "unauthorised", "make a new one and set webhook_url"},
      {403, "action_prohibited", "unauthorised", "workspace setting"},
      {403, "<html>blocked by 10.0.0.1</html>", "unauthorised", "HTTP 403: check webhook_url"},
      {404, "channel_not_found", "unauthorised", "channel_not_found"},
      {404, "no_service", "unauthorised", "set webhook_url"},
      {410, "channel_is_archived", "unauthorised", "unarchive"},
      {429, "", "throttled", "HTTP 429"},
      {500, "rollup_error", "retry", "rollup_error"},
      {502, "", "retry", "HTTP 502"},
      {503, "", "retry", "HTTP 503"},
  };
  for (const auto& row : table) {
    const Exchange got(*webhook(), delivery(test::guide_event()), {test::http(row.status, row.body)});
    EXPECT_EQ(outcome(got.verdict), row.outcome) << row.status << " " << row.body;
    EXPECT_NE(got.reason().find(row.reason), std::string::npos) << got.reason();
  }
}

TEST(Slack, ReadsApiAnswersThatAreHttp200) {
  const struct {
    const char* error;
    const char* outcome;
    const char* reason;
  } table[] = {
      {"ratelimited", "throttled", "ratelimited"},
      {"fatal_error", "retry", "fatal_error"},
      {"service_unavailable", "retry", "service_unavailable"},
      {"invalid_auth", "unauthorised", "bot_token"},
      {"token_revoked", "unauthorised", "bot_token"},
      {"missing_scope", "unauthorised", "missing_scope (chat:write)"},
      {"channel_not_found", "unauthorised", "invite the bot"},
      {"not_in_channel", "unauthorised", "invite the bot"},
      {"is_archived", "unauthorised", "unarchive"},
      {"metadata_too_large", "rejected", "metadata_too_large"},
  };
  for (const auto& row : table) {
    const auto body = Json{{"ok", false}, {"error", row.error}, {"needed", "chat:write"}}.dump();
    const Exchange got(*bot(), delivery(test::guide_event()), {test::http(200, body, {{"Retry-After", "7"}})});
    EXPECT_EQ(outcome(got.verdict), row.outcome) << row.error;
    EXPECT_NE(got.reason().find(row.reason), std::string::npos) << got.reason();
    if (const auto* throttled = std::get_if<Throttled>(&got.verdict)) {
      EXPECT_EQ(throttled->after, Millis{7000});
    }
  }
}

TEST(Slack, PingsForNewsOnly) {
  const auto sink = webhook({{"mention_on", {{"high", "<!subteam^S012AB>"}}}});
  const auto pings = [&](const Event& event) {
    return Exchange(*sink, delivery(event), {}).sent[0].body.reveal().find("<!subteam^S012AB>") != std::string::npos;
  };
  EXPECT_TRUE(pings(test::guide_event()));
  auto event = test::guide_event();
  event.action = "updated";
  EXPECT_FALSE(pings(event));
  EXPECT_FALSE(pings(resolved(test::guide_event())));
  event = test::guide_event();
  event.severity = Severity::critical;
  EXPECT_FALSE(pings(event));
  // By default critical pings those who are here, nobody is ever pinged channel-wide, and {} pings nobody.
  EXPECT_NE(Exchange(*webhook(), delivery(event), {}).sent[0].body.reveal().find("<!here>"), std::string::npos);
  EXPECT_EQ(Exchange(*webhook(), delivery(event), {}).sent[0].body.reveal().find("<!channel>"), std::string::npos);
  EXPECT_EQ(
      Exchange(*webhook({{"mention_on", Json::object()}}), delivery(event), {}).sent[0].body.reveal().find("<!here>"),
      std::string::npos);
}

TEST(Slack, SaysThatADuplicateIsPossible) {
  auto item = delivery(test::guide_event());
  item.previous_unknown = true;
  EXPECT_NE(Exchange(*bot(), item, {test::http(200, kPosted)}).delivered().note.find("no idempotency key"),
            std::string::npos);
}

TEST(Slack, ProbesTheTokenWithoutPosting) {
  EXPECT_FALSE(webhook()->probe(context()));
  const auto sink = bot({{"api_base", "https://slack-gov.com/api"}});
  const auto probe = sink->probe(context());
  ASSERT_TRUE(probe);
  EXPECT_EQ(std::get<HttpRequest>(*probe).url.reveal(), "https://slack-gov.com/api/auth.test");
  const auto good =
      sink->interpret_probe(*probe, test::http(200, R"({"ok":true,"user":"wardex","team":"SOC"})"), context());
  EXPECT_EQ(std::get<Delivered>(good).note, "signed in as wardex of SOC");
  const auto bad = sink->interpret_probe(*probe, test::http(200, R"({"ok":false,"error":"invalid_auth"})"), context());
  EXPECT_EQ(outcome(bad), "unauthorised");
}

TEST(Slack, PostsUnderTheNameAndIconThatAreSet) {
  const auto body =
      Exchange(*bot({{"username", "Wardex"}, {"icon_emoji", ":shield:"}}), delivery(test::guide_event()), {}).body(0);
  EXPECT_EQ(body["username"], "Wardex");
  EXPECT_EQ(body["icon_emoji"], ":shield:");
}

}  // namespace
}  // namespace wardex::slack
