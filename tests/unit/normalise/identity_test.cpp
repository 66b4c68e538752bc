#include "unit/normalise/reading.hpp"

namespace wardex::normalise {
namespace {

using nlohmann::json;

std::string id_of(std::string_view text, const Options& options = test_options()) { return event_of(text, options).id; }

constexpr auto kAlert = R"({"timestamp":"2026-04-21T14:25:41.310Z","hostname":"web-03","level":"Critical","score":8.7,
  "reasons":["a","b"],"id":4711,"_index":4711,"entities":[],"mitre":["T1110"]})";

TEST(Identity, IsTheSendersOwnWhereItHasOne) {
  EXPECT_EQ(id_of(R"({"title":"t","event_id":"e-1"})"), "e-1");
  EXPECT_EQ(id_of(R"({"title":"t","event_id":18446744073709551617})"), "18446744073709551617");
  EXPECT_EQ(id_of(R"({"title":"t","id":"own","kind":"alert"})"), "own");
  EXPECT_EQ(id_of(R"({"title":"t","id":"own","case_id":"c"})"), "own");
  EXPECT_EQ(id_of(R"({"title":"t","id":"other","event_id":"own","kind":"alert"})"), "own");
  EXPECT_EQ(id_of(R"({"type":"alert","id":"own","timestamp":"x","data":{"title":"t"}})"), "own");
}

TEST(Identity, IsNotAnyId) {
  const auto event = event_of(R"({"title":"t","id":"something"})");
  EXPECT_TRUE(event.id.starts_with("evt_"));
  EXPECT_EQ(event.id.size(), 36U);
  EXPECT_EQ(event.labels.at("id"), "something");
  EXPECT_TRUE(id_of(R"({"title":"t","id":7,"kind":"alert"})").starts_with("evt_"));
}

TEST(Identity, DependsOnNeitherKeyOrderNorSpace) {
  EXPECT_EQ(id_of(R"({"title":"t","severity":"high","tags":["a","b"]})"),
            id_of("{ \"tags\" : [\"a\",\"b\"],\n\t\"severity\":\"high\",\"title\":\"\\u0074\"}"));
  EXPECT_NE(id_of(R"({"title":"t","tags":["a","b"]})"), id_of(R"({"title":"t","tags":["b","a"]})"));
}

TEST(Identity, IsTheSameForeverAsRecordedHere) {
  // These values are in databases: a change makes every repeated post a new event.
  EXPECT_EQ(id_of(R"({"title":"t"})"), "evt_a2c2a82f67804a00f6a59de725e351ea");
  EXPECT_EQ(id_of(kAlert), "evt_6d4714229bda3bda2e211c316ee913fe");
  auto options = test_options();
  options.idempotency_key = "key-1";
  EXPECT_EQ(id_of(R"({"title":"t"})", options), "evt_8cd6ab0f1d63e9a1c8ab6b3af2974dbb");
}

TEST(Identity, OfAnAlertRecordIgnoresItsPositionAndWhatIsComputed) {
  auto moved = json::parse(kAlert);
  moved["id"] = 12;
  moved["_index"] = 12;
  moved["entities"] = json::parse(R"([{"entity_type":"ip","value":"192.0.2.1","start":0,"end":9}])");
  moved["process_names"] = {"sshd"};
  EXPECT_EQ(id_of(kAlert), id_of(moved.dump()));
  moved["score"] = 8.8;
  EXPECT_NE(id_of(kAlert), id_of(moved.dump()));

  auto timeless = json::parse(kAlert);
  timeless.erase("timestamp");
  const auto before = id_of(timeless.dump());
  timeless["id"] = 99;
  EXPECT_EQ(before, id_of(timeless.dump()));
  timeless["process"] = "other";
  EXPECT_NE(before, id_of(timeless.dump()));
}

