#include <gtest/gtest.h>

#include "unit/sdk/values.hpp"

namespace wardex {
namespace {

using namespace std::chrono_literals;
using testing::broken_reference;
using testing::in_quotes;
using testing::list;
using testing::map;
using testing::reference;
using testing::scalar;
using testing::told;

template <class T>
struct Row {
  Value given;
  std::optional<T> expected;
  std::string problem;  // empty: none
};

template <class T>
void check(const std::vector<Row<T>>& table) {
  for (const auto& row : table) {
    Problems problems;
    const std::optional<T> got = Codec<T>::read(row.given, "x", problems);
    EXPECT_EQ(got, row.expected) << row.given.scalar;
    const auto messages = told(problems);
    EXPECT_EQ(messages.empty() ? "" : messages.front(), row.problem.empty() ? "" : "x: " + row.problem);
    EXPECT_LE(messages.size(), 1U);
  }
}

enum class Colour { red, green };

}  // namespace

template <>
struct EnumNames<Colour> {
  static constexpr std::array names{std::pair{"red", Colour::red}, std::pair{"green", Colour::green}};
};

namespace {

TEST(ReadSetting, Bool) {
  check<bool>({
      {scalar("true"), true, ""},
      {scalar("false"), false, ""},
      {reference("${env:ON}", "true"), true, ""},
      {broken_reference("${env:ON}"), {}, ""},
      {scalar("yes"), {}, "expected true or false, not 'yes'"},
      {scalar("True"), {}, "expected true or false, not 'True'"},
      {in_quotes("true"), {}, "expected true or false, not text: write true without the quotes"},
      {list({}), {}, "expected true or false, not a list"},
      {reference("${env:ON}", "maybe"), {}, "expected true or false, not what ${env:ON} holds"},
  });
}

TEST(ReadSetting, Integer) {
  check<std::uint16_t>({
      {scalar("0"), 0, ""},
      {scalar("65535"), 65535, ""},
      {scalar("007"), 7, ""},
      {reference("${env:PORT}", "8080"), 8080, ""},
      {reference("${env:PORT}", "x8080"), {}, "expected a whole number, not what ${env:PORT} holds"},
      {reference("${env:PORT}", "99999"), {}, "must be between 0 and 65535, not what ${env:PORT} holds"},
      {broken_reference("${env:PORT}"), {}, ""},
      {scalar("65536"), {}, "must be between 0 and 65535, not 65536"},
      {scalar("-1"), {}, "must be between 0 and 65535, not -1"},
      {scalar("99999999999999999999"), {}, "must be between 0 and 65535, not 99999999999999999999"},
      {in_quotes("15"), {}, "expected a whole number, not text: write 15 without the quotes"},
      {scalar("1.5"), {}, "expected a whole number, not '1.5'"},
      {scalar("+5"), {}, "expected a whole number, not '+5'"},
      {scalar("0x10"), {}, "expected a whole number, not '0x10'"},
      {scalar("1_000"), {}, "expected a whole number, not '1_000'"},
      {scalar(""), {}, "expected a whole number, not ''"},
      {scalar("-"), {}, "expected a whole number, not '-'"},
      {scalar("--5"), {}, "expected a whole number, not '--5'"},
      {map({}), {}, "expected a whole number, not a map"},
  });
  check<std::int64_t>({
      {scalar("-9223372036854775808"), std::numeric_limits<std::int64_t>::min(), ""},
      {scalar("9223372036854775807"), std::numeric_limits<std::int64_t>::max(), ""},
      {scalar("9223372036854775808"),
       {},
       "must be between -9223372036854775808 and 9223372036854775807, not 9223372036854775808"},
  });
  check<std::uint64_t>({{scalar("9223372036854775807"), 9223372036854775807ULL, ""}});
}

TEST(ReadSetting, Number) {
  check<double>({
      {scalar("5"), 5.0, ""},
      {scalar("-0.5"), -0.5, ""},
      {scalar("1e3"), 1000.0, ""},
      {scalar("inf"), {}, "expected a number such as 5 or 0.5, not 'inf'"},
      {scalar("nan"), {}, "expected a number such as 5 or 0.5, not 'nan'"},
      {scalar("1e999"), {}, "expected a number such as 5 or 0.5, not '1e999'"},
      {scalar("1,5"), {}, "expected a number such as 5 or 0.5, not '1,5'"},
      {in_quotes("5"), {}, "expected a number such as 5 or 0.5, not text: write 5 without the quotes"},
  });
}

TEST(ReadSetting, String) {
  check<std::string>({
      {scalar("abc"), "abc", ""},
      {in_quotes("15"), "15", ""},
      {scalar("15"), "15", ""},
      {scalar(""), "", ""},
      {reference("${env:NAME}", "value"), "value", ""},
      {broken_reference("${env:NAME}"), {}, ""},
      {reference("${file:/run/x}", "value"),
       {},
       "${file:/run/x} is for secrets, and this is none; write the value itself, or ${env:NAME}"},
      {reference("${credential:x}", "value"),
       {},
       "${credential:x} is for secrets, and this is none; write the value itself, or ${env:NAME}"},
      {list({scalar("a")}), {}, "expected text, not a list"},
      {Value{}, {}, "expected text, not nothing"},
  });
}

TEST(ReadSetting, Duration) {
  check<Millis>({
      {scalar("15s"), 15s, ""},
      {in_quotes("1h30m"), 90min, ""},
      {reference("${env:T}", "250ms"), 250ms, ""},
      {scalar("abc"), {}, "expected a duration such as 15s, 5m or 24h, not 'abc'"},
      {scalar("15"), {}, "expected a duration such as 15s, 5m or 24h, not '15'"},
      {scalar("a\nb\x1B" + std::string(200, 'x')),
       {},
       "expected a duration such as 15s, 5m or 24h, not 'a b" + std::string(60, 'x') + "…'"},
      {list({}), {}, "expected a duration such as 15s, 5m or 24h, not a list"},
  });
}

TEST(ReadSetting, Bytes) {
  const std::string refused = "expected a size such as 64KiB, 8MiB or 1GB, not ";
  check<Bytes>({
      {scalar("0"), Bytes{0}, ""},
      {scalar("1234"), Bytes{1234}, ""},
      {scalar("12B"), Bytes{12}, ""},
      {scalar("64KiB"), Bytes{65536}, ""},
      {scalar("8MiB"), Bytes{8388608}, ""},
      {scalar("2GiB"), Bytes{2147483648}, ""},
      {scalar("1TiB"), Bytes{1099511627776}, ""},
      {scalar("1kB"), Bytes{1000}, ""},
      {scalar("1KB"), Bytes{1000}, ""},
      {scalar("3MB"), Bytes{3000000}, ""},
      {scalar("1GB"), Bytes{1000000000}, ""},
      {scalar("1TB"), Bytes{1000000000000}, ""},
      {scalar("9223372036854775807"), Bytes{9223372036854775807}, ""},
      {scalar("9223372036854775808"), {}, refused + "'9223372036854775808'"},
      {scalar("8388608TiB"), {}, refused + "'8388608TiB'"},
      {scalar("8 MiB"), {}, refused + "'8 MiB'"},
      {scalar("1.5MiB"), {}, refused + "'1.5MiB'"},
      {scalar("-1"), {}, refused + "'-1'"},
      {scalar("MiB"), {}, refused + "'MiB'"},
      {scalar("8mib"), {}, refused + "'8mib'"},
      {scalar(""), {}, refused + "''"},
  });
}

TEST(ReadSetting, Choice) {
  check<Colour>({
      {scalar("green"), Colour::green, ""},
      {reference("${env:C}", "red"), Colour::red, ""},
      {scalar("gren"), {}, "expected one of red, green, not 'gren'; did you mean 'green'?"},
      {scalar("Green"), {}, "expected one of red, green, not 'Green'; did you mean 'green'?"},
      {scalar("purple"), {}, "expected one of red, green, not 'purple'"},
      {reference("${env:C}", "gren"), {}, "expected one of red, green, not what ${env:C} holds"},
      {list({}), {}, "expected one of red, green, not a list"},
  });
}

TEST(ReadSetting, Optional) {
  check<std::optional<Millis>>({
      {scalar("1s"), std::optional<Millis>(1s), ""},
      {scalar("x"), {}, "expected a duration such as 15s, 5m or 24h, not 'x'"},
  });
}

TEST(ReadSetting, Lists) {
  check<std::vector<std::string>>({
      {list({scalar("a"), scalar("b")}), std::vector<std::string>{"a", "b"}, ""},
      {list({}), std::vector<std::string>{}, ""},
      {scalar("a"), std::vector<std::string>{"a"}, ""},
      {map({}), {}, "expected a list, not a map"},
  });
  Problems problems;
  const auto got = Codec<std::vector<Millis>>::read(list({scalar("x"), scalar("1s"), map({})}), "steps", problems);
  EXPECT_FALSE(got);
  EXPECT_EQ(told(problems),
            (std::vector<std::string>{"steps[0]: expected a duration such as 15s, 5m or 24h, not 'x'",
                                      "steps[2]: expected a duration such as 15s, 5m or 24h, not a map"}));
}

TEST(ReadSetting, Maps) {
  using Map = std::map<std::string, std::string>;
  check<Map>({
      {map({{"b", scalar("2")}, {"a", scalar("1")}}), Map{{"a", "1"}, {"b", "2"}}, ""},
      {map({}), Map{}, ""},
      {list({}), {}, "expected a map, not a list"},
      {scalar("x"), {}, "expected a map, not 'x'"},
  });
  Problems problems;
  EXPECT_FALSE(
      (Codec<std::map<std::string, bool>>::read(map({{"on", scalar("x")}, {"off", scalar("1")}}), "m", problems)));
  EXPECT_EQ(told(problems), (std::vector<std::string>{"m.on: expected true or false, not 'x'",
                                                      "m.off: expected true or false, not '1'"}));
}

struct SecretRow {
  Value given;
  std::optional<std::string> expected;
  std::string problem;
};

TEST(ReadSetting, Secret) {
  const std::string use = "a reference such as ${env:NAME}, ${file:/path} or ${credential:name}";
  const SecretRow table[] = {
      {reference("${env:T}", "canary"), "canary", ""},
      {reference("${file:/run/t}", "canary"), "canary", ""},
      {reference("${credential:t}", "canary"), "canary", ""},
      {broken_reference("${file:/run/t}"), {}, ""},
      {scalar("canary"), "canary", "warning: the secret stands in the file itself; use " + use},
      {in_quotes("canary"), "canary", "warning: the secret stands in the file itself; use " + use},
      {reference("${env:T}", ""), {}, "${env:T} is empty"},
      {scalar(""), {}, "is empty; write " + use},
      {list({scalar("canary")}), {}, "expected " + use + ", not a list"},
      {Value{}, {}, "expected " + use + ", not nothing"},
  };
  for (const auto& row : table) {
    Problems problems;
    const auto got = Codec<Secret>::read(row.given, "x", problems);
    EXPECT_EQ(got ? std::optional(std::string(got->reveal())) : std::nullopt, row.expected);
    const auto messages = told(problems);
    EXPECT_EQ(messages.empty() ? "" : messages.front(), row.problem.empty() ? "" : "x: " + row.problem);
    for (const auto& message : messages) EXPECT_EQ(message.find("canary"), std::string::npos);
  }
}

}  // namespace
}  // namespace wardex
