// Which shape a document is taken for, and what follows from several fields together.
#include "normalise/plan.hpp"

#include "unit/normalise/reading.hpp"

namespace wardex::normalise {
namespace {

using nlohmann::json;

std::string_view shape_of(const char* text, Hint hint = Hint::none) {
  Document document;
  EXPECT_FALSE(document.read(text, 32));
  return plan_of(Members(document.root()), hint).shape.name;
}

TEST(Shapes, AreToldApartByTheirFields) {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"hostname":"h","level":"Critical"})", "alert record"},
      {R"({"hostname":"h","score":1,"reasons":[]})", "alert record"},
      {R"({"title":"t","severity":"low","source":"edr"})", "seeded alert"},
      {R"({"title":"t","severity":"low","source":"edr","event_id":"x"})", "guide"},
      {R"({"id":1,"title":"t","status":"New","priority":"High"})", "case"},
      {R"({"id":"x","title":"t","status":"New","incident_count":0})", "case"},
      {R"({"id":"x","kind":"case","case_id":"c","title":"t","status":"new","priority":"High"})", "guide"},
      {R"({"severity":"high","affected_hosts":["h"],"id":1})", "incident"},
      {R"({"case_id":"c","title":"t","severity":"high","rule":"r"})", "guide"},
      {R"({"kind":"alert","level":"high","hostname":"h"})", "guide"},
      {R"({"level":"high","title":"t"})", "guide"},
      {R"({"level":null,"hostname":"h","title":"t"})", "guide"},
      {"{}", "guide"},
  };
  for (const auto& [text, shape] : rows) EXPECT_EQ(shape_of(text), shape) << text;
  EXPECT_EQ(shape_of(R"({"id":1,"title":"t"})", Hint::case_), "case");
  EXPECT_EQ(shape_of(R"({"id":1,"title":"t"})", Hint::incident), "incident");
  EXPECT_EQ(shape_of(R"({"id":1,"title":"t","status":"New","priority":"Low"})", Hint::alert), "guide");
}

TEST(Shapes, TheGuidesExampleIsAnAlertInACase) {
  const auto event = event_of(
      R"({"case_id":"CASE-1042","severity":"high","status":"triage","title":"Suspicious shell spawned from Office","endpoint_id":"macbook-sec-17","rule":"office-child-process","mitre":["T1204","T1059"],"wardex_url":"https://console.example/cases/CASE-1042"})");
  EXPECT_EQ(event.kind, Kind::alert);
  EXPECT_EQ(event.action, "created");
  EXPECT_EQ(event.status, Status::triage);
  EXPECT_TRUE(event.labels.empty());
  EXPECT_EQ(event.subject(), "CASE-1042");
}

TEST(Shapes, KindFollowsFromWhatTheEventSays) {
  const std::pair<const char*, Kind> rows[] = {
      {R"({"case_id":"c","title":"t","status":"resolved"})", Kind::case_},
      {R"({"case_id":"c","title":"t","rule":"r"})", Kind::alert},
      {R"({"title":"t"})", Kind::alert},
      {R"({"type":"case.updated","title":"t","rule":"r","endpoint_id":"e","case_id":"c"})", Kind::case_},
      {R"({"kind":"telemetry","cpu":0.4})", Kind::telemetry},
      {R"({"kind":"sync","case_id":7,"status":"resolved"})", Kind::sync},
      {R"({"kind":"digest","title":"Weekly"})", Kind::digest},
      {R"({"kind":"runbook","name":"isolate"})", Kind::runbook},
      {R"({"kind":"incident","title":"t"})", Kind::case_},
      {R"({"type":"agent","data":{"agent_id":"a","state":"offline"}})", Kind::telemetry},
      {R"({"type":"alert","data":{"title":"t","case_id":"c"}})", Kind::alert},
      {R"({"type":"case","data":{"case_id":"c","title":"t","endpoint_id":"e"}})", Kind::case_},
      {R"({"type":"incident","data":{"id":88,"title":"t"}})", Kind::case_},
      {R"({"type":"case.created","data":{"kind":"alert","event_id":"e","title":"t"}})", Kind::alert},
      {R"({"type":"made-up","data":{"title":"t"}})", Kind::alert},
  };
  for (const auto& [text, kind] : rows) EXPECT_EQ(to_string(event_of(text).kind), to_string(kind)) << text;
}

TEST(Shapes, ActionFollowsFromWordStatusAndTimes) {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"title":"t"})", "created"},
      {R"({"title":"t","action":"reopen","status":"closed"})", "reopened"},
      {R"({"title":"t","status":"Resolved"})", "resolved"},
      {R"({"title":"t","status":"closed"})", "closed"},
      {R"({"title":"t","created_at":"2026-04-21T14:00:00Z","updated_at":"2026-04-21T14:00:00.000Z"})", "created"},
      {R"({"title":"t","created_at":"2026-04-21T14:00:00Z","updated_at":"2026-04-21T14:00:01Z"})", "updated"},
      {R"({"title":"t","event_type":"case.escalated"})", "escalated"},
      {R"({"type":"case.updated","data":{"id":7,"title":"t"}})", "updated"},
      {R"({"hostname":"h","level":"Critical","action":"isolate"})", "created"},
      {R"({"title":"t","action":"rm -rf /;"})", "created"},
  };
  for (const auto& [text, action] : rows) EXPECT_EQ(event_of(text).action, action) << text;
}

