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
  EXPECT_EQ(digest(http()), "41f507fc054c71eec391c25722e9106c7e13dec8ced8c3dd7e7291f1c75c7f25");
  EXPECT_EQ(digest(FileAppend{"/var/log/e.jsonl", "{}\n", true, 0, 5}),
            "49bbe1624f9b616df85e8c6a019d380a70c0c3aa85b104b2952073ca19600546");
  EXPECT_EQ(digest(MailMessage{"a@example.com", {"b@example.com"}, "Hi"}),
            "8042f5509325d4cc141a71488ba05da5e76c7d0ae0d68655aa0cab60f169297a");
  EXPECT_EQ(digest(StreamFrames{{"a", "bc"}}), "f9ef275be377bd3b31b11fe009210bb59cfad3cd2e25f3115b03e00ba19da814");
  EXPECT_EQ(digest(Datagrams{{"a", "bc"}}), "1168ce48091a4267ef88ef784635806e5ee3ca00f230ba306b8fdeade3f0f78b");
  EXPECT_EQ(digest(KafkaRecords{{{"t", "k", "v", {{"n", "x"}}}}}),
            "68fcb44e2af0444c2a559c6cccb80c228913c62b072ea7c38669caa562c0b49b");
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
