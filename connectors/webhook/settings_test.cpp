#include "webhook/settings.hpp"

#include <gtest/gtest.h>

#include "conformance/settings_tree.hpp"

namespace wardex::webhook {
namespace {

using test::Json;
using test::secret;

constexpr const char* kGoodKey = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

std::string problems_of(Json settings) {
  if (!settings.contains("url")) settings["url"] = "https://receiver.example/hook";
  Problems problems;
  const auto value = test::tree(settings);
  if (const auto read = Settings::table().read(value, "w", problems)) read->check(value, "w", problems);
  return test::describe(problems);
}

TEST(WebhookSettings, RefusesClearTextButForLoopback) {
  EXPECT_NE(problems_of({{"url", "http://receiver.example/"}}).find("w.url: http:// sends"), std::string::npos);
  EXPECT_NE(problems_of({{"url", "http://127.0.0.1.evil.example/"}}).find("w.url"), std::string::npos);
  EXPECT_NE(problems_of({{"url", "http://localhost.example/"}}).find("w.url"), std::string::npos);
  for (const auto* fine :
       {"http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]:80/x?y=1", "https://receiver.example"})
    EXPECT_EQ(problems_of({{"url", fine}}), "") << fine;
  EXPECT_EQ(problems_of({{"url", "http://receiver.example/"}, {"allow_insecure", true}}), "");
}

TEST(WebhookSettings, RefusesHeadersThatAreNotTheUsers) {
  for (const auto* name : {"Host", "content-length", "Transfer-Encoding", "Connection", "webhook-signature",
                           "X-Wardex-Event", "Idempotency-Key", "Content-Type", "User-Agent", "Proxy-Authorization"})
    EXPECT_NE(problems_of({{"headers", {{name, "x"}}}}).find("is set by the gateway itself"), std::string::npos)
        << name;
  const Json github{{"scheme", "github"}, {"secrets", {{{"value", secret("s")}}}}};
  EXPECT_NE(problems_of({{"signing", github}, {"headers", {{"x-hub-signature-256", "x"}}}}).find("set by the gateway"),
            std::string::npos);
  EXPECT_EQ(problems_of({{"headers", {{"x-hub-signature-256", "x"}}}}), "");  // without that scheme it is free
}

TEST(WebhookSettings, RefusesHeaderInjection) {
  for (const auto* value : {"a\r\nX-Evil: 1", "a\nb", "a\rb", "\x7F"})
    EXPECT_NE(problems_of({{"headers", {{"X-A", value}}}}).find("control character"), std::string::npos);
  EXPECT_NE(problems_of({{"headers", {{"X-A", secret("a\nb")}}}}).find("control character"), std::string::npos);
  for (const auto* name : {"X A", "X:A", "", "X-\xC3\xA4"})
    EXPECT_NE(problems_of({{"headers", {{name, "x"}}}}).find("not a header name"), std::string::npos) << name;
  EXPECT_NE(problems_of({{"auth", {{"bearer", secret("a\nb")}}}}).find("control character"), std::string::npos);
}

TEST(WebhookSettings, WarnsOfInlineCredentialsOnlyWhereTheNameSaysSo) {
  EXPECT_EQ(problems_of({{"headers", {{"X-Environment", "prod"}}}}), "");
  EXPECT_NE(problems_of({{"headers", {{"X-Api-Key", "abc"}}}}).find("warning: looks like a credential"),
            std::string::npos);
  EXPECT_EQ(problems_of({{"headers", {{"X-Api-Key", secret("abc")}}}}), "");
}

TEST(WebhookSettings, RefusesTheSameHeaderTwice) {
  EXPECT_NE(problems_of({{"headers", {{"X-A", "1"}, {"x-a", "2"}}}}).find("given twice"), std::string::npos);
  EXPECT_NE(problems_of({{"auth", {{"bearer", secret("t")}}}, {"headers", {{"Authorization", secret("x")}}}})
                .find("given twice"),
            std::string::npos);
}

TEST(WebhookSettings, TakesOneKindOfAuth) {
  EXPECT_NE(problems_of({{"auth", {{"bearer", secret("t")}, {"header", {{"name", "X-K"}, {"value", secret("v")}}}}}})
                .find("more than one"),
            std::string::npos);
  EXPECT_NE(problems_of({{"auth", Json::object()}}).find("is empty"), std::string::npos);
  EXPECT_NE(problems_of({{"auth", {{"basic", {{"username", "a:b"}, {"password", secret("p")}}}}}}).find("colon"),
            std::string::npos);
}

TEST(WebhookSettings, ChecksSigning) {
  const struct {
    Json settings;
    const char* wanted;
  } cases[] = {
      {{{"signing_secret", secret("dG9vIHNob3J0")}}, "24 to 64 random bytes"},
      {{{"signing_secret", secret("not base64 at all")}}, "openssl rand -base64 32"},
      {{{"signing_secret", secret(kGoodKey)}, {"signing", {{"scheme", "github"}}}}, "stands beside `signing`"},
      {{{"signing", {{"scheme", "none"}, {"secrets", {{{"value", secret("x")}}}}}}}, "leave the secrets out"},
      {{{"signing", {{"scheme", "github"}}}}, "takes one secret, or two"},
      {{{"signing",
         {{"scheme", "github"}, {"secrets", {{{"value", secret("x")}, {"not_after", "2026-05-01T00:00:00Z"}}}}}}},
       "would go out unsigned"},
      {{{"signing", {{"scheme", "github"}, {"secrets", {{{"value", secret("x")}, {"not_after", "soon"}}}}}}},
       "RFC 3339"},
      {{{"signing", {{"layout", "split"}, {"secrets", {{{"value", secret(kGoodKey)}}}}}}},
       "applies to scheme timestamped only"},
      {{{"signing", {{"header", "X-Sig"}, {"secrets", {{{"value", secret(kGoodKey)}}}}}}},
       "github and timestamped only"},
      {{{"signing", {{"scheme", "timestamped"}, {"timestamp_header", "X-T"}, {"secrets", {{{"value", secret("s")}}}}}}},
       "layout split only"},
      {{{"signing", {{"scheme", "github"}, {"header", "Host"}, {"secrets", {{{"value", secret("s")}}}}}}},
       "another name"},
      {{{"signing", {{"scheme", "githb"}, {"secrets", {{{"value", secret("s")}}}}}}}, "did you mean 'github'"},
  };
  for (const auto& c : cases)
    EXPECT_NE(problems_of(c.settings).find(c.wanted), std::string::npos) << problems_of(c.settings);
  EXPECT_EQ(problems_of({{"signing", {{"scheme", "none"}}}}), "");
  EXPECT_EQ(problems_of({{"signing", {{"secrets", {{{"value", secret(kGoodKey)}}}}}}}), "");
}

TEST(WebhookSettings, SuccessCodesMustMeanSuccess) {
  EXPECT_EQ(problems_of({{"success_codes", {200, 202, 409}}}), "");
  for (int code : {199, 302, 404, 500})
    EXPECT_NE(problems_of({{"success_codes", {code}}}).find("cannot mean delivered"), std::string::npos) << code;
}

TEST(WebhookSettings, ExpiredSecretsNoLongerSign) {
  Settings settings;
  const auto at = [](std::int64_t seconds) { return WallTime{std::chrono::seconds{seconds}}; };
  settings.signing.secrets = {{Secret("new"), std::nullopt}, {Secret("old"), Expiry{at(1000)}}};
  EXPECT_EQ(settings.signing_secrets(at(1000)).size(), 2U);
  const auto later = settings.signing_secrets(at(1001));
  ASSERT_EQ(later.size(), 1U);
  EXPECT_EQ(later[0].reveal(), "new");
}

}  // namespace
}  // namespace wardex::webhook