TEST(Shapes, HeartbeatsAreAcknowledgedAndNothingElse) {
  for (const auto* text : {R"({"type":"heartbeat","timestamp":"2026-04-21T14:22:09Z","data":{}})",
                           R"({"type":"heartbeat"})", R"({"type":"Heartbeat","data":null})"})
    EXPECT_TRUE(std::holds_alternative<Heartbeat>(read(text))) << text;
  EXPECT_EQ(event_of(R"({"type":"heartbeat","title":"Agent fell silent","severity":"high"})").title,
            "Agent fell silent");
}

TEST(Shapes, AnAlertIsNotLostOverAWrongTime) {
  for (const auto* time : {R"("yesterday")", "7", R"("2026-02-30T00:00:00Z")", "{}", "1e300"}) {
    const auto event = event_of(R"({"title":"t","timestamp":)" + std::string(time) + "}");
    EXPECT_FALSE(event.occurred_at.has_value()) << time;
    EXPECT_TRUE(event.labels.contains("wardex.time_unreadable")) << time;
    EXPECT_EQ(event.when(), event.received_at);
  }
  EXPECT_FALSE(event_of(R"({"title":"t","timestamp":null})").labels.contains("wardex.time_unreadable"));
}

TEST(Shapes, AnUnknownSeverityIsMediumAndSaysSo) {
  const auto event = event_of(R"({"title":"t","severity":"apocalyptic"})");
  EXPECT_EQ(event.severity, Severity::medium);
  EXPECT_EQ(event.labels.at("wardex.severity_unreadable"), "apocalyptic");
  EXPECT_EQ(event.labels.at("severity"), "apocalyptic");
  EXPECT_EQ(event_of(R"({"title":"t"})").severity, Severity::info);
  EXPECT_EQ(event_of(R"({"title":"t","severity":4})").severity, Severity::high);
  EXPECT_EQ(event_of(R"({"title":"t","status":"limbo"})").labels.at("wardex.status_unreadable"), "limbo");
}

TEST(Shapes, TheEnvelopesTimeStandsInForAMissingOne) {
  EXPECT_EQ(event_of(R"({"type":"alert","timestamp":"2026-04-21T14:22:09Z","data":{"title":"t"}})").occurred_at->str(),
            "2026-04-21T14:22:09Z");
  EXPECT_EQ(
      event_of(
          R"({"type":"alert","timestamp":"2026-04-21T14:22:09Z","data":{"title":"t","timestamp":"2026-04-21T14:00:00Z"}})")
          .occurred_at->str(),
      "2026-04-21T14:00:00Z");
}