TEST(Identity, IsTheSamePushedPolledAndPosted) {
  const std::string alert = kAlert;
  EXPECT_EQ(id_of(alert), id_of(R"({"type":"alert","timestamp":"2026-04-21T14:25:42Z","data":)" + alert + "}"));
  EXPECT_EQ(id_of(alert), id_of(R"({"cursor":"7","lane":"alerts","event_type":"alert","data":)" + alert + "}"));
}

TEST(Identity, OfWhatHasNoTimeIncludesTheEnvelopes) {
  const auto at = [](const char* time) {
    return id_of(std::string(R"({"type":"agent","timestamp":")") + time +
                 R"(","data":{"agent_id":"a","state":"offline"}})");
  };
  EXPECT_NE(at("2026-04-21T14:00:00Z"), at("2026-04-21T15:00:00Z"));
  EXPECT_EQ(at("2026-04-21T14:00:00Z"), at("2026-04-21T14:00:00Z"));
}

TEST(Identity, OfACaseChangesWithTheCase) {
  const auto event = [](const char* updated) {
    return event_of(
        std::string(
            R"({"id":7,"title":"t","status":"New","priority":"High","created_at":"2026-04-21T14:00:00Z","updated_at":")") +
        updated + "\"}");
  };
  const auto first = event("2026-04-21T14:00:00Z");
  const auto second = event("2026-04-21T14:30:00Z");
  EXPECT_EQ(first.case_id, "CASE-7");
  EXPECT_EQ(first.case_id, second.case_id);
  EXPECT_NE(first.id, second.id);
}

TEST(Identity, FromTheIdempotencyKeyDependsOnKeySenderAndPosition) {
  auto options = test_options();
  options.idempotency_key = "key-1";
  const auto first = id_of(R"({"title":"a"})", options);
  EXPECT_EQ(first, id_of(R"({"title":"b"})", options));
  EXPECT_EQ(id_of(R"({"title":"a","event_id":"own"})", options), "own");
  options.index = 1;
  EXPECT_NE(first, id_of(R"({"title":"a"})", options));
  options.index = 0;
  options.origin = "other";
  EXPECT_NE(first, id_of(R"({"title":"a"})", options));
}

TEST(Identity, IsBounded) {
  EXPECT_EQ(id_of(R"({"title":"t","event_id":")" + std::string(200, 'x') + "\"}"), std::string(200, 'x'));
  const struct {
    std::string text;
    const char* pointer;
  } rows[] = {{R"({"title":"t","event_id":")" + std::string(201, 'x') + "\"}", "/event_id"},
              {R"({"title":"t","event_id":"a\nb"})", "/event_id"},
              {R"({"title":"t","event_id":"a\u0000b"})", "/event_id"},
              {R"({"title":"t","event_id":{}})", "/event_id"},
              {R"({"title":"t","event_id":true})", "/event_id"},
              {R"({"title":"t","case_id":["c"]})", "/case_id"},
              {R"({"title":"t","case_id":"a\u007fb"})", "/case_id"},
              {R"({"title":"t","case_id":")" + std::string(198, '1') + "\"}", "/case_id"},
              {R"({"type":"alert","data":{"title":"t","event_id":"\u0001"}})", "/data/event_id"},
              {R"({"type":"alert","id":"\u0001","data":{"title":"t"}})", "/id"}};
  for (const auto& row : rows) {
    const auto rejection = rejection_of(row.text);
    EXPECT_EQ(rejection.pointer, row.pointer) << row.text;
    EXPECT_FALSE(rejection.reason.empty());
  }
}

TEST(Identity, ThreeSpellingsOfACaseAreOneCase) {
  for (const auto* text : {R"({"title":"t","case_id":1042})", R"({"title":"t","case_id":"1042"})",
                           R"({"title":"t","case_id":"CASE-1042"})"})
    EXPECT_EQ(event_of(text).case_id, "CASE-1042");
  EXPECT_EQ(event_of(R"({"title":"t","case_id":18446744073709551617})").case_id, "CASE-18446744073709551617");
}

}  // namespace
}  // namespace wardex::normalise
