#include "wardex/byte_words.hpp"

#include <gtest/gtest.h>

#include <string>

namespace wardex::text {
namespace {

/// Every byte at every place of texts longer than two words, with a second one behind it.
template <class Check>
void for_each_text(Check check) {
  for (int byte = 0; byte < 256; ++byte)
    for (std::size_t at = 0; at < 40; ++at) {
      std::string text(40, 'x');
      text[at] = static_cast<char>(byte);
      check(text);
      if (at + 1 < text.size()) {
        text[at + 1] = '"';
        check(text);
        text[at + 1] = '\x01';
        check(text);
      }
    }
}

TEST(ByteWords, FindTheFirstByteThatIsNotAscii) {
  for_each_text([](const std::string& text) {
    std::size_t expected = 0;
    while (expected < text.size() && static_cast<unsigned char>(text[expected]) < 0x80) ++expected;
    ASSERT_EQ(ascii_size(text), expected) << text;
  });
  EXPECT_EQ(ascii_size(""), 0U);
}

TEST(ByteWords, FindTheFirstByteThatJsonEscapes) {
  for_each_text([](const std::string& text) {
    std::size_t expected = 0;
    for (; expected < text.size(); ++expected) {
      const auto byte = static_cast<unsigned char>(text[expected]);
      if (byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\') break;
    }
    ASSERT_EQ(json_plain_size(text), expected) << text;
  });
  EXPECT_EQ(json_plain_size("short"), 5U);
}

TEST(ByteWords, FindTheQuoteOrBackslash) {
  for_each_text([](const std::string& text) {
    ASSERT_EQ(json_text_size(text), std::min(text.find_first_of("\"\\"), text.size())) << text;
  });
}

}  // namespace
}  // namespace wardex::text
