#include "api/mailbox_request.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace wardex::api {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

const WallTime kNow = *from_iso("2026-04-21T14:22:09Z");

auto read(const char* body, MailboxVerb verb = MailboxVerb::replay) {
  return read_mailbox_request(verb, json::parse(body), kNow);
}

TEST(Rate, IsANumberOfAUnit) {
  for (const auto& [text, rate] : std::vector<std::pair<const char*, double>>{
           {"8/s", 8}, {"8", 8}, {"0.5/s", 0.5}, {"30/m", 0.5}, {"30/min", 0.5}, {"3600/h", 1}, {"1/h", 1.0 / 3600}})
    EXPECT_DOUBLE_EQ(parse_rate(text).value_or(-1), rate) << text;
  for (const auto* text : {"", "/s", "0", "0/s", "-1/s", "8/d", "8/", "8 /s", "1e3", "nan", "inf", "8/s/s", "1..2/s",
                           "0.0001/h", "1000001/s"})
    EXPECT_FALSE(parse_rate(text)) << text;
}

TEST(MailboxRequest, ReadsEveryFilter) {
  const auto found = read(R"({"ids":[3,1],"connector":"hook","fingerprint":"abc","cause":"rejected","severity":">=high",
    "case_id":"CASE-1","event_id":"e","since":"2h","until":"2026-04-21T15:00:00+01:00","rate":"20/s","preview":true})");
  const auto& request = std::get<MailboxRequest>(found);
  EXPECT_THAT(request.which.ids, ElementsAre(3, 1));
  EXPECT_EQ(request.which.connector, "hook");
  EXPECT_EQ(request.which.fingerprint, "abc");
  EXPECT_EQ(request.which.cause, "rejected");
  EXPECT_EQ(request.which.at_least, Severity::high);
  EXPECT_EQ(request.which.case_id, "CASE-1");
  EXPECT_EQ(request.which.event_id, "e");
  EXPECT_EQ(request.which.since, kNow - std::chrono::hours(2));
  EXPECT_EQ(request.which.until, *from_iso("2026-04-21T14:00:00Z"));
  EXPECT_DOUBLE_EQ(request.per_second, 20);
  EXPECT_TRUE(request.preview);
  EXPECT_EQ(request.what,
            "2 entries by id, connector hook, group abc, cause rejected, severity >=high, case CASE-1, event e, since "
            "2026-04-21T12:22:09.000Z, until 2026-04-21T14:00:00.000Z");
}

TEST(MailboxRequest, AllMustBeSaid) {
  EXPECT_EQ(std::get<MailboxRequest>(read(R"({"all":true})")).what, "all entries");
  for (const auto* body : {"{}", R"({"all":false})", R"({"ids":[]})", R"({"rate":"8/s"})"})
    EXPECT_EQ(std::get<transport::ServerResponse>(read(body)).status, 422) << body;
}

TEST(MailboxRequest, SaysWhatIsWrong) {
  const std::vector<std::tuple<MailboxVerb, const char*, const char*>> cases{
      {MailboxVerb::replay, R"({"conector":"x"})", "/conector is not one of"},
      {MailboxVerb::replay, R"({"connector":7})", "/connector must be text"},
      {MailboxVerb::replay, R"({"connector":""})", "must not be empty"},
      {MailboxVerb::replay, R"({"ids":["1"]})", "/ids must hold whole numbers"},
      {MailboxVerb::replay, R"({"ids":7})", "/ids must be a list"},
      {MailboxVerb::replay, R"({"severity":"urgent"})", "critical, high, medium, low or info"},
      {MailboxVerb::replay, R"({"since":"yesterday"})", "2026-04-21T14:22:09Z"},
      {MailboxVerb::replay, R"({"all":1})", "true or false"},
      {MailboxVerb::replay, R"({"all":true,"rate":"fast"})", "8/s"},
      {MailboxVerb::replay, R"({"all":true,"reason":"x"})", "/reason is not one of"},
      {MailboxVerb::discard, R"({"all":true,"rate":"8/s"})", "/rate is not one of"},
      {MailboxVerb::discard, R"({"all":true})", "/reason must say why"},
      {MailboxVerb::discard, R"({"all":true,"reason":""})", "/reason must say why"},
  };
  for (const auto& [verb, body, words] : cases) {
    const auto refused = std::get<transport::ServerResponse>(read(body, verb));
    EXPECT_EQ(refused.status, 422) << body;
    EXPECT_THAT(json::parse(refused.body)["detail"].get<std::string>(), HasSubstr(words)) << body;
  }
  json many{{"ids", std::vector<int>(10'001, 1)}};
  EXPECT_EQ(std::get<transport::ServerResponse>(read_mailbox_request(MailboxVerb::replay, many, kNow)).status, 422);
}

TEST(MailboxRequest, ADiscardKeepsItsReasonOnOneLine) {
  const auto found = read(R"({"all":true,"reason":"test data\nof 21 April"})", MailboxVerb::discard);
  EXPECT_EQ(std::get<MailboxRequest>(found).reason, "test data of 21 April");
  EXPECT_TRUE(std::get<MailboxRequest>(read(R"({"all":true,"preview":true})", MailboxVerb::discard)).preview);
}

TEST(MailboxQuery, ReadsParametersAndRefusesUnknownOnes) {
  transport::ServerRequest request;
  request.query = "connector=hook&severity=high&after=12&limit=5000&since=1h&cause=&bodies=true";
  const auto filter = std::get<store::MailboxFilter>(read_mailbox_query(request, {"bodies"}, kNow));
  EXPECT_EQ(filter.connector, "hook");
  EXPECT_EQ(filter.at_least, Severity::high);
  EXPECT_EQ(filter.after_id, 12);
  EXPECT_EQ(filter.limit, 1000U);
  EXPECT_EQ(filter.since, kNow - std::chrono::hours(1));
  EXPECT_EQ(filter.cause, "");
  for (const auto* query :
       {"after=x", "limit=0", "limit=-1", "severity=bad", "since=x", "conector=hook", "bodies=true"}) {
    request.query = query;
    EXPECT_EQ(std::get<transport::ServerResponse>(read_mailbox_query(request, {}, kNow)).status, 400) << query;
  }
}

}  // namespace
}  // namespace wardex::api
