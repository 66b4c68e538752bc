#include "config/references.hpp"

#include <sys/stat.h>

#include <gmock/gmock.h>

#include "config/yaml.hpp"
#include "fixture.hpp"

namespace wardex::config {
namespace {

using test::sources;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct Resolved {
  Value value;
  Problems problems;
  std::vector<std::filesystem::path> files;
};
Resolved resolve(const std::string& scalar, const SecretSources& from) {
  Resolved out;
  Value root = *parse_yaml("s: '" + scalar + "'", "g.yaml", out.problems);
  resolve_references(root, from, out.problems, out.files);
  out.value = *root.find("s");
  return out;
}

TEST(References, FromTheEnvironment) {
  const auto out = resolve("${env:TOKEN}", sources({{"TOKEN", "abc\n"}}));
  ASSERT_TRUE(out.value.resolved);
  EXPECT_EQ(out.value.resolved->reveal(), "abc\n");  // only files end in a line end nobody meant
  EXPECT_TRUE(out.value.is_reference);
  EXPECT_EQ(out.value.scalar, "${env:TOKEN}");
  EXPECT_THAT(out.problems.all(), IsEmpty());
}

TEST(References, FromFilesExactlyOneLineEndGoes) {
  const test::TempDir dir;
  const std::pair<std::string, std::string> cases[] = {{"abc", "abc"},     {"abc\n", "abc"},
                                                       {"abc\r\n", "abc"}, {"abc\n\n", "abc\n"},
                                                       {" abc ", " abc "}, {"a${env:X}", "a${env:X}"}};
  for (const auto& [bytes, expected] : cases) {
    const auto file = dir.write("secret", bytes);
    const auto out = resolve("${file:" + file.string() + "}", sources());
    ASSERT_TRUE(out.value.resolved) << test::joined(out.problems);
    EXPECT_EQ(out.value.resolved->reveal(), expected);
    EXPECT_THAT(out.files, ElementsAre(file));
  }
}

TEST(References, FromSystemdCredentials) {
  const test::TempDir dir;
  const auto file = dir.write("intake_token", "tok\n");
  const auto out = resolve("${credential:intake_token}", sources({}, dir.path()));
  ASSERT_TRUE(out.value.resolved);
  EXPECT_EQ(out.value.resolved->reveal(), "tok");
  EXPECT_THAT(out.files, ElementsAre(file));
  EXPECT_THAT(test::joined(resolve("${credential:other}", sources({}, dir.path())).problems),
              HasSubstr("there is no such credential; add LoadCredential=other:/path"));
}

TEST(References, ALimitIsALimit) {
  const test::TempDir dir;
  const auto at_most = dir.write("max", std::string(64UL * 1024UL, 'x') + "\n");
  EXPECT_TRUE(resolve("${file:" + at_most.string() + "}", sources()).value.resolved);
  const std::pair<std::string, std::string> cases[] = {{std::string(64UL * 1024UL + 1, 'x'), "is larger than 64 KiB"},
                                                       {"", "is empty"},
                                                       {"\n", "is empty"},
                                                       {std::string("a\0b", 3), "contains a NUL byte"}};
  for (const auto& [bytes, problem] : cases) {
    const auto out = resolve("${file:" + dir.write("bad", bytes).string() + "}", sources());
    EXPECT_FALSE(out.value.resolved);
    EXPECT_THAT(test::joined(out.problems), HasSubstr(problem));
  }
}

TEST(References, AFifoOrADirectoryDoesNotHang) {
  const test::TempDir dir;
  const auto fifo = dir.path() / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_THAT(test::joined(resolve("${file:" + fifo.string() + "}", sources()).problems),
              HasSubstr("is not a regular file"));
  EXPECT_THAT(test::joined(resolve("${file:" + dir.path().string() + "}", sources()).problems),
              HasSubstr("is not a regular file"));
}

TEST(References, WarnsOfAFileThatEverybodyCanRead) {
  const test::TempDir dir;
  const auto file = dir.write("secret", "abc");
  std::filesystem::permissions(file, std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  const auto out = resolve("${file:" + file.string() + "}", sources());
  EXPECT_TRUE(out.value.resolved);
  EXPECT_THAT(test::joined(out.problems), HasSubstr("warning: " + file.string() + " is readable by everybody"));
}

struct Bad {
  const char* scalar;
  const char* problem;
};
class ReferenceRefused : public ::testing::TestWithParam<Bad> {};
TEST_P(ReferenceRefused, WithTheWayOut) {
  const auto out = resolve(GetParam().scalar, sources({{"EMPTY", ""}}));
  EXPECT_FALSE(out.value.resolved);
  ASSERT_EQ(out.problems.all().size(), 1U);
  EXPECT_THAT(out.problems.all().front().str(),
              ::testing::AllOf(::testing::StartsWith("g.yaml:1:4: s: "), HasSubstr(GetParam().problem)));
}
INSTANTIATE_TEST_SUITE_P(
    Table, ReferenceRefused,
    ::testing::Values(Bad{"${env:NOPE}", "the environment variable NOPE is not set"},
                      Bad{"${env:EMPTY}", "EMPTY is empty"}, Bad{"${env:A B}", "is no environment variable name"},
                      Bad{"${file:/nonexistent/x}", "/nonexistent/x: No such file or directory"},
                      Bad{"${file:x}", "the path must be absolute"},
                      Bad{"${credential:x}", "$CREDENTIALS_DIRECTORY is not set"},
                      Bad{"${credential:../x}", "a credential's name is made of"},
                      Bad{"${TOKEN}", "write ${env:TOKEN}, ${file:/path} or ${credential:name}"},
                      Bad{"${evn:TOKEN}", "unknown kind of reference 'evn', did you mean 'env'?"},
                      Bad{"Bearer ${env:TOKEN}", "a reference must be the whole value: '${env:TOKEN}' stands inside"},
                      Bad{"${env:A}${env:B}", "a reference must be the whole value"}));

TEST(References, TwoDollarsAreALiteral) {
  const std::pair<std::string, std::string> cases[] = {{"$${env:TOKEN}", "${env:TOKEN}"},
                                                       {"a $${file:/x} b", "a ${file:/x} b"},
                                                       {"${title} by ${host}", "${title} by ${host}"},
                                                       {"5 $", "5 $"}};
  for (const auto& [scalar, expected] : cases) {
    const auto out = resolve(scalar, sources());
    EXPECT_THAT(out.problems.all(), IsEmpty()) << scalar;
    EXPECT_FALSE(out.value.is_reference);
    EXPECT_EQ(out.value.scalar, expected);
  }
}

TEST(References, ResolvedValuesCanBeDropped) {
  auto out = resolve("${env:TOKEN}", sources({{"TOKEN", "abc"}}));
  EXPECT_FALSE(without_secrets(std::move(out.value)).resolved);
}

}  // namespace
}  // namespace wardex::config
