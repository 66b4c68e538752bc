#include "wire/message.hpp"

#include <gtest/gtest.h>

namespace wardex::bench {
namespace {

TEST(FirstMessage, IsNotThereUntilItsLastByte) {
  const std::string whole = "POST /hook?a=1 HTTP/1.1\r\nHost: x\r\ncontent-length: 5\r\nConnection: close\r\n\r\nhello";
  std::string unchunked;
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(first_message(std::string_view(whole).substr(0, size), unchunked)) << size;
  const auto two = whole + "GET /next";
  const auto message = first_message(two, unchunked);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->target(), "/hook?a=1");
  EXPECT_EQ(message->header("Content-Length"), "5");
  EXPECT_EQ(message->body, "hello");
  EXPECT_EQ(message->size, whole.size());
  EXPECT_TRUE(message->closes());
}

TEST(FirstMessage, PutsChunksTogether) {
  const std::string whole =
      "HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n";
  std::string unchunked;
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(first_message(std::string_view(whole).substr(0, size), unchunked)) << size;
  const auto message = first_message(whole, unchunked);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->status(), 202);
  EXPECT_EQ(message->body, "abc0123456789");
  EXPECT_EQ(message->size, whole.size());
  EXPECT_FALSE(message->closes());
}

TEST(QueryParameter, IsFoundByItsWholeName) {
  EXPECT_EQ(query_parameter("/stats?expected=10&first=2", "first"), "2");
  EXPECT_EQ(query_parameter("/stats?expected=10", "expect"), std::nullopt);
  EXPECT_EQ(query_parameter("/stats?flag", "flag"), "");
  EXPECT_EQ(query_parameter("/stats", "flag"), std::nullopt);
}

TEST(Inflate, RefusesWhatIsDamagedOrTooLarge) {
  // gzip of 1 000 times 'a'
  const std::string packed(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x4b\x4c\x1c\x05\xa3\x60\x14\x0c\x77\x00\x00\x03\xda\x38\x9a\xe8\x03\x00"
      "\x00",
      29);
  EXPECT_EQ(inflate(packed, 1000), std::string(1000, 'a'));
  EXPECT_FALSE(inflate(packed, 999));
  EXPECT_FALSE(inflate(packed.substr(0, 20), 1000));
  EXPECT_FALSE(inflate("not gzip", 1000));
}

}  // namespace
}  // namespace wardex::bench
