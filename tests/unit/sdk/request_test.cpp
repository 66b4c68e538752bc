#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "wardex/request.hpp"
#include "wardex/response.hpp"

namespace wardex {
namespace {

HttpRequest http() {
  HttpRequest r;
  r.url = SensitiveText("https://hooks.example/").append(Secret("T0/B0/key"));
  r.headers = {{"Content-Type", "application/json"}, {"Authorization", SensitiveText("Bearer ").append(Secret("tok"))}};
  r.body = R"({"case_id":"CASE-1042"})";
  return r;
}

TEST(Header, IsFoundInAnyCase) {
  const auto request = http();
  ASSERT_NE(request.header("content-type"), nullptr);
  EXPECT_EQ(request.header("CONTENT-TYPE")->reveal(), "application/json");
  EXPECT_EQ(request.header("content"), nullptr);
  const HttpResponse response{200, {{"Retry-After", "3"}, {"retry-after", "9"}}, "", false};
  EXPECT_EQ(response.header("RETRY-AFTER"), "3");
  EXPECT_EQ(response.header("x"), "");
}

TEST(Redact, Http) {
  EXPECT_EQ(redact(http()), nlohmann::json::parse(R"({"type":"http","method":"POST","url":"https://hooks.example/***",
    "headers":{"Content-Type":"application/json","Authorization":"Bearer ***"},"body":"{\"case_id\":\"CASE-1042\"}"})"));
}

TEST(Redact, MasksSecretsInTheBody) {
  auto request = http();
  request.body = SensitiveText("token=").append(Secret("s3cret")).append("&x=1");
  EXPECT_EQ(redact(request)["body"], "token=***&x=1");
}

TEST(Redact, ListsRepeatedHeaders) {
  auto request = http();
  request.headers = {{"X", "1"}, {"X", SensitiveText(Secret("2"))}, {"X", "3"}};
  EXPECT_EQ(redact(request)["headers"]["X"], (nlohmann::json{"1", "***", "3"}));
}

TEST(Redact, TheOtherKinds) {
  const std::pair<Request, std::string_view> table[] = {
      {FileAppend{"/var/log/e.jsonl", "{}\n", true, 0, 5},
       R"({"type":"file","path":"/var/log/e.jsonl","bytes":"{}\n","fsync":true,"rotate_bytes":0,"keep":5})"},
      {MailMessage{"a@example.com", {"b@example.com"}, "Hi"},
       R"({"type":"mail","from":"a@example.com","to":["b@example.com"],"data":"Hi"})"},
      {StreamFrames{{"a", "bc"}}, R"({"type":"stream","frames":["a","bc"]})"},
      {Datagrams{{"a", "bc"}}, R"({"type":"datagrams","datagrams":["a","bc"]})"},
      {KafkaRecords{{{"t", "k", "v", {{"n", "x"}}}}},
       R"({"type":"kafka","records":[{"topic":"t","key":"k","value":"v","headers":[{"name":"n","value":"x"}]}]})"},
  };
  for (const auto& [request, expected] : table) EXPECT_EQ(redact(request), nlohmann::json::parse(expected));
}

TEST(Redact, CanAlwaysBeDumped) {
  auto request = http();
  request.body = "\x1F\x8B\xFF";  // gzip, say
  request.headers.push_back({"\xFF", "\xFE"});
  EXPECT_NO_THROW(static_cast<void>(redact(request).dump()));
  EXPECT_NO_THROW(static_cast<void>(digest(Datagrams{{"\xFF"}})));
}

// Computed by another program; the audit trail of earlier releases is checked against them.
TEST(Digest, IsStableAcrossReleases) {
  EXPECT_EQ(digest(http()), "82ed15a2c511d1da180d1303a8ff91c17b6e188e1d48c26cbe27761e28e0dbab");
  EXPECT_EQ(digest(FileAppend{"/var/log/e.jsonl", "{}\n", true, 0, 5}),
            "0fa7b5b4600f9ddf4d0c0c5f584e093879cd314ca1d2dee9d3d348e9f1cb1621");
  EXPECT_EQ(digest(MailMessage{"a@example.com", {"b@example.com"}, "Hi"}),
            "f8d901c8e971057a5516881e308bce3049270797ba43ed173cddda68658e1d56");
  EXPECT_EQ(digest(StreamFrames{{"a", "bc"}}), "3a514508ec1fbe0b3843b29d3f1481b275d12c4da7ea0bb254b0c58c152ffc7d");
  EXPECT_EQ(digest(Datagrams{{"a", "bc"}}), "4fb218a1627f6b2480a881a0fd37861ed68804ada2be85b9711f720c235846d7");
  EXPECT_EQ(digest(KafkaRecords{{{"t", "k", "v", {{"n", "x"}}}}}),
            "f2cf07234b91d5ecc9d0e80a249d65b1442e84d338fdf0a9d5987e7b5a16872c");
}

TEST(Digest, TellsBodiesApartEvenWhereTheyAreMasked) {
  auto a = http();
  auto b = http();
  a.body = SensitiveText(Secret("one"));
  b.body = SensitiveText(Secret("two"));
  EXPECT_EQ(redact(a), redact(b));
  EXPECT_NE(digest(a), digest(b));
  EXPECT_NE(digest(Datagrams{{"ab", "c"}}), digest(Datagrams{{"a", "bc"}}));
}

TEST(Digest, DoesNotDependOnACredentialInTheHeaders) {
  auto other = http();
  other.headers[1].value = SensitiveText("Bearer ").append(Secret("rotated"));
  EXPECT_EQ(digest(http()), digest(other));
}

TEST(BodySize, CountsThePayload) {
  EXPECT_EQ(body_size(http()), 23U);
  EXPECT_EQ(body_size(FileAppend{"/x", "abc", true, 0, 1}), 3U);
  EXPECT_EQ(body_size(MailMessage{"a", {"b"}, "data"}), 4U);
  EXPECT_EQ(body_size(StreamFrames{{"a", "bc"}}), 3U);
  EXPECT_EQ(body_size(Datagrams{{"a", "bc"}}), 3U);
  EXPECT_EQ(body_size(KafkaRecords{{{"t", "k", "value", {}}}}), 6U);
}

}  // namespace
}  // namespace wardex
