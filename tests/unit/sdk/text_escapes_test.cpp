#include <gtest/gtest.h>

#include "wardex/text.hpp"

namespace wardex::text {
namespace {

const std::string kZwsp = "\xE2\x80\x8B";

TEST(SingleLine, Table) {
  const std::pair<std::string, std::string> table[] = {
      {"plain", "plain"},
      {"a\nb", "a b"},
      {"a\r\nb", "a b"},
      {"a\n\n\tb", "a b"},
      {"a\xC2\x85"
       "b",
       "a b"},  // NEL
      {"a\xE2\x80\xA8"
       "b",
       "a b"},  // LINE SEPARATOR
      {"a\xE2\x80\xA9"
       "b",
       "a b"},  // PARAGRAPH SEPARATOR
      {std::string("a\0b", 3), "ab"},
      {"a\x1B[31mb\x7F", "a[31mb"},  // terminal escape
      {"a\xC2\x9B"
       "b",
       "ab"},  // C1
      {"ab\xE2\x80\xAE"
       "cd",
       "abcd"},  // RLO
      {"ab\xE2\x81\xA6"
       "cd",
       "abcd"},  // LRI
      {"ab\xE2\x80\x8F"
       "cd",
       "abcd"},  // RLM
      {"a\xE2\x80\x8B"
       "b",
       "ab"},  // ZWSP
      {"a\xEF\xBB\xBF"
       "b",
       "ab"},  // BOM
      {"a\xC2\xAD"
       "b",
       "ab"},  // soft hyphen
      {"a\xF3\xA0\x81\x81"
       "b",
       "ab"},  // tag letter
      {"a\xFF"
       "b",
       "a\xEF\xBF\xBD"
       "b"},
      {"日本 é 😀", "日本 é 😀"},
      {"a  b", "a  b"},
  };
  for (const auto& [given, expected] : table) EXPECT_EQ(single_line(given), expected);
}

TEST(Printable, KeepsLinesAndTabs) {
  EXPECT_EQ(printable("a\n\tb\r\n\x07"
                      "c\xE2\x80\xAE"
                      "d\xC2\x85"
                      "e"),
            "a\n\tb\ncde");
}

TEST(Escape, Slack) {
  EXPECT_EQ(escape_slack("<!channel> & <https://evil|ok>"), "&lt;!channel&gt; &amp; &lt;https://evil|ok&gt;");
  EXPECT_EQ(escape_slack("&amp;"), "&amp;amp;");
  EXPECT_EQ(escape_slack("\"quotes' *stay*"), "\"quotes' *stay*");
  EXPECT_EQ(escape_slack("\xC3("), "\xEF\xBF\xBD(");
}

TEST(Escape, SlackInline) {
  EXPECT_EQ(escape_slack_inline("*b*_<"), "*" + kZwsp + "b*" + kZwsp + "_" + kZwsp + "&lt;");
  EXPECT_EQ(escape_slack_inline("`x`~"), "`" + kZwsp + "x`" + kZwsp + "~" + kZwsp);
}

TEST(Escape, Html) {
  EXPECT_EQ(escape_html("<a href=\"x\" b='y'>&"), "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;");
}

TEST(Escape, SyslogStructuredData) { EXPECT_EQ(escape_syslog_sd(R"(a"b\c]d[e)"), R"(a\"b\\c\]d[e)"); }

TEST(Escape, Cef) {
  EXPECT_EQ(escape_cef_header("a|b\\c=d\ne\r"), "a\\|b\\\\c=d e ");
  EXPECT_EQ(escape_cef_extension("a|b\\c=d\ne\r"), "a|b\\\\c\\=d\\ne\\r");
}

TEST(Escape, Leef) {
  EXPECT_EQ(escape_leef("a^b\nc\td", '^'), "a b c\td");
  EXPECT_EQ(escape_leef("a^b\tc", '\t'), "a^b c");
}

TEST(Escape, Percent) {
  EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(percent_encode("a b/c?d=é&%"), "a%20b%2Fc%3Fd%3D%C3%A9%26%25");
  EXPECT_EQ(percent_encode(std::string_view("\0\xFF", 2)), "%00%FF");
}

TEST(Escape, AllOutputIsValidUtf8) {
  const std::string hostile = "\xFF\xC0\x80 \xED\xA0\x80 \xF0\x9F";
  for (const auto& out : {escape_slack(hostile), escape_slack_inline(hostile), escape_html(hostile),
                          escape_syslog_sd(hostile), escape_cef_header(hostile), escape_cef_extension(hostile),
                          escape_leef(hostile, '^'), single_line(hostile), printable(hostile)})
    EXPECT_TRUE(is_valid_utf8(out));
}

}  // namespace
}  // namespace wardex::text
