// 202 means durable: what is stored, handed on and answered, and when.
#include "unit/intake/intake_fixture.hpp"

namespace wardex::intake {
namespace {

class Accepting : public IntakeTest {};

TEST_F(Accepting, StoresWithTargetsHandsOnAndAnswers) {
  const std::string body = R"([{"title":"t","severity":"high","event_id":"e-1","case_id":1042}])";
  const auto answer = expect(202, post(body));
  EXPECT_EQ(last_.content_type, "application/json");
  EXPECT_EQ(answer, json::parse(R"({"accepted":1,"duplicates":0,"rejected":[],"ids":["e-1"]})"));

  ASSERT_EQ(store_.committed.size(), 1U);
  const auto& call = store_.committed.front();
  ASSERT_EQ(call.events.size(), 1U);
  const auto& stored = call.events.front();
  EXPECT_EQ(stored.event->original, body.substr(1, body.size() - 2));
  EXPECT_EQ(stored.event->case_id, "CASE-1042");
  EXPECT_EQ(stored.event->wardex_url, "https://console.example/cases/CASE-1042");
  EXPECT_EQ(stored.event->received_at.str(), "2026-04-21T14:22:09.000Z");
  ASSERT_EQ(stored.targets.size(), 2U);
  EXPECT_EQ(stored.targets[0].connector, "hook");
  EXPECT_EQ(stored.targets[0].why, "matrix high");
  EXPECT_EQ(stored.targets[1].muted, "window 'nights'");
  EXPECT_EQ(call.audit.actor, "anonymous");
  EXPECT_EQ(call.audit.action, "accept");
  EXPECT_EQ(call.audit.outcome, "accepted");
  EXPECT_EQ(call.audit.count, 1U);
  EXPECT_EQ(call.audit.at, clock_.now);
  EXPECT_EQ(call.audit.request_digest, hex(sha256(body)));

  ASSERT_EQ(handed_on_.size(), 1U);
  EXPECT_EQ(handed_on_.front().seq, 1U);
  EXPECT_EQ(handed_on_.front().event, stored.event);
  EXPECT_EQ(handed_on_.front().connectors, std::vector<std::string>{"hook"});  // not the muted one
}

TEST_F(Accepting, NothingIsAcknowledgedOrHandedOnBeforeTheCommit) {
  store_.hold = true;
  EXPECT_FALSE(send(post(std::string(kEvent))).has_value());
  EXPECT_TRUE(handed_on_.empty());
  EXPECT_EQ(endpoint_->stats().accepted, 0U);
  store_.commit_next();
  loop_.restart();
  loop_.poll();
  ASSERT_TRUE(answers_.back()->has_value());
  EXPECT_EQ((*answers_.back())->status, 202);
  EXPECT_EQ(handed_on_.size(), 1U);
}

TEST_F(Accepting, AStoreThatFailsMeans503AndNothingTaken) {
  for (const auto fault : {store::Fault::full, store::Fault::io, store::Fault::corrupt, store::Fault::closed}) {
    store_.fail_with = store::Error{fault, "/var/lib/wardex-gateway/gateway.db: disk I/O error"};
    expect(503, post(std::string(kEvent)));
    EXPECT_EQ(header_of(last_, "Retry-After"), "5");
    EXPECT_EQ(last_.body.find("/var/lib"), std::string::npos);
  }
  EXPECT_TRUE(handed_on_.empty());
  EXPECT_EQ(endpoint_->stats().accepted, 0U);
  store_.fail_with.reset();
  EXPECT_EQ(expect(202, post(std::string(kEvent)))["accepted"], 1);
}

TEST_F(Accepting, ClosedIntakeSaysWhyAndWhenToComeBack) {
  closed_ = "the backlog is over its mark";
  const auto problem = expect(503, post(std::string(kEvent)));
  EXPECT_NE(problem["detail"].get<std::string>().find("backlog"), std::string::npos);
  EXPECT_EQ(header_of(last_, "Retry-After"), "5");
  EXPECT_TRUE(store_.committed.empty());
}

TEST_F(Accepting, ABacklogAtItsMarkIs429AndClosedComesFirst) {
  room_ = {Room::For::nothing, "1000000 events wait to be delivered"};
  const auto problem = expect(429, post(std::string(kEvent)));
  EXPECT_EQ(problem["type"], "urn:wardex:problem:backlog");
  EXPECT_EQ(header_of(last_, "Retry-After"), "30");
  closed_ = "the disk is full";
  expect(503, post(std::string(kEvent)));
  EXPECT_TRUE(store_.committed.empty());
  closed_.clear();
  room_ = {};
  expect(202, post(std::string(kEvent)));
}

TEST_F(Accepting, ARepeatedEventIsADuplicate) {
  EXPECT_EQ(expect(202, post(std::string(kEvent)))["accepted"], 1);
  const auto again = expect(202, post(std::string(kEvent)));
  EXPECT_EQ(again["accepted"], 0);
  EXPECT_EQ(again["duplicates"], 1);
  EXPECT_EQ(again["ids"], json::array({"e-1"}));
  const auto within = expect(202, post(R"([{"title":"x"},{"title":"x"},{"title":"y"}])"));
  EXPECT_EQ(within["accepted"], 2);
  EXPECT_EQ(within["duplicates"], 1);
  EXPECT_EQ(within["ids"][0], within["ids"][1]);
  EXPECT_EQ(handed_on_.size(), 3U);
  EXPECT_EQ(endpoint_->stats().duplicates, 2U);
}

TEST_F(Accepting, AnIdempotencyKeyTellsEventsApartOrTogether) {
  const auto with_key = [&](const char* body, const char* key) {
    return expect(202, post(body, {{"Idempotency-Key", key}}))["ids"];
  };
  const auto first = with_key(R"([{"title":"a"},{"title":"a"}])", "k1");
  EXPECT_NE(first[0], first[1]);
  EXPECT_EQ(first, with_key(R"([{"title":"a"},{"title":"changed"}])", "k1"));
  EXPECT_NE(first, with_key(R"([{"title":"a"},{"title":"a"}])", "k2"));
  EXPECT_EQ(with_key(R"({"title":"a","event_id":"own"})", "k1"), json::array({"own"}));
}

TEST_F(Accepting, HeartbeatsAreAcknowledgedAndNotStored) {
  const auto answer = expect(202, post(R"({"type":"heartbeat","timestamp":"2026-04-21T14:22:09Z","data":{}})"));
  EXPECT_EQ(answer, json::parse(R"({"accepted":0,"duplicates":0,"rejected":[],"ids":[null]})"));
  EXPECT_TRUE(store_.committed.empty());
  const auto mixed = expect(202, post(R"([{"type":"heartbeat"},{"title":7},{"title":"t","event_id":"e"}])"));
  EXPECT_EQ(mixed["ids"], json::parse(R"([null,null,"e"])"));
  EXPECT_EQ(mixed["accepted"], 1);
  expect(202, post(R"([{"type":"heartbeat"},{"title":7}])"));
  EXPECT_EQ(endpoint_->stats().heartbeats, 3U);
}

TEST_F(Accepting, AnEmptyArrayIsNoError) {
  EXPECT_EQ(expect(202, post("[]")), json::parse(R"({"accepted":0,"duplicates":0,"rejected":[],"ids":[]})"));
  EXPECT_TRUE(store_.committed.empty());
}

TEST_F(Accepting, LargeBatchesYieldToTheLoop) {
  std::string body = "[";
  for (int i = 0; i < 1000; ++i)
    body += (i == 0 ? "" : ",") + (R"({"title":"t","event_id":")" + std::to_string(i) + "\"}");
  body += "]";
  auto answered = std::make_shared<bool>(false);
  asio::co_spawn(loop_, endpoint_->handle(post(body)),
                 [answered](const std::exception_ptr&, const transport::ServerResponse& response) {
                   *answered = response.status == 202;
                 });
  std::size_t turns = 0;
  while (loop_.poll_one() != 0) ++turns;
  EXPECT_TRUE(*answered);
  EXPECT_GE(turns, 1000U / 128U);
  EXPECT_EQ(handed_on_.size(), 1000U);
  EXPECT_EQ(handed_on_.back().seq, 1000U);
}

TEST_F(Accepting, AReloadHoldsForTheNextRequest) {
  expect(202, post(R"({"title":"t","case_id":1})"));
  auto next = std::make_shared<config::Config>(*config_);
  next->wardex.case_prefix = "INC-";
  config_ = next;
  expect(202, post(R"({"title":"t","case_id":2})"));
  EXPECT_EQ(store_.committed_events()[0]->case_id, "CASE-1");
  EXPECT_EQ(store_.committed_events()[1]->case_id, "INC-2");
}

TEST_F(Accepting, EveryRequestIsCountedOnce) {
  expect(202, post(std::string(kEvent)));
  expect(415, post(std::string(kEvent), {{"Content-Type", "text/csv"}}));
  expect(400, post(""));
  EXPECT_EQ(endpoint_->stats().requests, 3U);
  EXPECT_EQ(endpoint_->stats().unauthorised, 0U);
}

}  // namespace
}  // namespace wardex::intake
