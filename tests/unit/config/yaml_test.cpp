#include "config/yaml.hpp"

#include <gmock/gmock.h>

#include "fixture.hpp"

namespace wardex::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Parsed {
  std::optional<Value> tree;
  Problems problems;
};
Parsed parse(std::string_view text, const YamlLimits& limits = {}) {
  Parsed out;
  out.tree = parse_yaml(text, "g.yaml", out.problems, limits);
  return out;
}

TEST(Yaml, KeepsPositionsAndText) {
  const auto out = parse("a:\n  b: [one, \"2\", on]\n  c: >\n    folded\n");
  ASSERT_TRUE(out.tree);
  const auto* list = out.tree->find("a")->find("b");
  ASSERT_EQ(list->items.size(), 3U);
  EXPECT_EQ(list->items[1].scalar, "2");
  EXPECT_TRUE(list->items[1].quoted);
  EXPECT_FALSE(list->items[0].quoted);
  EXPECT_EQ(list->items[2].scalar, "on");  // YAML 1.1 would make it true
  EXPECT_EQ(list->items[2].at.line, 2);
  EXPECT_EQ(list->items[2].at.column, 17);
  EXPECT_EQ(*list->items[2].at.file, "g.yaml");
  EXPECT_EQ(out.tree->find("a")->entries[1].at.line, 3);
  EXPECT_EQ(out.tree->find("a")->find("c")->scalar, "folded\n");
}

TEST(Yaml, NothingIsNull) {
  for (const auto* text : {"", "# only a comment\n", "---\n", "~\n"}) {
    const auto out = parse(text);
    ASSERT_TRUE(out.tree) << text;
    EXPECT_EQ(out.tree->kind, Value::Kind::null) << text;
    EXPECT_THAT(out.problems.all(), IsEmpty());
  }
  EXPECT_EQ(parse("a:\nb: ~\nc: null\n").tree->find("c")->kind, Value::Kind::null);
}

TEST(Yaml, AliasesAreCopiesAndMergeKeysFillGaps) {
  const auto out = parse("base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\ncopy: *b\n");
  ASSERT_TRUE(out.tree);
  const auto* use = out.tree->find("use");
  EXPECT_EQ(use->entries.size(), 2U);
  EXPECT_EQ(use->find("x")->scalar, "1");
  EXPECT_EQ(use->find("y")->scalar, "3");
  EXPECT_EQ(out.tree->find("copy")->find("y")->scalar, "2");
}

TEST(Yaml, DuplicateKeysAreAllReported) {
  const auto out = parse("a: 1\nb: {c: 1, c: 2}\na: 3\n");
  EXPECT_TRUE(out.tree);
  EXPECT_THAT(test::texts(out.problems),
              ElementsAre(HasSubstr("g.yaml:2:11: c: the key 'c' stands here a second time; the first is on line 2"),
                          HasSubstr("g.yaml:3:1: a: the key 'a' stands here a second time; the first is on line 1")));
}

struct Bad {
  const char* text;
  const char* problem;
};
class YamlRefuses : public ::testing::TestWithParam<Bad> {};

TEST_P(YamlRefuses, WithThePlace) {
  const auto out = parse(GetParam().text, {.bytes = 4096, .nodes = 200, .depth = 8});
  EXPECT_FALSE(out.tree);
  ASSERT_EQ(out.problems.all().size(), 1U) << test::joined(out.problems);
  EXPECT_THAT(out.problems.all().front().str(), HasSubstr(GetParam().problem));
}

INSTANTIATE_TEST_SUITE_P(
    Table, YamlRefuses,
    ::testing::Values(
        Bad{"a: [1, 2\nb: 3\n", "g.yaml:2:2: YAML syntax: "}, Bad{"a:\n\t- b\n", "g.yaml:2:2: YAML syntax: "},
        Bad{"a: 1\n---\nb: 2\n", "g.yaml:2:1: a second YAML document"},
        Bad{"a: &x [*x]\n", "g.yaml:1:8: an alias to the node that contains it"},
        Bad{"a: [[[[[[[[[[1]]]]]]]]]]\n", "nested deeper than 8 levels"},
        Bad{"a: &x [[[[[1]]]]]\nb: [[[*x]]]\n", "g.yaml:2:7: nested deeper than 8 levels"},
        Bad{"a: &a [1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c]\n",
            "more than 200 values"},
        Bad{"a: !!binary aGk=\n", "g.yaml:1:4: the tag 'tag:yaml.org,2002:binary' is not supported"},
        Bad{"? [a, b]\n: c\n", "a key must be plain text, not a list"}, Bad{"<<: 3\n", "'<<' merges a map"},
        Bad{"a: *nobody\n", "g.yaml:1:4: YAML syntax: "}, Bad{"a: \xff\xfe\n", "not valid UTF-8"}));

TEST(Yaml, RefusesNulAndTooManyBytes) {
  EXPECT_THAT(test::joined(parse(std::string_view("a: 1\nb\0: 2", 10)).problems), HasSubstr("g.yaml:2:2: a NUL byte"));
  EXPECT_THAT(test::joined(parse(std::string(1024UL * 1024UL + 1, 'a')).problems), HasSubstr("larger than 1024 KiB"));
}

TEST(Yaml, AMillionBracketsEndInAMessage) {
  const auto out = parse(std::string(100'000, '['));
  EXPECT_FALSE(out.tree);
  EXPECT_THAT(test::joined(out.problems), HasSubstr("nested deeper than 64 levels"));
}

}  // namespace
}  // namespace wardex::config
