#include "intake/signature.hpp"

#include <gtest/gtest.h>

#include "intake/seen_messages.hpp"
#include "wardex/crypto.hpp"

namespace wardex::intake {
namespace {

using std::chrono::seconds;

// Two vectors of the Standard Webhooks form, one of them with rotated secrets.
constexpr auto kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::int64_t kAt = 1614265330;
const SignedMessage kVector{"msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330",
                            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", R"({"test": 2432232314})"};

WallTime at(std::int64_t unix_seconds) { return WallTime(seconds(unix_seconds)); }

std::vector<config::HmacSender> senders(std::initializer_list<std::pair<const char*, std::vector<std::string>>> given) {
  std::vector<config::HmacSender> out;
  for (const auto& [name, secrets] : given) {
    auto& sender = out.emplace_back();
    sender.name = name;
    for (const auto& secret : secrets) sender.secrets.emplace_back(secret);
  }
  return out;
}

TEST(Signature, TheSpecificationsVectorVerifies) {
  const auto verified = verify(senders({{"signer", {kSecret}}}), kVector, at(kAt));
  EXPECT_EQ(verified.validity, Validity::valid);
  EXPECT_EQ(verified.sender, "signer");
  EXPECT_EQ(verify(senders({{"signer", {std::string(kSecret).substr(6)}}}), kVector, at(kAt)).validity, Validity::valid)
      << "the prefix is optional";
}

TEST(Signature, AnyOfSeveralSecretsAndSignaturesWillDo) {
  const auto both = senders(
      {{"other", {"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}},
       {"rotating",
        {"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="}}});
  for (const auto* signature :
       {"v1,bUsTZjR7JjXk4Ted1mj4hu2flJ7YEEt2ifqrX3Wr2Vc=", "v1,aBYBOJ6lcu9m12UtByl2gk/OmBMvSZUSPYiyPSFU+5U=",
        "v1a,ZWQyNTUxOQ== v1,bogus v1,aBYBOJ6lcu9m12UtByl2gk/OmBMvSZUSPYiyPSFU+5U="}) {
    const auto verified =
        verify(both, {"evt_CASE-1042_7", "1776781329", signature, R"({"case_id":"CASE-1042"})"}, at(1776781329));
    EXPECT_EQ(verified.validity, Validity::valid) << signature;
    EXPECT_EQ(verified.sender, "rotating");
  }
}

TEST(Signature, OnlyWithinFiveMinutesEitherWay) {
  const auto who = senders({{"signer", {kSecret}}});
  for (const int off : {-300, -1, 0, 1, 300})
    EXPECT_EQ(verify(who, kVector, at(kAt + off)).validity, Validity::valid) << off;
  for (const int off : {-301, 301, -86400, 86400})
    EXPECT_EQ(verify(who, kVector, at(kAt + off)).validity, Validity::stale) << off;
}

TEST(Signature, NothingElseVerifies) {
  const auto who = senders({{"signer", {kSecret}}});
  const auto changed = [&](auto change) {
    SignedMessage message = kVector;
    change(message);
    return verify(who, message, at(kAt)).validity;
  };
  EXPECT_EQ(changed([](auto& m) { m.body = R"({"test": 2432232315})"; }), Validity::invalid);
  EXPECT_EQ(changed([](auto& m) { m.id = "msg_other"; }), Validity::invalid);
  EXPECT_EQ(changed([](auto& m) { m.id = ""; }), Validity::invalid);
  EXPECT_EQ(changed([](auto& m) { m.timestamp = "1614265331"; }), Validity::invalid);
  for (const auto* time : {"", "now", "-1614265330", "1614265330.0", " 1614265330", "99999999999999999999"})
    EXPECT_EQ(changed([&](auto& m) { m.timestamp = time; }), Validity::invalid) << time;
  for (const auto* signature :
       {"", "v1,", "v1", "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OF="})
    EXPECT_EQ(changed([&](auto& m) { m.signature = signature; }), Validity::invalid) << signature;
  EXPECT_EQ(verify({}, kVector, at(kAt)).validity, Validity::invalid);
  EXPECT_EQ(verify(senders({{"signer", {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx"}}}), kVector, at(kAt)).validity,
            Validity::invalid);
}

TEST(Signature, AnEmptyKeyIsNobodys) {
  const auto mac = "v1," + base64(hmac_sha256("", "m.1614265330.x"));
  EXPECT_EQ(verify(senders({{"broken", {"whsec_", "whsec_!!"}}}), {"m", "1614265330", mac, "x"}, at(kAt)).validity,
            Validity::invalid);
}

TEST(Signature, AnIdWithADotCouldBeTwoMessages) {
  const auto key = base64_decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").value();
  const auto mac = "v1," + base64(hmac_sha256(key, "m.1614265330.1614265330.x"));
  const auto who = senders({{"signer", {kSecret}}});
  EXPECT_EQ(verify(who, {"m", "1614265330", mac, "1614265330.x"}, at(kAt)).validity, Validity::valid);
  EXPECT_EQ(verify(who, {"m.1614265330", "1614265330", mac, "x"}, at(kAt)).validity, Validity::invalid);
}

TEST(SeenMessages, BindAnIdToItsKeyWhileItsSignatureCanBeFresh) {
  SeenMessages seen;
  EXPECT_TRUE(seen.admit("a", "m1", "", at(0)));
  EXPECT_TRUE(seen.admit("a", "m1", "", at(10)));
  EXPECT_FALSE(seen.admit("a", "m1", "forged", at(10)));
  EXPECT_TRUE(seen.admit("b", "m1", "own", at(10)));
  EXPECT_FALSE(seen.admit("a", "m1", "forged", at(600)));
  EXPECT_TRUE(seen.admit("a", "m1", "new", at(601)));
  EXPECT_TRUE(seen.admit("b", "m2", "", at(10'000)));
  EXPECT_EQ(seen.size(), 1U);
}

TEST(SeenMessages, AreBounded) {
  SeenMessages seen(100);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.admit("a", "m" + std::to_string(i), "", at(1)));
  EXPECT_LE(seen.size(), 101U);
  EXPECT_FALSE(seen.admit("a", "m999", "forged", at(1)));
}

}  // namespace
}  // namespace wardex::intake
