// audit: and retention:, their defaults and what is wrong with them.
#include <gmock/gmock.h>

#include "config/config.hpp"
#include "fixture.hpp"

namespace wardex::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr auto kHead =
    "intake: {auth: none}\n"
    "connectors:\n"
    "  log: {type: file, path: /tmp/x}\n"
    "  off: {type: file, path: /tmp/y, enabled: false}\n"
    "  cases: {type: file, path: /tmp/z, mirror: cases}\n"
    "  chat: {type: slack, webhook_url: 'https://hooks.slack.com/services/T0/B0/x'}\n"
    "matrix: {high: log}\n";

Loaded load_with(const std::string& more) {
  return load_text(kHead + more, "g.yaml", test::sources({{"KEY", "the pem of a key"}}));
}
std::vector<std::string> problems(const std::string& more) {
  std::vector<std::string> out;
  const auto loaded = load_with(more);
  for (const auto& problem : loaded.problems.all())
    if (problem.path.starts_with("audit") || problem.path.starts_with("retention")) out.push_back(problem.str());
  return out;
}

TEST(AuditConfig, Defaults) {
  const auto config = load_with("").config;
  ASSERT_TRUE(config);
  EXPECT_EQ(config->audit.checkpoints.every, Millis(3'600'000));
  EXPECT_TRUE(config->audit.checkpoints.key.empty());
  EXPECT_THAT(config->audit.checkpoints.to, IsEmpty());
  constexpr Millis day{86'400'000};
  EXPECT_EQ(config->retention.events.keep, 30 * day);
  EXPECT_FALSE(config->retention.events.max_rows);
  EXPECT_EQ(config->retention.audit.keep, 400 * day);
  EXPECT_FALSE(config->retention.audit.max_rows);
  EXPECT_EQ(config->retention.links.keep, 180 * day);
  EXPECT_FALSE(config->retention.mailbox.keep) << "what failed waits for somebody's decision";
}

TEST(AuditConfig, IsRead) {
  const auto loaded = load_with(
      "audit: {checkpoints: {every: 5m, key: '${env:KEY}', to: log}}\n"
      "retention: {events: {keep: 7d, max_rows: 5000}, audit: {keep: 90d, max_rows: 6000}, links: {keep: 30d}, "
      "mailbox: {keep: 60d}}\n");
  ASSERT_TRUE(loaded.config) << test::joined(loaded.problems);
  const auto& config = *loaded.config;
  EXPECT_TRUE(config.audit.checkpoints.key.equals("the pem of a key"));
  EXPECT_THAT(config.audit.checkpoints.to, ElementsAre("log"));
  EXPECT_EQ(config.retention.events.max_rows, 5000U);
  EXPECT_EQ(config.retention.audit.max_rows, 6000U);
  EXPECT_EQ(config.retention.mailbox.keep, Millis(60 * 86'400'000LL));
}

TEST(AuditConfig, AnchorsGoToConnectorsThatCanTakeThem) {
  EXPECT_THAT(problems("audit: {checkpoints: {to: [log, lgo]}}\n"),
              ElementsAre("g.yaml:8:33: audit.checkpoints.to[1]: unknown connector 'lgo', did you mean 'log'?"));
  EXPECT_THAT(problems("audit: {checkpoints: {to: [off]}}\n"),
              ElementsAre(HasSubstr("audit.checkpoints.to[0]: 'off' is disabled, so no checkpoint would reach it")));
  EXPECT_THAT(problems("audit: {checkpoints: {to: [chat]}}\n"),
              ElementsAre(HasSubstr("a slack connector takes no telemetry, which checkpoints are")));
  EXPECT_THAT(problems("audit: {checkpoints: {to: [cases]}}\n"),
              ElementsAre(HasSubstr("'cases' mirrors cases only; checkpoints are telemetry")));
  EXPECT_THAT(problems("audit: {checkpoints: {to: [log, log]}}\n"),
              ElementsAre(HasSubstr("audit.checkpoints.to[1]: 'log' is named twice")));
}

TEST(AuditConfig, WhatContradictsIsSaid) {
  EXPECT_THAT(problems("retention: {events: {keep: 12h}}\n"),
              ElementsAre(HasSubstr("g.yaml:8:28: retention.events.keep: is shorter than intake.idempotency.window "
                                    "(24h)")));
  EXPECT_THAT(problems("retention: {audit: {keep: 20d}}\n"),
              ElementsAre(HasSubstr("warning: is shorter than retention.events.keep (30d)")));
  EXPECT_THAT(problems("audit: {checkpoints: {every: 7d}}\nretention: {events: {keep: 7d}, audit: {keep: 10d}}\n"),
              ElementsAre(HasSubstr("is shorter than two intervals of audit.checkpoints.every (7d)")));
  EXPECT_THAT(problems("retention: {events: {max_rows: 10}}\n"), ElementsAre(HasSubstr("must be between 1000 and")));
  EXPECT_THAT(problems("audit: {checkpoints: {every: 10ms}}\n"), ElementsAre(HasSubstr("must be between 1s and 7d")));
  EXPECT_THAT(problems("retention: {event: {keep: 40d}}\n"), ElementsAre(HasSubstr("did you mean 'events'?")));
}

TEST(AuditConfig, AChangedKeyIsSaidAndNotShown) {
  const auto with_key = [](const std::string& pem) {
    return load_text(std::string(kHead) + "audit: {checkpoints: {key: '${env:KEY}'}}\n", "g.yaml",
                     test::sources({{"KEY", pem}}))
        .config;
  };
  EXPECT_THAT(diff(*with_key("canary1"), *with_key("canary2")),
              ElementsAre("audit.checkpoints.key: another key signs from now on"));
  EXPECT_THAT(diff(*with_key("canary1"), *with_key("canary1")), IsEmpty());
}

}  // namespace
}  // namespace wardex::config
