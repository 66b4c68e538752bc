#include <random>

#include <gtest/gtest.h>

#include "wardex/text.hpp"

namespace wardex::text {
namespace {

const std::string kBad = "\xEF\xBF\xBD";  // U+FFFD

TEST(ValidUtf8, ReplacesEachMaximalInvalidSequence) {
  const std::pair<std::string, std::string> table[] = {
      {"", ""},
      {"plain", "plain"},
      {"é € 😀", "é € 😀"},
      {"\x80", kBad},                                   // lone continuation
      {"\xC0\xAF", kBad + kBad},                        // overlong '/'
      {"\xC1\xBF", kBad + kBad},                        // overlong
      {"\xE0\x80\xAF", kBad + kBad + kBad},             // overlong, three bytes
      {"\xF0\x80\x80\xAF", kBad + kBad + kBad + kBad},  // overlong, four bytes
      {"\xED\xA0\x80", kBad + kBad + kBad},             // surrogate
      {"\xF4\x90\x80\x80", kBad + kBad + kBad + kBad},  // above U+10FFFF
      {"\xF5\x80\x80\x80", kBad + kBad + kBad + kBad},  // no lead byte at all
      {"\xFF\xFE", kBad + kBad},
      {"\xE2\x82", kBad},  // cut short: one
      {"\xF0\x9F\x98", kBad},
      {"a\xE2\x82z", "a" + kBad + "z"},
      {"\xE2\x82\xE2\x82\xAC", kBad + "€"},
      {"\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF"},  // U+10FFFF
      {"\xED\x9F\xBF\xEE\x80\x80", "\xED\x9F\xBF\xEE\x80\x80"},
      {std::string("\0", 1), std::string("\0", 1)},
  };
  for (const auto& [bytes, expected] : table) {
    EXPECT_EQ(valid_utf8(bytes), expected);
    EXPECT_EQ(is_valid_utf8(bytes), bytes == expected);
    EXPECT_TRUE(is_valid_utf8(valid_utf8(bytes)));
  }
}

TEST(Length, CountsCodePointsAndInvalidBytes) {
  EXPECT_EQ(length(""), 0U);
  EXPECT_EQ(length("abc"), 3U);
  EXPECT_EQ(length("é€😀"), 3U);
  EXPECT_EQ(length("\xE2\x82"), 2U);
  EXPECT_EQ(length("a\xFF\xFF"), 3U);
}

TEST(Truncate, AtTheBoundary) {
  EXPECT_EQ(truncate("abcd", 5), "abcd");
  EXPECT_EQ(truncate("abcd", 4), "abcd");
  EXPECT_EQ(truncate("abcd", 3), "ab…");
  EXPECT_EQ(truncate("abcd", 1), "…");
  EXPECT_EQ(truncate("abcd", 0), "");
  EXPECT_EQ(truncate("", 0), "");
  EXPECT_EQ(truncate("é€😀x", 4), "é€😀x");
  EXPECT_EQ(truncate("é€😀xy", 4), "é€😀…");
  EXPECT_EQ(truncate("é€😀xy", 3), "é€…");
}

TEST(Truncate, KeepsWhatIsSeenAsOneCharacterTogether) {
  EXPECT_EQ(truncate("abe\xCC\x81xyz", 4), "ab…");       // e + combining acute
  EXPECT_EQ(truncate("ab👍🏽xyz", 4), "ab…");        // skin tone
  EXPECT_EQ(truncate("ab👩\xE2\x80\x8D💻xyz", 5), "ab…");  // joined by ZWJ
  EXPECT_EQ(truncate("a❤\xEF\xB8\x8Fxyz", 3), "a…");     // variation selector
  // Nothing but combining marks is cut all the same, so that a limit is a limit and the text does not vanish.
  std::string zalgo = "a";
  for (int i = 0; i < 100; ++i) zalgo += "\xCC\x81";
  EXPECT_EQ(length(truncate(zalgo, 50)), 50U);
}

TEST(TruncateBytes, AtTheBoundary) {
  EXPECT_EQ(truncate_bytes("abcdef", 6), "abcdef");
  EXPECT_EQ(truncate_bytes("abcdef", 5), "ab…");
  EXPECT_EQ(truncate_bytes("abcdef", 3), "…");
  EXPECT_EQ(truncate_bytes("abcdef", 2), "ab");  // no room for "…"
  EXPECT_EQ(truncate_bytes("abcdef", 0), "");
  EXPECT_EQ(truncate_bytes("€€€", 9), "€€€");
  EXPECT_EQ(truncate_bytes("€€€", 8), "€…");
  EXPECT_EQ(truncate_bytes("€€€", 6), "€…");
  EXPECT_EQ(truncate_bytes("€€€", 5), "…");
  EXPECT_EQ(truncate_bytes("😀", 2), "");
}

TEST(TruncateEscaped, NeverPartsAnEntity) {
  EXPECT_EQ(truncate_escaped("a&amp;b", 7), "a&amp;b");
  EXPECT_EQ(truncate_escaped("a&amp;bc", 7), "a&amp;…");
  EXPECT_EQ(truncate_escaped("a&amp;bc", 6), "a…");
  EXPECT_EQ(truncate_escaped("a&amp;bc", 5), "a…");
  EXPECT_EQ(truncate_escaped("a&amp;bc", 3), "a…");
  EXPECT_EQ(truncate_escaped("a&amp;bc", 2), "a…");
  EXPECT_EQ(truncate_escaped("&lt;&lt;&lt;", 9), "&lt;&lt;…");
  EXPECT_EQ(truncate_escaped("&lt;&lt;&lt;", 8), "&lt;…");
  EXPECT_EQ(truncate_escaped("&#128512;x", 9), "…");
  EXPECT_EQ(truncate_escaped("&#39;x", 5), "…");
  // A bare '&' is no entity.
  EXPECT_EQ(truncate_escaped("a & b & c", 6), "a & b…");
  EXPECT_EQ(truncate_escaped("a&b c;d", 4), "a&b…");
}

TEST(Truncate, HoldsItsPromisesForAnyBytes) {
  std::mt19937 random(20261124);
  const std::string_view pieces[] = {"a",        "&amp;",        "&",  ";",    "é", "€", "😀", "\xFF", "\xE2\x82",
                                     "\xCC\x81", "\xE2\x80\x8D", "\n", "&#39;"};
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (auto n = random() % 20; n > 0; --n) text += pieces[random() % std::size(pieces)];
    const std::size_t max = random() % 24;
    for (const auto& cut : {truncate(text, max), truncate_escaped(text, max)}) {
      ASSERT_TRUE(is_valid_utf8(cut));
      ASSERT_LE(length(cut), max);
    }
    const auto bytes = truncate_bytes(text, max);
    ASSERT_TRUE(is_valid_utf8(bytes));
    ASSERT_LE(bytes.size(), max);
  }
}

}  // namespace
}  // namespace wardex::text
