// The published and recomputed vectors of each scheme.
#include "webhook/signature.hpp"

#include <gtest/gtest.h>

namespace wardex::webhook {
namespace {

constexpr const char* kKey1 = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
constexpr const char* kKey2 = "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
constexpr const char* kBody = R"({"case_id":"CASE-1042"})";
constexpr std::int64_t kTime = 1776781329;

std::vector<Secret> secrets(std::initializer_list<const char*> texts) {
  std::vector<Secret> out;
  for (const auto* text : texts) out.emplace_back(std::string(text));
  return out;
}

/// "name: value" lines.
std::string lines(const std::vector<Header>& headers) {
  std::string out;
  for (const auto& header : headers) out += header.name + ": " + header.value.reveal() + "\n";
  return out;
}

TEST(Signature, StandardWebhooksPublishedVector) {
  EXPECT_EQ(lines(sign({}, secrets({"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}), "msg_p5jXN8AQM9LWM0D4loKWxJek",
                       1614265330, R"({"test": 2432232314})")),
            "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=\n");
}

TEST(Signature, StandardWithTwoSecretsListsBoth) {
  EXPECT_EQ(lines(sign({}, secrets({kKey1, kKey2}), "evt_CASE-1042_7", kTime, kBody)),
            "webhook-signature: v1,bUsTZjR7JjXk4Ted1mj4hu2flJ7YEEt2ifqrX3Wr2Vc= "
            "v1,aBYBOJ6lcu9m12UtByl2gk/OmBMvSZUSPYiyPSFU+5U=\n");
}

TEST(Signature, TheStandardPrefixMayBeLeftOut) {
  EXPECT_EQ(standard_key("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), standard_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
  EXPECT_EQ(standard_key("whsec_not base64!"), std::nullopt);
}

TEST(Signature, GithubPublishedVector) {
  Signing signing;
  signing.scheme = Scheme::github;
  EXPECT_EQ(lines(sign(signing, secrets({"It's a Secret to Everybody"}), "id", kTime, "Hello, World!")),
            "X-Hub-Signature-256: sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17\n");
}

TEST(Signature, GithubPutsTheOldSecretBeside) {
  Signing signing;
  signing.scheme = Scheme::github;
  signing.header = "X-Sig";
  const auto headers = sign(signing, secrets({"new", "old"}), "id", kTime, kBody);
  ASSERT_EQ(headers.size(), 2U);
  EXPECT_EQ(headers[0].name, "X-Sig");
  EXPECT_EQ(headers[1].name, "X-Sig-Old");
  EXPECT_NE(headers[0].value.reveal(), headers[1].value.reveal());
}

TEST(Signature, TimestampedCombinedAndSplit) {
  Signing signing;
  signing.scheme = Scheme::timestamped;
  const auto key = secrets({"wardex-test-secret"});
  EXPECT_EQ(lines(sign(signing, key, "id", kTime, kBody)),
            "X-Wardex-Signature: t=1776781329,v1=889d6463ac54ec9c7ffd552a60028356d477c2c0d62fab55b00949f15c78bdee\n");
  signing.layout = Layout::split;
  signing.separator = Separator::colon;
  signing.header = "X-Grafana-Alerting-Signature";
  signing.timestamp_header = "X-Grafana-Time";
  EXPECT_EQ(lines(sign(signing, key, "id", kTime, kBody)),
            "X-Grafana-Time: 1776781329\n"
            "X-Grafana-Alerting-Signature: a3a1a39a33b55205e12b927ace7251dd5f5601ab1c0912fe473f339ba1a5ddaa\n");
}

TEST(Signature, NoneSignsNothing) {
  Signing signing;
  signing.scheme = Scheme::none;
  EXPECT_TRUE(sign(signing, secrets({kKey1}), "id", kTime, kBody).empty());
  EXPECT_TRUE(sign({}, {}, "id", kTime, kBody).empty());
}

}  // namespace
}  // namespace wardex::webhook
