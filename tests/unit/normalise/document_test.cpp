// The quick way and parse_json() make the same of every text.
#include "normalise/document.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "normalise/canonical.hpp"
#include "unit/normalise/random_document.hpp"
#include "unit/normalise/reading.hpp"

namespace wardex::normalise {
namespace {

using nlohmann::json;

constexpr std::size_t kDepth = 8;

bool is_quick(std::string_view text) {
  Arena arena;
  return quick_parse(text, kDepth, arena).has_value();
}

/// Both refuse `text` for the same reason at the same byte, or both read the same.
void compare(std::string_view text, Document& document) {
  const auto expected = parse_json(text, kDepth);
  const auto error = document.read(text, kDepth);
  if (const auto* refused = std::get_if<ParseError>(&expected)) {
    ASSERT_TRUE(error) << text;
    ASSERT_EQ(error->offset, refused->offset) << text;
    ASSERT_EQ(error->message, refused->message) << text;
    return;
  }
  ASSERT_FALSE(error) << text << ": " << error->message;
  ASSERT_EQ(canonical_json(document.root()), std::get<json>(expected).dump()) << text;
}

TEST(Document, TakesOrdinaryTextTheQuickWay) {
  for (const auto* text : {"{}",
                           "[]",
                           "null",
                           "true",
                           "false",
                           "7",
                           "-3",
                           "-0",
                           "8.7",
                           "1.10",
                           "1e3",
                           "-2.5E-3",
                           "\"x\"",
                           " \t\r\n1 ",
                           R"({"a":[1,{"b":[[],{}]},"c"],"d":null})",
                           "18446744073709551615",
                           "-9223372036854775808",
                           R"("\"\\\/\b\f\n\r\t\u0000\u00e4\u20ac\ud83d\ude00")",
                           "\"caf\xC3\xA9 \xF0\x9F\x98\x80\"",
                           "[[[[[[[[]]]]]]]]"}) {
    Document document;
    compare(text, document);
    EXPECT_TRUE(is_quick(text)) << text;
  }
}

TEST(Document, LeavesTheUnusualToTheParserThatExplainsAndRepairs) {
  const std::string_view rows[] = {"",
                                   " ",
                                   "[[[[[[[[[]]]]]]]]]",
                                   R"({"a":1,"b":2,"a":3})",
                                   R"({"endpoint_a":1,"endpoint_b":2,"endpoint_a":3})",
                                   "18446744073709551616",
                                   "-9223372036854775809",
                                   "1e999",
                                   "1e-999",
                                   "\"caf\xE9\"",
                                   "\"\xED\xA0\x80\"",
                                   R"("\ud800")",
                                   R"("\udc00\ud83d")",
                                   R"("\ud83d\u0041")",
                                   "\xEF\xBB\xBF{}",
                                   std::string_view("{}\0", 3),
                                   "\"a\x01\"",
                                   "01",
                                   "-",
                                   "1.",
                                   ".5",
                                   "1e",
                                   "+1",
                                   "nul",
                                   "nullx",
                                   "True",
                                   "NaN",
                                   "{} {}",
                                   "[1,]",
                                   "[,1]",
                                   "[1 2]",
                                   "[1",
                                   "{\"a\"}",
                                   "{\"a\":}",
                                   "{\"a\":1,}",
                                   "{a:1}",
                                   "{'a':1}",
                                   "{1:1}",
                                   R"("\x")",
                                   R"("\u12")",
                                   R"("\u12g4")",
                                   "\"open",
                                   "\"open\\",
                                   "\"open\\\"",
                                   "[1/**/]"};
  for (const auto text : rows) {
    Document document;
    compare(text, document);
    EXPECT_FALSE(is_quick(text)) << text;
  }
}

TEST(Document, ReadsEverySampleAlike) {
  std::size_t read = 0;
  Document document;
  for (const auto& entry : std::filesystem::directory_iterator(WARDEX_SOURCE_DIR "/tests/data")) {
    std::ifstream file(entry.path());
    std::stringstream text;
    text << file.rdbuf();
    compare(text.str(), document);
    ++read;
  }
  EXPECT_GT(read, 20U);
}

TEST(Document, ReadsRandomTextAlikeHoweverBroken) {
  std::mt19937 random(11);
  Document document;
  std::size_t quick = 0;
  for (unsigned seed = 0; seed < 700; ++seed) {
    auto text = Maker(seed).object(0).dump(seed % 3 == 0 ? 1 : -1, ' ', seed % 2 == 0);
    compare(text, document);
    quick += is_quick(text) ? 1U : 0U;
    constexpr std::string_view kBytes = "\"\\{}[],:.eE-+0123456789abdfnrtu \n\x01\x7F\x80\xC3\xED\xF0\xFF";
    for (int n = 0; n < 4; ++n) {
      const auto at = random() % text.size();
      const char byte = kBytes[random() % kBytes.size()];
      if (random() % 2 == 0)
        text[at] = byte;
      else
        text.insert(at, 1, byte);
      compare(text, document);
    }
  }
  EXPECT_GT(quick, 500U);  // else the comparison says little
}

TEST(Document, SortsAndFindsMembersByTheirBytes) {
  Document document;
  ASSERT_FALSE(
      document.read(R"({"b":1,"endpoint_b":2,"":3,"endpoint_a":4,"\u00e4":5,"a\u0000":6,"a":7,"B":8})", kDepth));
  std::string last;
  for (const auto& member : document.root().items()) {
    EXPECT_LE(last, member.name());
    last = member.name();
    EXPECT_EQ(document.root().find(last), &member);
  }
  EXPECT_EQ(document.root().items().size(), 8U);
  EXPECT_EQ(document.root().find("endpoint_c"), nullptr);
  EXPECT_EQ(document.root().items().front().find("x"), nullptr);
}

}  // namespace
}  // namespace wardex::normalise
