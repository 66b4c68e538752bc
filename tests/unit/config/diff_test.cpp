#include <gmock/gmock.h>

#include "config/config.hpp"
#include "fixture.hpp"

namespace wardex::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

std::shared_ptr<const Config> config(const std::string& yaml, const std::string& secret = "0123456789abcdef-1") {
  const auto loaded = load_text(yaml, "g.yaml", test::sources({{"S", secret}}));
  EXPECT_TRUE(loaded.config) << test::joined(loaded.problems);
  return loaded.config;
}

TEST(Diff, SaysWhatChangedAndNeverASecret) {
  const auto before = config(
      "intake: {auth: none, limits: {depth: 16}}\n"
      "connectors:\n"
      "  gone: {type: file, path: /tmp/g}\n"
      "  hook: {type: webhook, url: 'https://a.example/x?key=canary1', auth: {bearer: canary2}, timeout: 15s}\n"
      "matrix: {high: [gone, hook]}\n");
  const auto after = config(
      "intake: {auth: {tokens: [{name: cp, token: '${env:S}'}]}}\n"
      "connectors:\n"
      "  hook: {type: webhook, url: 'https://a.example/y?key=canary3', auth: {bearer: canary4}, timeout: 30s, mirror: "
      "cases}\n"
      "  new: {type: file, path: /tmp/n}\n"
      "matrix: {high: [hook, new], low: new}\n"
      "routes: [{to: new}]\n"
      "logging: {level: debug}\n");
  const auto lines = diff(*before, *after);
  EXPECT_THAT(lines, UnorderedElementsAre("intake.limits: removed", "connectors.gone: removed",
                                          "connectors.new: added (file)", "connectors.hook.url: changed",
                                          "connectors.hook.auth.bearer: changed", "connectors.hook.timeout: 15s -> 30s",
                                          "connectors.hook.mirror: both (default) -> cases",
                                          "matrix.high: added new; removed gone", "matrix.low: added new",
                                          "routes: changed", "logging.level: info (default) -> debug",
                                          "intake.auth: no longer none", "intake.auth.tokens: 'cp' added"));
  for (const auto& line : lines) EXPECT_THAT(line, Not(::testing::HasSubstr("canary")));
}

TEST(Diff, ASecretBehindTheSameReference) {
  const std::string yaml =
      "intake: {auth: {tokens: [{name: cp, token: '${env:S}'}]}}\n"
      "connectors:\n"
      "  hook: {type: webhook, url: 'https://a.example/x', auth: {bearer: '${env:S}'}}\n"
      "  log: {type: file, path: /tmp/x}\n"
      "matrix: {high: [hook, log]}\n";
  const auto before = config(yaml);
  EXPECT_THAT(diff(*before, *config(yaml)), IsEmpty());
  const auto after = config(yaml, "0123456789abcdef-2");
  EXPECT_THAT(diff(*before, *after),
              ElementsAre("connectors.hook: a secret or certificate file it refers to has changed",
                          "intake.auth.tokens: the token of 'cp' has changed"));
  EXPECT_NE(before->find("hook")->fingerprint, after->find("hook")->fingerprint);
  EXPECT_EQ(before->find("log")->fingerprint, after->find("log")->fingerprint);
}

TEST(Diff, OrderAndLayoutOfKeysMeanNothing) {
  const auto a =
      config("intake: {auth: none}\nconnectors: {log: {type: file, path: /tmp/x, timeout: 5s}}\nmatrix: {high: log}\n");
  const auto b = config(
      "matrix: {high: log}\nconnectors:\n  log:\n    timeout: 5s\n    path: /tmp/x\n    type: file\nintake: {auth: "
      "none}\n");
  EXPECT_THAT(diff(*a, *b), IsEmpty());
  EXPECT_EQ(a->find("log")->fingerprint, b->find("log")->fingerprint);
  EXPECT_NE(a->digest, b->digest);
}

}  // namespace
}  // namespace wardex::config
