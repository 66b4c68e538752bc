#include "route/match.hpp"

#include <gmock/gmock.h>

#include "config/config.hpp"
#include "config/yaml.hpp"

namespace wardex::route {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Event sample() {
  Event event;
  event.id = "evt-1";
  event.kind = Kind::case_;
  event.action = "updated";
  event.case_id = "CASE-1042";
  event.severity = Severity::high;
  event.status = Status::triage;
  event.title = "Suspicious shell spawned from Office";
  event.endpoint_id = "macbook-sec-17";
  event.host = "mac17.corp.example";
  event.user = "Alice";
  event.process = "/usr/bin/bash";
  event.rule = "office-child-process";
  event.score = 87;
  event.confidence = 0.8;
  event.mitre = {"T1204", "T1078.004"};
  event.observables = {{ObservableType::domain, "evil.example"}};
  event.tags = {"vip", "office"};
  event.tenant = "acme";
  event.labels = {{"team", "blue"}, {"empty", ""}};
  event.received_at = *Timestamp::parse("2026-04-21T14:22:09Z");
  return event;
}

Match parse(const std::string& yaml, Problems& problems) {
  const auto tree = config::parse_yaml(yaml, "g.yaml", problems);
  return parse_match(*tree, "routes[0].match", problems);
}

struct Case {
  const char* match;
  bool holds;
  const char* why;
};
class Conditions : public ::testing::TestWithParam<Case> {};

TEST_P(Conditions, HoldAndExplainThemselves) {
  Problems problems;
  const auto match = parse(GetParam().match, problems);
  ASSERT_TRUE(match.good) << problems.all().front().str();
  ASSERT_TRUE(match.condition);
  EXPECT_EQ(match.condition->holds(sample()), GetParam().holds) << GetParam().match;
  EXPECT_EQ(match.condition->explain(sample()), GetParam().why) << GetParam().match;
}

INSTANTIATE_TEST_SUITE_P(Words, Conditions,
                         ::testing::Values(Case{"kind: case", true, "kind is case"},
                                           Case{"kind: [alert, CASE]", true, "kind is case"},
                                           Case{"kind: [alert, sync]", false, "kind case is none of alert, sync"},
                                           Case{"status: triage", true, "status is triage"},
                                           Case{"status: new", false, "status triage is not new"},
                                           Case{"severity: high", true, "severity is high"},
                                           Case{"severity: '>=medium'", true, "severity high >= medium"},
                                           Case{"severity: '>= medium'", true, "severity high >= medium"},
                                           Case{"severity: '<=low'", false, "severity high is not <= low"},
                                           Case{"severity: '>high'", false, "severity high is not > high"},
                                           Case{"severity: '<critical'", true, "severity high < critical"},
                                           Case{"severity: [low, '>=high']", true, "severity high >= high"},
                                           Case{"severity: [low, info]", false, "severity high is none of low, info"},
                                           Case{"severity: HIGH", true, "severity is high"},
                                           Case{"action: UPDATED", true, "action is updated"},
                                           Case{"action: created", false, "action updated is not created"}));

INSTANTIATE_TEST_SUITE_P(
    Numbers, Conditions,
    ::testing::Values(Case{"score: '>=80'", true, "score 87 >= 80"}, Case{"score: 87", true, "score is 87"},
                      Case{"score: '< 50'", false, "score 87 is not < 50"},
                      Case{"confidence: '>=0.8'", true, "confidence 0.8 >= 0.8"},
                      Case{"confidence: '>0.8'", false, "confidence 0.8 is not > 0.8"},
                      Case{"confidence: ['<0.1', '>0.9']", false, "confidence 0.8 is none of < 0.1, > 0.9"}));

INSTANTIATE_TEST_SUITE_P(
    Texts, Conditions,
    ::testing::Values(
        Case{"tenant: acme", true, "tenant is acme"}, Case{"tenant: Acme", false, "tenant acme is not Acme"},
        Case{"tenant: [lab, acme]", true, "tenant is acme"}, Case{"assignee: bob", false, "has no assignee"},
        Case{"assignee: '*'", false, "has no assignee"}, Case{"case_id: '*'", true, "case_id CASE-1042 matches *"},
        Case{"title: '*shell*'", true, "title 'Suspicious shell spawned from Office' matches *shell*"},
        Case{"title: '*Shell*'", false, "title 'Suspicious shell spawned from Office' does not match *Shell*"},
        Case{"title: '/SHELL/i'", true, "title 'Suspicious shell spawned from Office' matches /SHELL/i"},
        Case{"rule: '/^office-(child|parent)-/'", true, "rule office-child-process matches /^office-(child|parent)-/"},
        Case{"rule: 'office-?hild-*'", true, "rule office-child-process matches office-?hild-*"},
        Case{"rule: 'office'", false, "rule office-child-process is not office"},
        Case{"process: /usr/bin/bash", true, "process is /usr/bin/bash"},
        Case{"process: '=/usr/bin/bash'", true, "process is /usr/bin/bash"},
        Case{"rule: '=office*'", false, "rule office-child-process is not =office*"},
        Case{"endpoint: macbook-sec-17", true, "endpoint is macbook-sec-17"},
        Case{"endpoint: '*.corp.example'", true, "endpoint mac17.corp.example matches *.corp.example"},
        Case{"endpoint: x", false, "endpoint macbook-sec-17, mac17.corp.example is not x"},
        Case{"tags: [vip, red]", true, "tags is vip"}, Case{"tags: red", false, "tags vip, office is not red"},
        Case{"labels.team: blue", true, "labels.team is blue"},
        Case{"labels: {team: 'b*'}", true, "labels.team blue matches b*"},
        Case{"labels.none: '*'", false, "has no labels.none"}, Case{"labels.empty: '*'", false, "has no labels.empty"},
        Case{"observables: evil.example", true, "observables is evil.example"},
        Case{"received_at: '2026-04-*'", true, "received_at 2026-04-21T14:22:09Z matches 2026-04-*"},
        Case{"mitre: 'T1078*'", true, "mitre T1078.004 matches T1078*"},
        Case{"mitre: T1078", true, "mitre T1078.004 matches T1078"},
        Case{"mitre: t1204", true, "mitre T1204 matches t1204"}, Case{"mitre: T1204", true, "mitre is T1204"},
        Case{"mitre: T107", false, "mitre T1204, T1078.004 does not match T107"},
        Case{"mitre: '=T1078'", false, "mitre T1204, T1078.004 is not =T1078"},
        Case{"mitre: T1078.001", false, "mitre T1204, T1078.004 does not match T1078.001"}));

INSTANTIATE_TEST_SUITE_P(
    Combined, Conditions,
    ::testing::Values(Case{"{severity: '>=medium', mitre: 'T1078*'}", true,
                           "severity high >= medium, mitre T1078.004 matches T1078*"},
                      Case{"{severity: '>=medium', tenant: lab}", false, "tenant acme is not lab"},
                      Case{"not: {tenant: lab}", true, "tenant acme is not lab"},
                      Case{"not: {tenant: acme}", false, "excluded: tenant is acme"},
                      Case{"not: [{tenant: lab}, {user: Alice}]", false, "excluded: user is Alice"},
                      Case{"or: [{tenant: lab}, {user: Alice}]", true, "user is Alice"},
                      Case{"or: [{tenant: lab}, {user: Bob}]", false,
                           "tenant acme is not lab and user Alice is not Bob"},
                      Case{"and: [{tenant: acme}, {not: {or: [{user: Bob}, {kind: alert}]}}]", true,
                           "tenant is acme, user Alice is not Bob and kind case is not alert"},
                      Case{"{kind: case, not: {assignee: '*'}}", true, "kind is case, has no assignee"}));

TEST(Match, NothingMatchesEverything) {
  for (const auto* yaml : {"", "{}"}) {
    Problems problems;
    const auto match = parse(yaml, problems);
    EXPECT_TRUE(match.good);
    EXPECT_FALSE(match.condition);
  }
}

struct Bad {
  const char* match;
  const char* problem;
};
class MatchRefused : public ::testing::TestWithParam<Bad> {};
TEST_P(MatchRefused, WithPlaceAndWayOut) {
  Problems problems;
  const auto match = parse(GetParam().match, problems);
  EXPECT_FALSE(match.good);
  ASSERT_EQ(problems.all().size(), 1U);
  EXPECT_THAT(problems.all().front().str(), HasSubstr(GetParam().problem));
  EXPECT_GT(problems.all().front().at.line, 0);
}
INSTANTIATE_TEST_SUITE_P(
    Table, MatchRefused,
    ::testing::Values(
        Bad{"severty: high", "g.yaml:1:1: routes[0].match.severty: unknown field 'severty', did you mean 'severity'?"},
        Bad{"severity: hihg", "g.yaml:1:11: routes[0].match.severity: unknown value 'hihg', did you mean 'high'?"},
        Bad{"severity: '>=hihg'", "did you mean 'high'?"},
        Bad{"kind: [case, alrt]", "match.kind[1]: unknown value 'alrt', did you mean 'alert'?"},
        Bad{"status: done", "unknown value 'done'; known are new, triage"},
        Bad{"score: high", "'high' is no number or comparison; write it like 0.8 or \">=0.8\""},
        Bad{"title: '/(/'", "is no regular expression: missing )"},
        Bad{"tenant: ''", "is empty, which nothing matches"}, Bad{"tenant:", "\"*\" stands for any"},
        Bad{"tags: []", "is an empty list"}, Bad{"tenant: {a: b}", "must be a value or a list of values, not a map"},
        Bad{"or: []", "is an empty list; give at least one"}, Bad{"not: {}", "has no condition"},
        Bad{"and: [{}]", "match.and[0]: has no condition"}, Bad{"[a]", "must be a map of conditions"},
        Bad{"labels: {}", "names no label"},
        Bad{"not: {not: {not: {not: {not: {not: {not: {not: {not: {not: {not: {not: {not: {not: {not: {not: {kind: "
            "case}}}}}}}}}}}}}}}}",
            "is nested deeper than 16 levels"}));

TEST(Match, AllProblemsAtOnce) {
  Problems problems;
  parse("{severty: high, tenant: '', or: [{kind: x}, {score: y}]}", problems);
  EXPECT_EQ(problems.all().size(), 4U);
}

TEST(Match, ReferencesAreNotForConditions) {
  Problems problems;
  Value tree = *config::parse_yaml("tenant: '${env:T}'", "g.yaml", problems);
  tree.entries.front().value.is_reference = true;
  EXPECT_FALSE(parse_match(tree, "m", problems).good);
  EXPECT_THAT(problems.all().front().str(), HasSubstr("references are for secrets"));
}

TEST(Match, WarnsOfWhatIsNoTechnique) {
  Problems problems;
  EXPECT_TRUE(parse("mitre: '1078'", problems).good);
  EXPECT_THAT(problems.all().front().str(), HasSubstr("warning: '1078' is no technique id"));
}

/// An explanation is one short line whatever the sender wrote.
TEST(Match, HostileTextStaysOneShortLine) {
  Problems problems;
  const auto match = parse("title: '*'", problems);
  Event event;
  event.title = "a\nroute 1: forged\x1b[31m" + std::string(100'000, 'x');
  const auto why = match.condition->explain(event);
  EXPECT_LT(why.size(), 120U);
  EXPECT_EQ(why.find_first_of("\n\x1b"), std::string::npos);
}

/// Every canonical field can be matched: the SDK's list and this grammar cannot drift apart.
TEST(Match, KnowsEveryCanonicalField) {
  for (const auto& name : field_names()) {
    const auto field = Field::find(name);
    ASSERT_TRUE(field) << name;
    const auto expected = field_values(sample(), name);
    std::vector<std::string> got;
    field->any(sample(), [&](std::string_view value) {
      got.emplace_back(value);
      return false;
    });
    EXPECT_EQ(got, *expected) << name;
  }
}

}  // namespace
}  // namespace wardex::route
