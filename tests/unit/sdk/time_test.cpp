#include <limits>

#include <gtest/gtest.h>

#include "wardex/time.hpp"

namespace wardex {
namespace {

using namespace std::chrono_literals;

WallTime at(std::string_view text) { return from_iso(text).value(); }

struct Written {
  std::string_view text;
  std::string_view utc;  // empty: refused
};

TEST(Timestamp, Parse) {
  const Written table[] = {
      {"2026-04-21T14:22:09Z", "2026-04-21T14:22:09Z"},
      {"2026-04-21t14:22:09z", "2026-04-21T14:22:09Z"},
      {"2026-04-21 14:22:09Z", "2026-04-21T14:22:09Z"},
      {"2026-04-21T14:22:09", "2026-04-21T14:22:09Z"},
      {"2026-04-21 14:22:09.5", "2026-04-21T14:22:09.5Z"},
      // Offsets, across midnight and the year's end.
      {"2026-04-21T14:22:09+02:00", "2026-04-21T12:22:09Z"},
      {"2026-04-21T14:22:09-05:30", "2026-04-21T19:52:09Z"},
      {"2026-04-21T14:22:09+0200", "2026-04-21T12:22:09Z"},
      {"2026-04-21T14:22:09+02", "2026-04-21T12:22:09Z"},
      {"2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00Z"},
      {"2026-04-21T14:22:09-00:00", "2026-04-21T14:22:09Z"},
      {"2026-04-21T14:22:09+23:59", "2026-04-20T14:23:09Z"},
      // The sender's precision.
      {"2026-04-21T14:22:09.1Z", "2026-04-21T14:22:09.1Z"},
      {"2026-04-21T14:22:09.120Z", "2026-04-21T14:22:09.120Z"},
      {"2026-04-21T14:22:09.000001Z", "2026-04-21T14:22:09.000001Z"},
      {"2026-04-21T14:22:09.123456789Z", "2026-04-21T14:22:09.123456789Z"},
      {"2026-04-21T14:22:09.1234567899999Z", "2026-04-21T14:22:09.123456789Z"},
      {"2026-04-21T14:22:09,25Z", "2026-04-21T14:22:09.25Z"},
      {"2026-04-21T14:22:09.000Z", "2026-04-21T14:22:09.000Z"},
      // The calendar.
      {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
      {"2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z"},
      {"1969-12-31T23:59:59.75Z", "1969-12-31T23:59:59.75Z"},
      {"1678-01-01T00:00:00Z", "1678-01-01T00:00:00Z"},
      {"2261-12-31T23:59:59.999999999Z", "2261-12-31T23:59:59.999999999Z"},
      {"2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"},
      {"2017-01-01T00:59:60.5+01:00", "2016-12-31T23:59:59.5Z"},
      // Refused.
      {"2023-02-29T00:00:00Z", ""},
      {"1900-02-29T00:00:00Z", ""},
      {"2026-04-31T00:00:00Z", ""},
      {"2026-00-10T00:00:00Z", ""},
      {"2026-13-10T00:00:00Z", ""},
      {"2026-04-00T00:00:00Z", ""},
      {"2026-04-21T24:00:00Z", ""},
      {"2026-04-21T14:60:00Z", ""},
      {"2026-04-21T14:22:61Z", ""},
      {"2026-04-21T14:22:09+24:00", ""},
      {"2026-04-21T14:22:09+02:60", ""},
      {"2026-04-21T14:22:09+2", ""},
      {"2026-04-21T14:22:09+02:", ""},
      {"2026-04-21T14:22:09.Z", ""},
      {"2026-04-21T14:22:09Z ", ""},
      {" 2026-04-21T14:22:09Z", ""},
      {"2026-04-21T14:22:09ZZ", ""},
      {"2026-04-21T14:22Z", ""},
      {"2026-04-21", ""},
      {"2026-4-21T14:22:09Z", ""},
      {"26-04-21T14:22:09Z", ""},
      {"12026-04-21T14:22:09Z", ""},
      {"2026/04/21T14:22:09Z", ""},
      {"-026-04-21T14:22:09Z", ""},
      {"1677-12-31T23:59:59Z", ""},  // outside of what nanoseconds hold
      {"2262-01-01T00:00:00Z", ""},
      {"9999-12-31T23:59:59Z", ""},
      {"1776781329", ""},
      {"yesterday", ""},
      {"", ""},
  };
  for (const auto& row : table) {
    const auto parsed = Timestamp::parse(row.text);
    EXPECT_EQ(parsed ? parsed->str() : "", row.utc) << row.text;
  }
  EXPECT_FALSE(Timestamp::parse(std::string_view("2026-04-21T14:22:09Z\0", 21)));
}

TEST(Timestamp, UnixSeconds) {
  EXPECT_EQ(Timestamp::parse("2026-04-21T14:22:09Z")->unix_seconds(), 1776781329);
  EXPECT_EQ(Timestamp::parse("1970-01-01T00:00:00Z")->unix_seconds(), 0);
  EXPECT_EQ(Timestamp::parse("1969-12-31T23:59:59.5Z")->unix_seconds(), -1);
}

TEST(Timestamp, FromUnixSeconds) {
  EXPECT_EQ(Timestamp::from_unix_seconds(1776781329).str(), "2026-04-21T14:22:09Z");
  EXPECT_EQ(Timestamp::from_unix_seconds(1776781329.5).str(), "2026-04-21T14:22:09.5Z");
  EXPECT_EQ(Timestamp::from_unix_seconds(1776781329.123).str(), "2026-04-21T14:22:09.123Z");
  EXPECT_EQ(Timestamp::from_unix_seconds(1776781329.123456).str(), "2026-04-21T14:22:09.123456Z");
  EXPECT_EQ(Timestamp::from_unix_seconds(-0.25).str(), "1969-12-31T23:59:59.75Z");
  EXPECT_EQ(Timestamp::from_unix_seconds(0).str(), "1970-01-01T00:00:00Z");
  EXPECT_EQ(Timestamp::from_unix_seconds(std::numeric_limits<double>::quiet_NaN()), Timestamp{});
  // Nonsense is bounded, not undefined.
  EXPECT_EQ(Timestamp::from_unix_seconds(1e300).unix_seconds(), 9'200'000'000);
  EXPECT_EQ(Timestamp::from_unix_seconds(-std::numeric_limits<double>::infinity()).unix_seconds(), -9'200'000'000);
}

TEST(Iso, AlwaysHasMilliseconds) {
  EXPECT_EQ(to_iso(WallTime{}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_iso(at("2026-04-21T14:22:09.1239Z")), "2026-04-21T14:22:09.123Z");
  EXPECT_EQ(to_iso(WallTime{} - 1ns), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(from_iso(to_iso(at("2026-04-21T14:22:09.123Z"))), at("2026-04-21T14:22:09.123Z"));
  EXPECT_FALSE(from_iso("2026-04-21"));
}

TEST(Duration, Parse) {
  constexpr Millis refused{-1};
  const std::pair<std::string_view, Millis> table[] = {
      {"250ms", 250ms},
      {"0ms", 0ms},
      {"0s", 0s},
      {"15s", 15s},
      {"5m", 5min},
      {"24h", 24h},
      {"90d", 90 * 24h},
      {"1h30m", 90min},
      {"1d12h30m15s250ms", 36h + 30min + 15s + 250ms},
      {"1m500ms", 60'500ms},
      {"90m", 90min},
      {"007s", 7s},
      {"106751d", 106751 * 24h},
      {"", refused},
      {"0", refused},
      {"15", refused},
      {"s", refused},
      {"15 s", refused},
      {" 15s", refused},
      {"15s ", refused},
      {"-15s", refused},
      {"+15s", refused},
      {"1.5h", refused},
      {"15S", refused},
      {"15sec", refused},
      {"1w", refused},
      {"30m1h", refused},
      {"1m1m", refused},
      {"1s1m", refused},
      {"1h30", refused},
      {"15µs", refused},
      {"106752d", refused},
      {"9999999999999999999999s", refused},
      {"abc", refused},
  };
  for (const auto& [text, expected] : table) EXPECT_EQ(parse_duration(text).value_or(refused), expected) << text;
}

TEST(Duration, Format) {
  const std::pair<Millis, std::string_view> table[] = {
      {0ms, "0s"},  {1ms, "1ms"},      {250ms, "250ms"}, {15s, "15s"},           {15'250ms, "15s250ms"},
      {5min, "5m"}, {90min, "1h30m"},  {24h, "24h"},     {36h, "36h"},           {48h, "2d"},
      {49h, "49h"}, {90 * 24h, "90d"}, {-15s, "-15s"},   {3'600'001ms, "1h1ms"},
  };
  for (const auto& [duration, text] : table) {
    EXPECT_EQ(format_duration(duration), text);
    if (duration >= 0ms) {
      EXPECT_EQ(parse_duration(text), duration) << text;
    }
  }
  EXPECT_FALSE(format_duration(Millis::min()).empty());
}

TEST(RetryAfter, Table) {
  const auto now = at("2026-04-21T14:22:09.700Z");
  constexpr Millis garbage{-1};
  const std::pair<std::string_view, Millis> table[] = {
      {"0", 0ms},
      {"3", 3s},
      {"120", 2min},
      {" 120\t", 2min},
      {"86400", 24h},
      {"86401", 24h},
      {"99999999999999999999999999", 24h},
      {"000000000000000000000003", 3s},
      // All three forms of RFC 9110 5.6.7.
      {"Tue, 21 Apr 2026 14:23:09 GMT", 60s},
      {"Tuesday, 21-Apr-26 14:23:09 GMT", 60s},
      {"Tue Apr 21 14:23:09 2026", 60s},
      {"Fri May  1 00:00:00 2026", 24h},
      {"Tue, 21 Apr 2026 14:22:09 GMT", 0s},
      // The past asks for no wait, the far future for no more than a day.
      {"Sun, 06 Nov 1994 08:49:37 GMT", 0s},
      {"Sunday, 06-Nov-94 08:49:37 GMT", 0s},
      {"Sun Nov  6 08:49:37 1994", 0s},
      {"Fri, 31 Dec 9999 23:59:59 GMT", 24h},
      {"Wed, 21 Apr 0001 00:00:00 GMT", 0s},
      // Garbage.
      {"", garbage},
      {"  ", garbage},
      {"-5", garbage},
      {"+5", garbage},
      {"1.5", garbage},
      {"5s", garbage},
      {"5, 6", garbage},
      {"soon", garbage},
      {"Tue", garbage},
      {"Tue, ", garbage},
      {"Tue, 31 Apr 2026 14:23:09 GMT", garbage},
      {"Tue, 21 Foo 2026 14:23:09 GMT", garbage},
      {"Tue, 21 Apr 2026 25:23:09 GMT", garbage},
      {"Tue, 21 Apr 2026 14:23:09", garbage},
      {"Tue, 21 Apr 2026 14:23:09 UTC", garbage},
      {"Tue, 21 Apr 2026 14:23:09 GMT+1", garbage},
      {"Tue, 1 Apr 2026 14:23:09 GMT", garbage},
      {"2026-04-21T14:23:09Z", garbage},
      {"Xxx, 21 Apr 2026 14:23:09 GMT", garbage},
  };
  for (const auto& [text, expected] : table)
    EXPECT_EQ(parse_retry_after(text, now).value_or(garbage), expected) << text;
}

TEST(RetryAfter, TwoDigitYearsAreNearNow) {
  const auto now = at("2026-04-21T00:00:00Z");
  EXPECT_EQ(parse_retry_after("Saturday, 01-Jan-76 00:00:00 GMT", now), 24h);  // 2076: 50 years ahead
  EXPECT_EQ(parse_retry_after("Saturday, 01-Jan-77 00:00:00 GMT", now), 0h);   // 1977
  // Late in a century, next century's first years are near.
  EXPECT_EQ(parse_retry_after("Saturday, 01-Jan-00 00:00:30 GMT", at("2099-12-31T23:59:59.9Z")), 31s);
}

}  // namespace
}  // namespace wardex
