// Timestamps: RFC 3339 in and out. The HTTP dates and durations have files of their own.
#include "wardex/time.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "cursor.hpp"

namespace wardex {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

/// The whole years that 64 bits of nanoseconds hold.
constexpr int kFirstYear = 1678;
constexpr int kLastYear = 2261;

constexpr std::array<std::int64_t, 10> kPowersOfTen{1,       10,        100,        1'000,       10'000,
                                                    100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};

struct Fraction {
  std::int64_t nanos = 0;
  std::uint8_t digits = 0;
};

/// What follows the seconds: nothing, or '.' (ISO 8601 also ',') and at least one digit.
std::optional<Fraction> take_fraction(Cursor& in) {
  Fraction out;
  if (!in.take_any(".,")) return out;
  if (!in.at_digit()) return std::nullopt;
  while (in.at_digit()) {
    const int digit = in.take_digit();
    if (out.digits == 9) continue;
    out.nanos = out.nanos * 10 + digit;
    ++out.digits;
  }
  out.nanos *= kPowersOfTen[9U - out.digits];
  return out;
}

/// 'Z', nothing, or +hh:mm, +hhmm, +hh with either sign.
std::optional<seconds> take_offset(Cursor& in) {
  if (in.done() || in.take_any("Zz")) return seconds{0};
  const bool west = in.peek() == '-';
  if (!in.take_any("+-")) return std::nullopt;
  const auto hours = in.take_number(2);
  if (!hours || *hours > 23) return std::nullopt;
  int minutes = 0;
  if (!in.done()) {
    in.take_any(":");
    const auto given = in.take_number(2);
    if (!given || *given > 59) return std::nullopt;
    minutes = *given;
  }
  const seconds offset = std::chrono::hours(*hours) + std::chrono::minutes(minutes);
  return west ? -offset : offset;
}

std::string format(WallTime at, unsigned fraction_digits) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(at - day);
  std::array<char, std::string_view("2026-04-21T14:22:09.123456789Z").size()> out{};
  char* end = out.data();
  const auto put = [&end](std::int64_t number, unsigned digits) {
    for (unsigned i = digits; i-- > 0; number /= 10) end[i] = static_cast<char>('0' + number % 10);
    end += digits;
  };
  put(static_cast<int>(date.year()), 4);  // 64 bits of nanoseconds end in 2262
  *end++ = '-';
  put(static_cast<unsigned>(date.month()), 2);
  *end++ = '-';
  put(static_cast<unsigned>(date.day()), 2);
  *end++ = 'T';
  put(clock.hours().count(), 2);
  *end++ = ':';
  put(clock.minutes().count(), 2);
  *end++ = ':';
  put(clock.seconds().count(), 2);
  if (fraction_digits > 0) {
    *end++ = '.';
    put(clock.subseconds().count() / kPowersOfTen[9U - fraction_digits], fraction_digits);
  }
  *end++ = 'Z';
  return {out.data(), end};
}

}  // namespace

std::optional<Timestamp> Timestamp::parse(std::string_view text) {
  Cursor in(text);
  const auto year = in.take_number(4);
  if (!year || !in.take_any("-")) return std::nullopt;
  const auto month = in.take_number(2);
  if (!month || !in.take_any("-")) return std::nullopt;
  const auto day = in.take_number(2);
  if (!day || !in.take_any("Tt ")) return std::nullopt;
  const auto hour = in.take_number(2);
  if (!hour || !in.take_any(":")) return std::nullopt;
  const auto minute = in.take_number(2);
  if (!minute || !in.take_any(":")) return std::nullopt;
  const auto second = in.take_number(2);
  if (!second) return std::nullopt;
  const auto fraction = take_fraction(in);
  if (!fraction) return std::nullopt;
  const auto offset = take_offset(in);
  if (!offset || !in.done()) return std::nullopt;

  const auto midnight = civil_day(*year, *month, *day);
  if (!midnight || *year < kFirstYear || *year > kLastYear) return std::nullopt;
  if (*hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const seconds clock = std::chrono::hours(*hour) + std::chrono::minutes(*minute) + seconds(std::min(*second, 59));
  return Timestamp{WallTime(midnight->time_since_epoch()) + clock - *offset + nanoseconds(fraction->nanos),
                   fraction->digits};
}

Timestamp Timestamp::from_unix_seconds(double value) {
  // A double of today's size resolves about a quarter of a microsecond: microseconds are what it can honestly say.
  constexpr double kRange = 9.2e9;  // seconds that 64 bits of nanoseconds hold, either side of 1970
  if (std::isnan(value)) return {};
  std::int64_t micros = std::llround(std::clamp(value, -kRange, kRange) * 1e6);
  Timestamp out{WallTime(std::chrono::microseconds(micros)), 6};
  while (out.fraction_digits > 0 && micros % 10 == 0) {
    micros /= 10;
    --out.fraction_digits;
  }
  return out;
}

std::string Timestamp::str() const { return format(at, std::min<unsigned>(fraction_digits, 9)); }

std::int64_t Timestamp::unix_seconds() const { return std::chrono::floor<seconds>(at).time_since_epoch().count(); }

std::string to_iso(WallTime at) { return format(at, 3); }

std::optional<WallTime> from_iso(std::string_view text) {
  const auto parsed = Timestamp::parse(text);
  if (!parsed) return std::nullopt;
  return parsed->at;
}

}  // namespace wardex
