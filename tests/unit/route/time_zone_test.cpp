#include "route/time_zone.hpp"

#include <stdlib.h>
#include <time.h>

#include <fstream>
#include <random>

#include <gmock/gmock.h>

#include "config/schedule.hpp"
#include "wardex/time.hpp"

namespace wardex::route {
namespace {

using std::chrono::seconds;

SysSeconds utc(const char* text) { return std::chrono::floor<seconds>(Timestamp::parse(text)->at); }

TimeZone zone(const std::string& name) {
  std::string why;
  auto out = TimeZone::load(*config::zone_file(name), why);
  EXPECT_TRUE(out) << name << ' ' << why;
  return *out;
}

TEST(TimeZone, KnownMoments) {
  struct Case {
    const char* name;
    const char* at;
    int offset;
  };
  const Case cases[] = {
      {"UTC", "2026-07-01T00:00:00Z", 0},
      {"Europe/Berlin", "2026-03-29T00:59:59Z", 3600},  // 02:00 becomes 03:00
      {"Europe/Berlin", "2026-03-29T01:00:00Z", 7200},
      {"Europe/Berlin", "2026-10-25T00:59:59Z", 7200},
      {"Europe/Berlin", "2026-10-25T01:00:00Z", 3600},
      {"Europe/Berlin", "2074-07-01T00:00:00Z", 7200},  // after the last transition of the file
      {"America/New_York", "2026-03-08T06:59:59Z", -5 * 3600},
      {"America/New_York", "2026-03-08T07:00:00Z", -4 * 3600},
      {"America/New_York", "2026-11-01T05:59:59Z", -4 * 3600},
      {"America/New_York", "2026-11-01T06:00:00Z", -5 * 3600},
      {"Asia/Kolkata", "2026-01-01T00:00:00Z", 19800},
      {"Australia/Lord_Howe", "2040-01-01T00:00:00Z", 11 * 3600},  // summer time of half an hour, over the new year
      {"Australia/Lord_Howe", "2040-07-01T00:00:00Z", 10 * 3600 + 1800},
      {"Europe/Dublin", "2040-07-01T00:00:00Z", 3600},  // its rule has a negative summer time, in winter
      {"Europe/Dublin", "2040-01-01T00:00:00Z", 0},
  };
  for (const auto& one : cases)
    EXPECT_EQ(zone(one.name).offset_at(utc(one.at)).count(), one.offset) << one.name << ' ' << one.at;
}

/// The C library reads the same files; its answer for many zones and moments is the oracle.
TEST(TimeZone, AgreesWithTheCLibrary) {
  const char* before = ::getenv("TZ");
  const std::string saved = before != nullptr ? before : "";
  std::mt19937_64 random(20260421);
  std::uniform_int_distribution<std::int64_t> moment(0, 4'102'444'800);  // 1970 to 2100
  std::ifstream list("/usr/share/zoneinfo/zone1970.tab");
  std::size_t zones = 0;
  for (std::string line; std::getline(list, line);) {
    if (line.starts_with('#')) continue;
    const auto from = line.find('\t', line.find('\t') + 1) + 1;
    const auto name = line.substr(from, line.find('\t', from) - from);
    const auto ours = zone(name);
    ::setenv("TZ", (":" + name).c_str(), 1);
    ::tzset();
    for (int i = 0; i < 200; ++i) {
      const time_t at = moment(random);
      struct tm local {};
      ::localtime_r(&at, &local);
      ASSERT_EQ(ours.offset_at(SysSeconds(seconds(at))).count(), local.tm_gmtoff) << name << ' ' << at;
    }
    ++zones;
  }
  if (before != nullptr)
    ::setenv("TZ", saved.c_str(), 1);
  else
    ::unsetenv("TZ");
  ::tzset();
  EXPECT_GT(zones, 200U);
}

TEST(TimeZone, EveryCutOfAFileIsRefused) {
  std::ifstream in(*config::zone_file("Europe/Berlin"), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    std::string why;
    EXPECT_FALSE(TimeZone::parse(std::string_view(bytes).substr(0, size), why)) << size;
    EXPECT_FALSE(why.empty());
  }
  std::mt19937 random(7);
  for (int i = 0; i < 2000; ++i) {
    auto broken = bytes;
    broken[random() % broken.size()] = static_cast<char>(random());
    std::string why;
    if (const auto read = TimeZone::parse(broken, why)) {
      const auto offset =
          read->offset_at(utc("2026-04-21T14:22:09Z"));  // any answer, but no crash (sanitizers look on)
      EXPECT_EQ(offset, read->offset_at(utc("2026-04-21T14:22:09Z")));
    }
  }
}

TEST(PosixZone, Grammar) {
  const auto at = [](const char* rule, const char* moment) {
    const auto zone = PosixZone::parse(rule);
    return zone ? zone->offset_at(utc(moment)).count() : -1;
  };
  EXPECT_EQ(at("UTC0", "2050-01-01T00:00:00Z"), 0);
  EXPECT_EQ(at("<+0530>-5:30", "2050-01-01T00:00:00Z"), 19800);
  EXPECT_EQ(at("EST5EDT,M3.2.0,M11.1.0", "2050-07-01T00:00:00Z"), -14400);
  EXPECT_EQ(at("EST5EDT,M3.2.0,M11.1.0", "2050-01-01T00:00:00Z"), -18000);
  EXPECT_EQ(at("AAA0BBB,J60/0,300/0", "2048-02-29T12:00:00Z"), 0);  // J60 is 1 March in every year
  EXPECT_EQ(at("AAA0BBB,J60/0,300/0", "2048-03-01T00:00:00Z"), 3600);
  EXPECT_EQ(at("XXX3EDT4,0/0,J365/23", "2050-06-01T00:00:00Z"), -14400);
  EXPECT_EQ(at("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2050-03-27T00:59:59Z"), -7200);
  EXPECT_EQ(at("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2050-03-27T01:00:00Z"), -3600);
  for (const auto* bad :
       {"", "U", "UTC", "<+03", "EST5EDT", "EST5EDT,M3.2.0", "EST5EDT,M13.2.0,M11.1.0", "EST5EDT,M3.6.0,M11.1.0",
        "EST5EDT,M3.2.7,M11.1.0", "EST5EDT,J0,J1", "EST168", "EST5EDT,M3.2.0,M11.1.0x", "EST5:60"})
    EXPECT_FALSE(PosixZone::parse(bad)) << bad;
}

}  // namespace
}  // namespace wardex::route
