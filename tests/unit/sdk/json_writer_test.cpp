#include "wardex/json_writer.hpp"

#include <limits>
#include <random>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace wardex {
namespace {

template <class T>
std::string written(const T& value) {
  std::string out;
  JsonWriter(out).value(value);
  return out;
}

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
  std::string out = "before ";
  JsonWriter json(out);
  json.begin_object().key("a").value(1).key("b").begin_array().value("x").value(true).begin_object().end_object();
  json.end_array().key("c").begin_array().end_array().key("d").value("last").end_object();
  EXPECT_EQ(out, R"(before {"a":1,"b":["x",true,{}],"c":[],"d":"last"})");
}

TEST(JsonWriter, NumbersAreTheLibrarys) {
  EXPECT_EQ(written(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(written(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  for (const double number : {0.0, -0.0, 1.0, 0.1, 12345.678, 1e20, 1e-7, 1.0 / 3})
    EXPECT_EQ(written(number), nlohmann::json(number).dump());
  EXPECT_EQ(written(std::numeric_limits<double>::quiet_NaN()), "null");
}

TEST(JsonWriter, EscapesAsTheLibraryDoes) {
  std::mt19937 random(7);
  const std::vector<std::string> pieces{
      "plain ", "\"",   "\\",   "\n",       std::string(1, '\0'), "\x1f",     "\x7f", "é",     "漢",
      "😀",      "\xff", "\xc3", "\xe2\x82", "\xed\xa0\x80",       "\xf0\x9f", "/",    "\u2028"};
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (std::size_t i = random() % 12; i > 0; --i) text += pieces[random() % pieces.size()];
    EXPECT_EQ(written(text), nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
}

}  // namespace
}  // namespace wardex