TEST(Shapes, TitlesAreNeverEmpty) {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"description":"First line.\nSecond."})", "First line."},
      {R"({"rule":"r-1","endpoint_id":"e"})", "r-1 on e"},
      {R"({"case_id":7,"status":"resolved"})", "Wardex case CASE-7"},
      {R"({"kind":"telemetry","host":"h"})", "Wardex telemetry on h"},
      {R"({"hostname":"h","level":"Severe","reasons":["auth spike","x"]})", "auth spike"},
  };
  for (const auto& [text, title] : rows) EXPECT_EQ(event_of(text).title, title) << text;
}

TEST(Shapes, LinksAreBuiltFromTheConsole) {
  EXPECT_EQ(event_of(R"({"case_id":"A/B ü","title":"t"})").wardex_url, "https://console.example/cases/A%2FB%20%C3%BC");
  EXPECT_EQ(event_of(R"({"type":"incident","data":{"id":88,"title":"t"}})").wardex_url,
            "https://console.example/incidents/88");
  EXPECT_EQ(event_of(R"({"title":"t"})").wardex_url, "https://console.example");
  auto options = test_options();
  options.console_url.clear();
  EXPECT_EQ(event_of(R"({"case_id":7,"title":"t"})", options).wardex_url, "");
  for (const auto* bad : {"javascript:alert(1)", "ftp://x", "https://a b", "//x", "https://x\\u0000"}) {
    const auto event = event_of(R"({"case_id":7,"title":"t","wardex_url":")" + std::string(bad) + "\"}");
    EXPECT_EQ(event.wardex_url, "https://console.example/cases/CASE-7") << bad;
    EXPECT_TRUE(event.labels.contains("wardex.url_refused")) << bad;
  }
}

TEST(Shapes, UnknownScalarsBecomeLabels) {
  const auto event = event_of(R"({"title":"t","platform":"linux","enforced":true,"n":1.10,"big":18446744073709551617,
    "sample":{"cpu_load_pct":97.5,"nested":{"deep":{"deeper":{"deepest":1}}}},"list":[1,2],"empty":"","none":null})");
  const std::map<std::string, std::string> expected{{"platform", "linux"},
                                                    {"enforced", "true"},
                                                    {"n", "1.10"},
                                                    {"big", "18446744073709551617"},
                                                    {"sample.cpu_load_pct", "97.5"}};
  EXPECT_EQ(event.labels, expected);
}

TEST(Shapes, WhatIsNoEventIsRejectedWithThePlace) {
  const struct {
    const char* text;
    const char* pointer;
    const char* word;
  } rows[] = {{"{}", "", "no event"},
              {R"({"foo":"bar"})", "", "no event"},
              {R"({"severity":"high"})", "", "no event"},
              {R"({"kind":"telemetry"})", "", "no event"},
              {"[]", "", "object"},
              {"\"text\"", "", "object"},
              {"7", "", "object"},
              {R"({"title":7})", "/title", "string"},
              {R"({"title":{"no":"text"}})", "/title", "string, not an object"},
              {R"({"title":"t","description":[1]})", "/description", "a list"},
              {R"({"title":"t","kind":"poem"})", "/kind", "telemetry"},
              {R"({"title":"t","kind":7})", "/kind", "telemetry"},
              {R"({"type":"alert","data":[]})", "/data", "object"},
              {R"({"type":"alert","data":{}})", "/data", "no event"},
              {R"({"type":"alert","data":{"title":false}})", "/data/title", "a boolean"},
              {R"({"hostname":"h","level":"Critical","narrative":{"headline":{}}})", "/narrative/headline", "string"}};
  for (const auto& row : rows) {
    const auto rejection = rejection_of(row.text);
    EXPECT_EQ(rejection.pointer, row.pointer) << row.text;
    EXPECT_NE(rejection.reason.find(row.word), std::string::npos) << row.text << ": " << rejection.reason;
  }
}

}  // namespace
}  // namespace wardex::normalise
