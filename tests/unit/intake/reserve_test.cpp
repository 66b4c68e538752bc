// Beyond a mark: what is critical is taken, the rest is turned away, and repeating the whole request loses and doubles
// nothing.
#include "unit/intake/intake_fixture.hpp"

namespace wardex::intake {
namespace {

constexpr const char* kMixed = R"([{"title":"a","severity":"critical","event_id":"c-1"},
  {"title":"b","severity":"high","event_id":"h-1"},
  {"title":7},
  {"title":"d","severity":"critical"},
  {"title":"e","severity":"low"}])";

class Reserve : public IntakeTest {
 protected:
  void full(Room::For left) { room_ = {left, "the backlog is at its mark (intake.high_water.pending)"}; }
  [[nodiscard]] std::size_t stored() const { return handed_on_.size(); }
};

TEST_F(Reserve, TakesARequestOfCriticalEventsOnly) {
  full(Room::For::critical);
  const auto answer = expect(
      202, post(R"([{"title":"a","severity":"critical"},{"title":"b","severity":"fatal"},{"type":"heartbeat"}])"));
  EXPECT_EQ(answer["accepted"], 2);
  EXPECT_EQ(stored(), 2U);
}

TEST_F(Reserve, TurnsAwayARequestWithoutOne) {
  full(Room::For::critical);
  const auto problem = expect(429, post(R"([{"title":"a","severity":"high"},{"title":"b"}])"));
  EXPECT_EQ(problem["type"], "urn:wardex:problem:backlog");
  EXPECT_NE(problem["detail"].get<std::string>().find("intake.high_water.pending"), std::string::npos);
  EXPECT_EQ(header_of(last_, "Retry-After"), "30");
  EXPECT_FALSE(problem.contains("ids"));
  EXPECT_TRUE(store_.committed.empty());
}

TEST_F(Reserve, OfAMixedRequestTakesTheCriticalOnesAndSaysWhich) {
  full(Room::For::critical);
  const auto problem = expect(429, post(kMixed));
  EXPECT_EQ(problem["accepted"], 2);
  EXPECT_EQ(problem["duplicates"], 0);
  EXPECT_EQ(problem["turned_away"], 2);
  EXPECT_EQ(problem["rejected"][0]["index"], 2);
  EXPECT_EQ(header_of(last_, "Retry-After"), "30");
  ASSERT_EQ(problem["ids"].size(), 5U);
  EXPECT_EQ(problem["ids"][0], "c-1");
  EXPECT_TRUE(problem["ids"][1].is_null());
  EXPECT_TRUE(problem["ids"][2].is_null());
  EXPECT_TRUE(problem["ids"][3].is_string());
  EXPECT_TRUE(problem["ids"][4].is_null());
  ASSERT_EQ(stored(), 2U);
  EXPECT_EQ(handed_on_[0].event->id, "c-1");
  EXPECT_EQ(handed_on_[1].event->title, "d");
  EXPECT_EQ(endpoint_->stats().accepted, 2U);
  EXPECT_EQ(endpoint_->stats().turned_away, 2U);
  const auto& audit = store_.committed.front().audit;
  EXPECT_EQ(audit.count, 2U);
  EXPECT_NE(audit.detail.find("2 were turned away"), std::string::npos) << audit.detail;
}

TEST_F(Reserve, RepeatingTheWholeRequestLosesAndDoublesNothing) {
  for (const bool with_key : {false, true}) {
    SCOPED_TRACE(with_key ? "with an Idempotency-Key" : "without");
    const auto body = [&] {
      return post(kMixed,
                  with_key ? decltype(post("").headers){{"Idempotency-Key", "k"}} : decltype(post("").headers){});
    };
    const auto before = stored();
    full(Room::For::critical);
    const auto first = expect(429, body());
    const auto taken = first["accepted"].get<std::size_t>();
    const auto again = expect(429, body());  // still no room: nothing is stored twice
    EXPECT_EQ(again["accepted"], 0);
    EXPECT_EQ(again["ids"], first["ids"]);
    room_ = {};
    const auto all = expect(202, body());
    EXPECT_EQ(all["accepted"].get<std::size_t>() + all["duplicates"].get<std::size_t>(), 4U);
    for (std::size_t i = 0; i < 5; ++i) {
      if (first["ids"][i].is_null()) continue;
      EXPECT_EQ(all["ids"][i], first["ids"][i]) << i;
    }
    EXPECT_EQ(stored() - before, taken + all["accepted"].get<std::size_t>());
    std::set<std::string> ids;
    for (const auto& event : handed_on_) EXPECT_TRUE(ids.insert(event.event->id).second) << event.event->id;
  }
}

TEST_F(Reserve, BeyondItTheHeaderAloneIsRefused) {
  auto header = post("");
  full(Room::For::critical);
  EXPECT_FALSE(endpoint_->check(header));  // the body may hold something critical
  full(Room::For::nothing);
  const auto refused = endpoint_->check(header);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 429);
  EXPECT_EQ(expect(429, post(R"({"title":"a","severity":"critical"})"))["status"], 429);
  EXPECT_TRUE(store_.committed.empty());
}

TEST_F(Reserve, IsLookedAtAgainWhenTheBodyIsThere) {
  // The header came while there was room; meanwhile the reserve is used up as well.
  int asked = 0;
  endpoint_ = std::make_unique<EventsEndpoint>(
      store_, clock_,
      Hooks{.generation =
                [this] {
                  return Generation{config_, router_};
                },
            .accepted = [](const std::vector<AcceptedEvent>&) {},
            .closed = [] { return std::string(); },
            .room =
                [&asked] {
                  return ++asked < 4 ? Room{} : Room{Room::For::nothing, "full (intake.high_water.x)"};
                }});
  expect(429, post(R"({"title":"a","severity":"critical"})"));
  EXPECT_TRUE(store_.committed.empty());
}

}  // namespace
}  // namespace wardex::intake
