// POSIX.1-2017 8.3, environment variable TZ, with the extensions of RFC 8536 3.3.1: times from -167 to 167 hours.
#include <optional>

#include "route/time_zone.hpp"

namespace wardex::route {

namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year;

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool done() const { return rest_.empty(); }
  bool skip(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// "CET" or "<+03>".
  bool name() {
    std::size_t size = 0;
    if (rest_.starts_with('<')) {
      const auto end = rest_.find('>');
      if (end == std::string_view::npos) return false;
      size = end + 1;
    } else {
      while (size < rest_.size() && is_letter(rest_[size])) ++size;
    }
    rest_.remove_prefix(size);
    return size >= 3;
  }
  std::optional<int> number(int low, int high) {
    int out = 0;
    std::size_t digits = 0;
    while (digits < rest_.size() && digits < 3 && rest_[digits] >= '0' && rest_[digits] <= '9')
      out = out * 10 + (rest_[digits++] - '0');
    rest_.remove_prefix(digits);
    if (digits == 0 || out < low || out > high) return std::nullopt;
    return out;
  }
  /// [+-]hh[:mm[:ss]]
  std::optional<seconds> time() {
    const bool negative = skip('-');
    if (!negative) skip('+');
    const auto hours = number(0, 167);
    if (!hours) return std::nullopt;
    int out = *hours * 3600;
    for (int unit = 60; unit >= 1 && skip(':'); unit /= 60) {
      const auto part = number(0, 59);
      if (!part) return std::nullopt;
      out += *part * unit;
    }
    return seconds(negative ? -out : out);
  }

 private:
  static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
  std::string_view rest_;
};

/// "M3.5.0/2", "J60", "59/1:30"
std::optional<PosixZone::Change> read_change(Reader& in) {
  using Form = PosixZone::Change::Form;
  PosixZone::Change out;
  if (in.skip('M')) {
    const auto month = in.number(1, 12);
    const auto week = in.skip('.') ? in.number(1, 5) : std::nullopt;
    const auto day = in.skip('.') ? in.number(0, 6) : std::nullopt;
    if (!month || !week || !day) return std::nullopt;
    out.month = *month;
    out.week = *week;
    out.day = *day;
  } else {
    out.form = in.skip('J') ? Form::julian : Form::day_of_year;
    const auto day = in.number(out.form == Form::julian ? 1 : 0, 365);
    if (!day) return std::nullopt;
    out.day = *day;
  }
  if (in.skip('/')) {
    const auto time = in.time();
    if (!time) return std::nullopt;
    out.time = *time;
  }
  return out;
}

}  // namespace

SysSeconds PosixZone::Change::in(year y) const {
  using namespace std::chrono;  // NOLINT(google-build-using-namespace): calendar literals and types
  const auto january = sys_days(y / January / 1);
  if (form == Form::day_of_year) return january + days(day) + time;
  if (form == Form::julian) return january + days(day - 1 + (y.is_leap() && day >= 60 ? 1 : 0)) + time;
  const auto name = std::chrono::weekday(static_cast<unsigned>(day));
  const auto in_month = y / std::chrono::month(static_cast<unsigned>(month));
  const auto date =
      week == 5 ? sys_days(in_month / name[last]) : sys_days(in_month / name[static_cast<unsigned>(week)]);
  return date + time;
}

std::optional<PosixZone> PosixZone::parse(std::string_view text) {
  Reader in(text);
  PosixZone out;
  // POSIX counts west of Greenwich as positive.
  const auto standard = in.name() ? in.time() : std::nullopt;
  if (!standard) return std::nullopt;
  out.standard_ = -*standard;
  if (in.done()) return out;
  if (!in.name()) return std::nullopt;
  out.summer_ = out.standard_ + std::chrono::hours(1);
  if (!in.skip(',')) {
    const auto summer = in.time();
    if (!summer || !in.skip(',')) return std::nullopt;
    out.summer_ = -*summer;
  }
  const auto begins = read_change(in);
  const auto ends = in.skip(',') ? read_change(in) : std::nullopt;
  if (!begins || !ends || !in.done()) return std::nullopt;
  out.begins_ = *begins;
  out.ends_ = *ends;
  return out;
}

Offset PosixZone::offset_at(SysSeconds at) const {
  if (!summer_) return standard_;
  const auto y = std::chrono::year_month_day(floor<days>(at + standard_)).year();
  // Each change is stated in the local time that holds just before it.
  const auto begins = begins_.in(y)-standard_;
  const auto ends = ends_.in(y) - *summer_;
  const bool summer = begins < ends ? begins <= at && at < ends : begins <= at || at < ends;
  return summer ? *summer_ : standard_;
}

}  // namespace wardex::route
