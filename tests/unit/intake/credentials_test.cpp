// Who may send, and what the others hear.
#include "unit/intake/intake_fixture.hpp"

namespace wardex::intake {
namespace {

class Credentials : public IntakeTest {
 protected:
  Credentials() {
    auto& auth = config_->intake.auth;
    auth.none = false;
    auth.tokens.resize(2);
    auth.tokens[0].name = "control-plane";
    auth.tokens[0].token = Secret(std::string(kToken));
    auth.tokens[1].name = "backup-plane";
    auth.tokens[1].token = Secret(std::string(kOtherToken));
    auth.hmac.resize(1);
    auth.hmac[0].name = "signer";
    auth.hmac[0].secrets.emplace_back("whsec_" + base64(std::string(32, 'k')));
    auth.mtls.resize(1);
    auth.mtls[0].name = "forwarder";
    auth.mtls[0].subject = "fwd.corp.example";
  }

  transport::ServerRequest signed_post(const std::string& body, std::int64_t seconds_off = 0,
                                       const std::string& id = "msg_1", char key = 'k') const {
    const auto at =
        std::to_string(std::chrono::floor<std::chrono::seconds>(clock_.now).time_since_epoch().count() + seconds_off);
    const auto mac = base64(hmac_sha256(std::string(32, key), id + "." + at + "." + body));
    return post(body, {{"webhook-id", id}, {"webhook-timestamp", at}, {"webhook-signature", "v1,bogus= v1," + mac}});
  }
  std::string last_actor() const { return store_.committed.empty() ? "" : store_.committed.back().audit.actor; }
};

TEST_F(Credentials, EveryTokenAndNoOther) {
  const struct {
    std::string authorization;
    const char* actor;  ///< null: refused
  } rows[] = {{"Bearer " + std::string(kToken), "control-plane"},
              {"bearer " + std::string(kOtherToken), "backup-plane"},
              {"BEARER   " + std::string(kToken), "control-plane"},
              {"Bearer wrong", nullptr},
              {"Bearer " + std::string(kToken) + "x", nullptr},
              {"Bearer " + std::string(kToken).substr(1), nullptr},
              {"Bearer", nullptr},
              {"Bearer ", nullptr},
              {"", nullptr},
              {std::string(kToken), nullptr},
              {"Basic " + std::string(kToken), nullptr}};
  std::optional<std::string> refusal;
  for (const auto& row : rows) {
    const auto before = store_.committed.size();
    expect(row.actor != nullptr ? 202 : 401, post(std::string(kEvent), {{"Authorization", row.authorization}}));
    if (row.actor != nullptr) {
      EXPECT_EQ(last_actor(), row.actor) << row.authorization;
      EXPECT_EQ(store_.committed_events().back()->origin, row.actor);
    } else {
      EXPECT_EQ(store_.committed.size(), before);
      EXPECT_EQ(header_of(last_, "WWW-Authenticate"), "Bearer realm=\"wardex-gateway\"");
      EXPECT_EQ(refusal.value_or(last_.body), last_.body) << "all wrong credentials hear the same";
      refusal = last_.body;
    }
  }
  EXPECT_EQ(endpoint_->stats().unauthorised, 8U);
  EXPECT_EQ(endpoint_->stats().requests, 11U);
}

TEST_F(Credentials, AnEmptyTokenOpensNothing) {
  config_->intake.auth.tokens[0].token = Secret();
  expect(401, post(std::string(kEvent), {{"Authorization", "Bearer "}}));
  expect(401, post(std::string(kEvent)));
}

TEST_F(Credentials, Signatures) {
  expect(202, signed_post(std::string(kEvent)));
  EXPECT_EQ(last_actor(), "signer");
  auto tampered = signed_post(std::string(kEvent));
  tampered.body += " ";
  expect(401, tampered);
  expect(401, signed_post(std::string(kEvent), 0, "msg_2", 'x'));
  EXPECT_NE(expect(401, signed_post(std::string(kEvent), -301))["detail"].get<std::string>().find("clock"),
            std::string::npos);
  expect(401, signed_post(std::string(kEvent), 301));
  auto missing = signed_post(std::string(kEvent));
  missing.headers.erase(missing.headers.begin());
  expect(401, missing);
  EXPECT_EQ(store_.committed.size(), 1U);
  EXPECT_EQ(endpoint_->stats().unauthorised, 5U);
}

TEST_F(Credentials, ACapturedRequestSentAgainHasNoEffect) {
  const std::string body = R"({"title":"no id of its own"})";
  const auto captured = signed_post(body);
  EXPECT_EQ(expect(202, captured)["accepted"], 1);
  EXPECT_EQ(expect(202, captured)["duplicates"], 1);
  auto forged = captured;
  forged.headers.emplace_back("Idempotency-Key", "something-else");
  EXPECT_EQ(expect(409, forged)["type"], "urn:wardex:problem:message-id-reused");
  clock_.now += std::chrono::minutes(6);
  expect(401, captured);
  EXPECT_EQ(handed_on_.size(), 1U);
}

TEST_F(Credentials, ClientCertificates) {
  auto request = post(std::string(kEvent));
  request.client_names = {"someone", "fwd.corp.example"};
  expect(202, request);
  EXPECT_EQ(last_actor(), "forwarder");
  request.client_names = {"stranger.corp.example", "FWD.corp.example"};
  const auto problem = expect(403, request);
  EXPECT_NE(problem["detail"].get<std::string>().find("stranger.corp.example"), std::string::npos);
  config_->intake.auth.mtls.clear();
  expect(401, request);
}

TEST_F(Credentials, AWrongOneIsNotMadeUpForByAnother) {
  auto request = signed_post(std::string(kEvent));
  request.client_names = {"fwd.corp.example"};
  request.headers.emplace_back("Authorization", "Bearer wrong");
  expect(401, request);
  request.headers.pop_back();
  request.headers.back().second = "v1,AAAA";
  expect(401, request);
}

TEST_F(Credentials, TheLocalSocketIsGuardedByFilePermissions) {
  auto request = post(std::string(kEvent));
  request.local_socket = true;
  expect(202, request);
  EXPECT_EQ(last_actor(), "local");
}

TEST_F(Credentials, StrangersLearnNothingElse) {
  closed_ = "the disk is nearly full";
  for (auto request : {post(std::string(kEvent)), post("{", {{"Content-Type", "text/csv"}, {"Idempotency-Key", ""}})}) {
    expect(401, request);
    EXPECT_EQ(last_.body.find("disk"), std::string::npos);
  }
  expect(401, signed_post(std::string(kEvent), 0, "msg_2", 'x'));
  expect(503, signed_post(std::string(kEvent)));
}

TEST_F(Credentials, NoneMeansAnybodyAndSaysSo) {
  config_->intake.auth.none = true;
  expect(202, post(std::string(kEvent), {{"Authorization", "Bearer wrong"}}));
  EXPECT_EQ(last_actor(), "anonymous");
}

TEST_F(Credentials, SecretsAreInNoAnswer) {
  for (const auto& authorization : {"Bearer " + std::string(kToken) + "x", std::string("Basic Zm9v")}) {
    expect(401, post(std::string(kEvent), {{"Authorization", authorization}}));
    EXPECT_EQ(last_.body.find(kToken), std::string::npos);
    EXPECT_EQ(last_.body.find("Zm9v"), std::string::npos);
  }
}

}  // namespace
}  // namespace wardex::intake
