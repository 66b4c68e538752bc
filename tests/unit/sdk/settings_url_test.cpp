#include <gtest/gtest.h>

#include "unit/sdk/values.hpp"

namespace wardex {
namespace {

using testing::broken_reference;
using testing::list;
using testing::reference;
using testing::scalar;
using testing::told;

struct Masked {
  Value given;
  std::string text;
  std::string shown;
};

TEST(Url, IsMaskedAsItIsRead) {
  const Masked table[] = {
      {scalar("https://host.example"), "https://host.example", "https://host.example"},
      {scalar("https://host.example/a/b"), "https://host.example/a/b", "https://host.example/a/b"},
      {scalar("https://host/a?key=1"), "https://host/a?key=1", "https://host/a?***"},
      {scalar("https://host?key=1"), "https://host?key=1", "https://host?***"},
      {scalar("https://host/a?"), "https://host/a?", "https://host/a?"},
      {scalar("HTTPS://Host/A"), "https://Host/A", "https://Host/A"},
      {scalar("http://10.0.0.1:8080/x"), "http://10.0.0.1:8080/x", "http://10.0.0.1:8080/x"},
      {scalar("https://[2001:db8::1]:8443/x"), "https://[2001:db8::1]:8443/x", "https://[2001:db8::1]:8443/x"},
      {scalar("https://[::ffff:10.0.0.1]/"), "https://[::ffff:10.0.0.1]/", "https://[::ffff:10.0.0.1]/"},
      {scalar("https://host_1.example:65535/"), "https://host_1.example:65535/", "https://host_1.example:65535/"},
      {scalar("https://host/a%20b/@x:y"), "https://host/a%20b/@x:y", "https://host/a%20b/@x:y"},
      {reference("${env:U}", "https://host/hook?x=1"), "https://host/hook?x=1", "https://host/***"},
      {reference("${file:/u}", "https://host/hook"), "https://host/hook", "https://host/***"},
      {reference("${env:U}", "https://host"), "https://host", "https://host"},
      {reference("${env:U}", "https://host/"), "https://host/", "https://host/"},
      {reference("${env:U}", "https://host?k=v"), "https://host?k=v", "https://host?***"},
  };
  for (const auto& row : table) {
    Problems problems;
    const auto url = Codec<Url>::read(row.given, "url", problems);
    ASSERT_TRUE(url) << row.text << ": " << ::testing::PrintToString(told(problems));
    EXPECT_EQ(url->text.reveal(), row.text);
    EXPECT_EQ(url->text.redacted(), row.shown);
    EXPECT_TRUE(problems.all().empty()) << row.text;
  }
}

TEST(Url, IsHttps) {
  Problems problems;
  EXPECT_TRUE(Codec<Url>::read(scalar("HTTPS://h/"), "url", problems)->is_https());
  EXPECT_FALSE(Codec<Url>::read(scalar("http://h/"), "url", problems)->is_https());
}

TEST(SecretUrl, ShowsSchemeAndHostOnly) {
  const std::string warning =
      "url: warning: the secret URL stands in the file itself; use a reference such as ${env:NAME}, ${file:/path} or "
      "${credential:name}";
  Problems problems;
  auto url = Codec<SecretUrl>::read(scalar("https://hooks.slack.example/services/T0/B0/canary"), "url", problems);
  ASSERT_TRUE(url);
  EXPECT_EQ(url->text.redacted(), "https://hooks.slack.example/***");
  EXPECT_EQ(told(problems), std::vector<std::string>{warning});

  problems = {};
  url = Codec<SecretUrl>::read(reference("${file:/u}", "https://h/canary"), "url", problems);
  ASSERT_TRUE(url);
  EXPECT_EQ(url->text.redacted(), "https://h/***");
  EXPECT_TRUE(problems.all().empty());
}

TEST(SecretUrl, MayBeAProxyWithALogin) {
  Problems problems;
  auto proxy = Codec<SecretUrl>::read(reference("${env:P}", "http://user:canary@proxy.example:3128"), "p", problems);
  ASSERT_TRUE(proxy);
  EXPECT_EQ(proxy->text.reveal(), "http://user:canary@proxy.example:3128");
  EXPECT_EQ(proxy->text.redacted(), "http://***@proxy.example:3128");
  EXPECT_TRUE(problems.all().empty());
  // Without a login there is nothing secret in it.
  proxy = Codec<SecretUrl>::read(scalar("http://proxy.example:3128/"), "p", problems);
  ASSERT_TRUE(proxy);
  EXPECT_FALSE(proxy->text.has_secret());
  EXPECT_TRUE(problems.all().empty());
  EXPECT_TRUE(Codec<SecretUrl>::read(scalar("http://user:canary@proxy.example"), "p", problems));
  EXPECT_EQ(problems.all().size(), 1U);
  EXPECT_FALSE(problems.has_errors());
  // But no login before a path.
  EXPECT_FALSE(Codec<SecretUrl>::read(scalar("http://user:canary@host/path"), "p", problems));
}

TEST(Url, Refused) {
  const std::string host = "a host name is made of letters, digits, '-' and '.'; write others in their xn-- form";
  const std::string login = "must not have a user or password in it; use the settings for authentication";
  const std::string space = "must not contain white space or control characters";
  const std::string port = "the port must be a number between 1 and 65535";
  const std::string scheme = "expected a URL that starts with https:// (or http://)";
  const std::pair<std::string, std::string> table[] = {
      {"", "expected an absolute URL such as https://host/path"},
      {"canary.example/x", "expected an absolute URL such as https://host/path"},
      {"/canary", "expected an absolute URL such as https://host/path"},
      {"//canary", "expected an absolute URL such as https://host/path"},
      {"https:/canary", "expected an absolute URL such as https://host/path"},
      {"ftp://canary/", scheme},
      {"file:///canary", scheme},
      {"://canary", scheme},
      {"https://", "the host is missing"},
      {"https:///canary", "the host is missing"},
      {"https://:443/canary", "the host is missing"},
      {"https://?canary", "the host is missing"},
      {"https://canary:pw@host/", login},
      {"https://canary@host", login},
      {"https://@host", "must not have an '@' before the host"},
      {"https://a@canary@host", login},
      {"https://host/x#canary", "must not have a fragment; remove the '#' and what follows"},
      {"https://host#canary", "must not have a fragment; remove the '#' and what follows"},
      {"https://host/a canary", space},
      {" https://canary", space},
      {"https://canary\n", space},
      {"https://canary\x7F/", space},
      {"https://host\\canary", "must not contain '\\'; a URL's separator is '/'"},
      {"https://canary.é/", "must be ASCII; percent-encode other characters"},
      {"https://canary%2e/", host},
      {"https://canary$/", host},
      {"https://canary..example/", "the host name has an empty part"},
      {"https://.canary/", "the host name has an empty part"},
      {"https://canary:/", port},
      {"https://canary:0/", port},
      {"https://canary:65536/", port},
      {"https://canary:-1/", port},
      {"https://canary:80x/", port},
      {"https://canary:80:80/", port},
      {"https://[::1/canary", "an IPv6 address needs its closing ']'"},
      {"https://[canary]/", "there is no IPv6 address between '[' and ']'"},
      {"https://[fe80::1%25eth0]/", "there is no IPv6 address between '[' and ']'"},
      {"https://[::1]canary/", port},
      {"https://[::1]:/", port},
      {"https://canary/" + std::string(8000, 'x'), "must not be longer than 8000 characters"},
  };
  for (const auto& [text, message] : table) {
    Problems inline_problems;
    EXPECT_FALSE(Codec<Url>::read(scalar(text), "url", inline_problems)) << text;
    EXPECT_EQ(told(inline_problems), std::vector<std::string>{"url: " + message}) << text;
    Problems reference_problems;
    EXPECT_FALSE(
        Codec<SecretUrl>::read(reference("${env:U}", text + (message == login ? "/p" : "")), "url", reference_problems))
        << text;
    EXPECT_EQ(reference_problems.all().size(), 1U);
    for (const auto& said : told(reference_problems)) EXPECT_EQ(said.find("canary"), std::string::npos) << said;
    for (const auto& said : told(inline_problems)) EXPECT_EQ(said.find("canary"), std::string::npos) << said;
  }
}

TEST(Url, OtherShapes) {
  Problems problems;
  EXPECT_FALSE(Codec<Url>::read(broken_reference("${env:U}"), "url", problems));
  EXPECT_TRUE(problems.all().empty()) << "src/config has said it already";
  EXPECT_FALSE(Codec<Url>::read(list({}), "url", problems));
  EXPECT_EQ(told(problems), std::vector<std::string>{"url: expected a URL such as https://host/path, not a list"});
}

}  // namespace
}  // namespace wardex
