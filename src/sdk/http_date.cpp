// Retry-After (RFC 9110 10.2.3) and the three HTTP date formats that RFC 9110 5.6.7 makes a recipient accept.
#include <algorithm>

#include "cursor.hpp"
#include "wardex/time.hpp"

namespace wardex {
namespace {

using std::chrono::seconds;

/// A receiver's word is taken up to here; more is a mistake, or meant to stop us.
constexpr seconds kLongest = std::chrono::hours(24);

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kLongDays{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                    "Friday", "Saturday", "Sunday"};
constexpr std::array<std::string_view, 7> kDays{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

/// "08:49:37"
std::optional<seconds> take_clock(Cursor& in) {
  const auto hour = in.take_number(2);
  if (!hour || !in.take(":")) return std::nullopt;
  const auto minute = in.take_number(2);
  if (!minute || !in.take(":")) return std::nullopt;
  const auto second = in.take_number(2);
  if (!second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + seconds(*second);
}

struct Date {
  int year = 0;
  int month = 0;  // 0 is January
  int day = 0;
  seconds clock{};
};

/// "06 Nov 1994 08:49:37 GMT" (IMF-fixdate) or "06-Nov-94 08:49:37 GMT" (RFC 850), after the day's name.
std::optional<Date> take_fixed_or_rfc850(Cursor& in, bool rfc850, int this_year) {
  const std::string_view separator = rfc850 ? "-" : " ";
  const auto day = in.take_number(2);
  if (!day || !in.take(separator)) return std::nullopt;
  const auto month = in.take_name(kMonths);
  if (!month || !in.take(separator)) return std::nullopt;
  auto year = in.take_number(rfc850 ? 2 : 4);
  if (!year || !in.take(" ")) return std::nullopt;
  if (rfc850) {
    // Two digits mean the year nearest to now: RFC 9110 sends what seems over 50 years ahead into the past, and at a
    // century's end the next one's first years are near.
    *year += this_year / 100 * 100;
    if (*year > this_year + 50) *year -= 100;
    if (*year <= this_year - 50) *year += 100;
  }
  const auto clock = take_clock(in);
  if (!clock || !in.take(" GMT")) return std::nullopt;
  return Date{*year, *month, *day, *clock};
}

/// "Nov  6 08:49:37 1994" (asctime), after the day's name.
std::optional<Date> take_asctime(Cursor& in) {
  const auto month = in.take_name(kMonths);
  if (!month || !in.take(" ")) return std::nullopt;
  const bool padded = in.take(" ");
  const auto day = in.take_number(padded ? 1 : 2);
  if (!day || !in.take(" ")) return std::nullopt;
  const auto clock = take_clock(in);
  if (!clock || !in.take(" ")) return std::nullopt;
  const auto year = in.take_number(4);
  if (!year) return std::nullopt;
  return Date{*year, *month, *day, *clock};
}

std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text, WallTime now) {
  const std::chrono::year_month_day today(std::chrono::floor<std::chrono::days>(now));
  Cursor in(text);
  std::optional<Date> date;
  if (in.take_name(kLongDays)) {
    if (in.take(", ")) date = take_fixed_or_rfc850(in, true, static_cast<int>(today.year()));
  } else if (in.take_name(kDays)) {
    if (in.take(", "))
      date = take_fixed_or_rfc850(in, false, 0);
    else if (in.take(" "))
      date = take_asctime(in);
  }
  if (!date || !in.done()) return std::nullopt;
  const auto midnight = civil_day(date->year, date->month + 1, date->day);
  if (!midnight) return std::nullopt;
  return *midnight + date->clock;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

std::optional<Millis> parse_retry_after(std::string_view value, WallTime now) {
  value = trimmed(value);
  if (value.empty()) return std::nullopt;
  if (value.find_first_not_of("0123456789") == std::string_view::npos) {
    seconds told{0};
    for (const char digit : value) told = std::min(told * 10 + seconds(digit - '0'), kLongest);
    return told;
  }
  const auto date = parse_http_date(value, now);
  if (!date) return std::nullopt;
  // Whole seconds on both sides: a date has no fraction, and years apart would overflow nanoseconds.
  const auto wait = *date - std::chrono::floor<seconds>(now);
  return std::clamp<seconds>(wait, seconds{0}, kLongest);
}

}  // namespace wardex
