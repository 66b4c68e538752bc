#include <gtest/gtest.h>

#include "wardex/text.hpp"

namespace wardex::text {
namespace {

TEST(Join, Table) {
  EXPECT_EQ(join({}, ", "), "");
  EXPECT_EQ(join({"a"}, ", "), "a");
  EXPECT_EQ(join({"a", "", "c"}, ", "), "a, , c");
}

TEST(JoinSome, Table) {
  EXPECT_EQ(join_some({"T1204", "T1059", "T1", "T2", "T3"}, ", ", 2), "T1204, T1059 +3 more");
  EXPECT_EQ(join_some({"a", "b"}, ", ", 2), "a, b");
  EXPECT_EQ(join_some({"a", "b"}, ", ", 0), "+2 more");
  EXPECT_EQ(join_some({}, ", ", 0), "");
}

TEST(Case, IsAsciiOnly) {
  EXPECT_EQ(lower("AbZ[É"), "abz[É");
  EXPECT_EQ(upper("aBz{é"), "ABZ{é");
  EXPECT_TRUE(iequals("Content-Type", "content-TYPE"));
  EXPECT_FALSE(iequals("a", "ab"));
  EXPECT_FALSE(iequals("[", "{"));
  EXPECT_TRUE(iequals("", ""));
}

TEST(Nearest, FindsWhatATypoExplains) {
  const std::vector<std::string> keys{"url", "timeout", "token", "signing_secret", "mirror", "to"};
  const std::pair<std::string_view, std::string_view> table[] = {
      {"timout", "timeout"},
      {"timeuot", "timeout"},
      {"Timeout", "timeout"},
      {"timeouts", "timeout"},
      {"ulr", "url"},
      {"tokn", "token"},
      {"signing-secret", "signing_secret"},
      {"mirrror", "mirror"},
      {"t", "to"},
      {"banana", ""},
      {"", ""},
      {"xyz", ""},
      {"q", ""},
  };
  for (const auto& [word, expected] : table) EXPECT_EQ(nearest(word, keys), expected) << word;
}

TEST(Nearest, PrefersTheCloserAndThenTheFirst) {
  EXPECT_EQ(nearest("slak", {"slick", "slack"}), "slack");
  EXPECT_EQ(nearest("lax", {"lab", "lat"}), "lab");
}

TEST(Nearest, IsBounded) {
  EXPECT_EQ(nearest(std::string(100'000, 'a'), {"aaaa"}), "");
  EXPECT_EQ(nearest("aaaa", {std::string(100'000, 'a')}), "");
}

TEST(SeverityTable, Indexes) {
  constexpr SeverityTable<int> numbers(1, 2, 3, 4, 5);
  static_assert(numbers[Severity::info] == 1 && numbers[Severity::critical] == 5);
  SeverityTable<std::string> names("i", "l", "m", "h", "c");
  names[Severity::high] = "H";
  EXPECT_EQ(names[Severity::high], "H");
}

}  // namespace
}  // namespace wardex::text
