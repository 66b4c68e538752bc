#include "route/window.hpp"

#include <gmock/gmock.h>

namespace wardex::route {
namespace {

WallTime at(const char* text) { return Timestamp::parse(text)->at; }

Window window(const std::string& zone, const std::vector<std::string>& days, const std::string& from,
              const std::string& to, const char* starts = nullptr, const char* ends = nullptr) {
  config::MuteWindow spec;
  spec.name = "w";
  spec.time_zone = zone;
  spec.days = days;
  spec.from = from;
  spec.to = to;
  if (starts != nullptr) spec.starts = Timestamp::parse(starts);
  if (ends != nullptr) spec.ends = Timestamp::parse(ends);
  Problems problems;
  auto out = Window::compile(spec, problems);
  EXPECT_TRUE(out);
  return *out;
}

struct Case {
  const char* now;
  bool active;
};
void expect(const Window& window, const std::vector<Case>& cases) {
  for (const auto& one : cases)
    EXPECT_EQ(window.active(at(one.now)), one.active) << window.description() << ' ' << one.now;
}

TEST(Window, OverMidnightBelongsToTheDayItBegins) {
  const auto nights = window("UTC", {"fri"}, "22:00", "06:00");
  expect(nights, {{"2026-04-24T21:59:59Z", false},  // Friday
                  {"2026-04-24T22:00:00Z", true},
                  {"2026-04-25T05:59:59.999Z", true},  // Saturday morning
                  {"2026-04-25T06:00:00Z", false},
                  {"2026-04-25T22:30:00Z", false},
                  {"2026-04-24T03:00:00Z", false}});  // Friday morning is Thursday's night
  EXPECT_EQ(nights.description(), "window 'w' (fri 22:00-06:00 UTC)");
}

TEST(Window, WholeDaysAndTheWeeksEnd) {
  const auto weekend = window("Europe/Berlin", {"sat-sun"}, "", "");
  expect(weekend, {{"2026-04-24T21:59:59Z", false},  // Friday 23:59:59 in Berlin
                   {"2026-04-24T22:00:00Z", true},
                   {"2026-04-26T21:59:59Z", true},
                   {"2026-04-26T22:00:00Z", false}});
  const auto sunday_night = window("UTC", {"sun"}, "23:00", "01:00");
  expect(sunday_night,
         {{"2026-04-26T23:30:00Z", true}, {"2026-04-27T00:59:00Z", true}, {"2026-04-27T01:00:00Z", false}});
  const auto evening = window("UTC", {}, "18:00", "24:00");
  expect(evening, {{"2026-04-26T17:59:00Z", false}, {"2026-04-26T23:59:59Z", true}, {"2026-04-27T00:00:00Z", false}});
}

TEST(Window, SummerTimeInBerlin) {
  const auto nights = window("Europe/Berlin", {}, "22:00", "06:00");
  expect(nights, {// 28 March, still winter: UTC+1
                  {"2026-03-28T20:59:59Z", false},
                  {"2026-03-28T21:00:00Z", true},
                  {"2026-03-29T00:59:59Z", true},
                  {"2026-03-29T01:00:00Z", true},  // 03:00, the hour before does not exist
                  {"2026-03-29T03:59:59Z", true},
                  {"2026-03-29T04:00:00Z", false},  // 06:00 in summer
                  {"2026-03-29T20:00:00Z", true},
                  // 25 October, back to winter: the night is an hour longer
                  {"2026-10-24T20:00:00Z", true},
                  {"2026-10-25T04:00:00Z", true},
                  {"2026-10-25T04:59:59Z", true},
                  {"2026-10-25T05:00:00Z", false}});
  const auto repeated = window("Europe/Berlin", {}, "02:00", "03:00");
  expect(repeated, {{"2026-10-25T00:30:00Z", true},   // 02:30 summer time
                    {"2026-10-25T01:30:00Z", true},   // 02:30 again
                    {"2026-10-25T02:00:00Z", false},  // 03:00
                    {"2026-03-29T00:59:59Z", false},  // 01:59:59, then 03:00: the window does not occur
                    {"2026-03-29T01:00:00Z", false}});
}

TEST(Window, SummerTimeInNewYork) {
  const auto office = window("America/New_York", {"mon-fri"}, "09:00", "17:00");
  expect(office, {{"2026-03-06T13:59:59Z", false},  // Friday in winter, UTC-5
                  {"2026-03-06T14:00:00Z", true},
                  {"2026-03-09T12:59:59Z", false},  // Monday in summer, UTC-4
                  {"2026-03-09T13:00:00Z", true},
                  {"2026-03-09T21:00:00Z", false},
                  {"2026-10-30T13:00:00Z", true},
                  {"2026-11-02T13:30:00Z", false},
                  {"2026-11-02T14:00:00Z", true}});
}

TEST(Window, AbsoluteBoundsAreExact) {
  const auto once = window("UTC", {}, "", "", "2026-05-01T20:00:00Z", "2026-05-02T04:00:00Z");
  expect(once, {{"2026-05-01T19:59:59.999Z", false},
                {"2026-05-01T20:00:00Z", true},
                {"2026-05-02T03:59:59.999Z", true},
                {"2026-05-02T04:00:00Z", false}});
  EXPECT_EQ(once.description(), "window 'w' (from 2026-05-01T20:00:00Z until 2026-05-02T04:00:00Z)");
  const auto both = window("UTC", {}, "22:00", "23:00", nullptr, "2026-05-02T00:00:00Z");
  expect(both, {{"2026-05-01T22:30:00Z", true}, {"2026-05-02T22:30:00Z", false}});
}

TEST(Window, AZoneThatCannotBeReadIsAProblem) {
  Problems problems;
  config::MuteWindow from;
  from.name = "w";
  from.time_zone = "Europe/Nowhere";
  EXPECT_FALSE(Window::compile(from, problems));
  EXPECT_EQ(problems.all().front().str(), "mute_windows.w.time_zone: 'Europe/Nowhere' is no time zone of this machine");
}

}  // namespace
}  // namespace wardex::route
