#include <string>

#include "unit/normalise/reading.hpp"

namespace wardex::normalise {
namespace {

using nlohmann::json;

json parsed(std::string_view text, std::size_t depth = 32) {
  auto out = parse_json(text, depth);
  if (const auto* error = std::get_if<ParseError>(&out)) {
    ADD_FAILURE() << text << ": " << error->message << " at " << error->offset;
    return {};
  }
  return std::get<json>(out);
}
ParseError error_of(std::string_view text, std::size_t depth = 32) {
  auto out = parse_json(text, depth);
  if (auto* error = std::get_if<ParseError>(&out)) return *error;
  ADD_FAILURE() << text << " was accepted";
  return {};
}

TEST(ParseJson, AgreesWithTheLibraryOnOrdinaryDocuments) {
  for (const auto* text :
       {"{}", "[]", "null", "true", "7", "-3", "8.7", "\"x\"", R"({"a":[1,{"b":[[],{}]},"c"],"d":null})",
        R"([[["deep"]],{"":{"~/":1}}])", R"("\ud83d\ude00 \u00e4")", " \t\r\n1 "})
    EXPECT_EQ(parsed(text), json::parse(text)) << text;
}

TEST(ParseJson, KeepsTheDigitsOfEveryNumber) {
  EXPECT_EQ(parsed("18446744073709551615"), json(18446744073709551615ULL));
  EXPECT_EQ(parsed("-9223372036854775808"), json(std::numeric_limits<std::int64_t>::min()));
  const std::pair<const char*, const char*> exact[] = {
      {"18446744073709551616", "18446744073709551616"},
      {"-9223372036854775809", "-9223372036854775809"},
      {"1.10", "1.10"},
      {"1e3", "1e3"},
      {"0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"}};
  for (const auto& [text, digits] : exact) EXPECT_EQ(parsed(text), json(digits)) << text;
  for (const auto* text : {"8.7", "8.0", "0.1", "-2.5"}) EXPECT_TRUE(parsed(text).is_number_float()) << text;
}

TEST(ParseJson, RefusesDuplicateKeysWithPlaceAndPointer) {
  const std::string text = R"({"a":{"x":"y \"q\" {","list":[1,{"k":1, "k":2}]}})";
  const auto error = error_of(text);
  EXPECT_EQ(error.offset, text.rfind("\"k\""));
  EXPECT_EQ(error.message, "the key /a/list/1/k occurs twice");
  EXPECT_EQ(error_of(R"({"a/b":1,"a/b":2})").message, "the key /a~1b occurs twice");
}

TEST(ParseJson, ChecksDepthWhileParsing) {
  EXPECT_EQ(parsed("[[[]]]", 3), json::parse("[[[]]]"));
  const auto error = error_of(R"({"a":[{"b":{}}]})", 3);
  EXPECT_EQ(error.offset, 11U);
  EXPECT_EQ(error.message, "nested deeper than 3 levels at /a/0/b");
  const std::string bomb(100'000, '[');
  EXPECT_EQ(error_of(bomb).offset, 32U);
  std::string objects;
  for (int i = 0; i < 10'000; ++i) objects += R"({"a":)";
  EXPECT_EQ(error_of(objects).offset, 32U * 5U);
}

TEST(ParseJson, SaysWhereTheTextIsBroken) {
  const struct {
    const char* text;
    std::size_t offset;
    const char* word;
  } rows[] = {{"", 0, "empty"},
              {"  \n", 0, "empty"},
              {R"({"a":1)", 6, "end of input"},
              {R"({"a":"cut)", 9, "string"},
              {"{'a':1}", 1, "object key"},
              {"[1,]", 3, "unexpected"},
              {"{} {}", 3, "unexpected"},
              {"nul", 2, "literal"},
              {"01", 1, ""},
              {"NaN", 0, ""},
              {"[1 2]", 3, ""}};
  for (const auto& row : rows) {
    const auto error = error_of(row.text);
    EXPECT_NEAR(static_cast<double>(error.offset), static_cast<double>(row.offset), 1.0)
        << row.text << ": " << error.message;
    EXPECT_NE(error.message.find(row.word), std::string::npos) << row.text << ": " << error.message;
    EXPECT_EQ(error.message.find("json.exception"), std::string::npos) << error.message;
    EXPECT_LE(error.message.size(), 1000U);
  }
  EXPECT_EQ(error_of(std::string_view("{}\0{}", 5)).offset, 2U);
}

TEST(ParseJson, RepairsTextThatIsNotUnicode) {
  EXPECT_EQ(parsed("{\"a\":\"caf\xE9\"}"), json({{"a", "caf\xEF\xBF\xBD"}}));
  EXPECT_EQ(parsed(R"(["\ud800"])"), json::parse(R"(["\ufffd"])"));
  EXPECT_EQ(parsed(R"(["\udc00\ud83d\ude00"])"), json::parse(R"(["\ufffd\ud83d\ude00"])"));
  EXPECT_EQ(parsed(R"(["\ud83d x", "\\ud800", "\uD83D\uD83D\uDE00"])"),
            json::parse(R"(["\ufffd x", "\\ud800", "\ufffd\ud83d\ude00"])"));
  error_of(R"(["\ud8)");
  error_of("{\xE9:1}");
}

std::vector<std::string> slices_of(std::string_view text, std::size_t depth = 32) {
  auto out = split_json(text, depth);
  if (const auto* error = std::get_if<ParseError>(&out)) {
    ADD_FAILURE() << text << ": " << error->message << " at " << error->offset;
    return {};
  }
  const auto& slices = std::get<std::vector<std::string_view>>(out);
  return {slices.begin(), slices.end()};
}

TEST(SplitJson, CutsArraysIntoTheirElements) {
  using List = std::vector<std::string>;
  EXPECT_EQ(slices_of(R"( {"a":[1,2]} )"), List{R"({"a":[1,2]})"});
  EXPECT_EQ(slices_of("[]"), List{});
  EXPECT_EQ(slices_of(" [ \n ] "), List{});
  EXPECT_EQ(slices_of(R"([{"a":1}, [2,3] ,"x,]}" , 7,"\\",null])"),
            (List{R"({"a":1})", "[2,3]", R"("x,]}")", "7", R"("\\")", "null"}));
}

TEST(SplitJson, LeavesABadElementToItsOwnParser) { EXPECT_EQ(slices_of(R"([{"a":1},{"b" 2},{"c":3}])").size(), 3U); }

TEST(SplitJson, SaysWhereTheTextIsBroken) {
  const struct {
    std::string text;
    std::size_t offset;
    const char* word;
  } rows[] = {{"", 0, "empty"},
              {"  ", 2, "empty"},
              {"\"just text\"", 0, "object"},
              {"7", 0, "object"},
              {"[1,,2]", 3, "comma"},
              {"[,1]", 1, "comma"},
              {"[1,]", 3, "comma"},
              {R"([{"a":1},{"b":)", 14, "ends"},
              {R"([{"a":"cut}])", 6, "no end"},
              {"[{]", 2, "where"},
              {"{}}", 2, "more text"},
              {"{}\n{}", 3, "ndjson"},
              {std::string(100, '['), 32, "deeper than 32"}};
  for (const auto& row : rows) {
    const auto out = split_json(row.text, 32);
    const auto* error = std::get_if<ParseError>(&out);
    ASSERT_NE(error, nullptr) << row.text;
    EXPECT_EQ(error->offset, row.offset) << row.text << ": " << error->message;
    EXPECT_NE(error->message.find(row.word), std::string::npos) << row.text << ": " << error->message;
  }
}

}  // namespace
}  // namespace wardex::normalise
