// Reading fixed notations (dates, durations) from left to right without ever stepping past the end.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string_view>

namespace wardex {

class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool done() const noexcept { return rest_.empty(); }
  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }
  [[nodiscard]] char peek() const noexcept { return rest_.empty() ? '\0' : rest_.front(); }
  [[nodiscard]] bool at_digit() const noexcept { return !done() && rest_.front() >= '0' && rest_.front() <= '9'; }

  /// Takes one character if it is one of `any`.
  bool take_any(std::string_view any) {
    if (done() || any.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take(std::string_view exactly) {
    if (!rest_.starts_with(exactly)) return false;
    rest_.remove_prefix(exactly.size());
    return true;
  }
  int take_digit() {
    const int digit = rest_.front() - '0';
    rest_.remove_prefix(1);
    return digit;
  }
  /// Exactly `digits` decimal digits.
  std::optional<int> take_number(int digits) {
    int value = 0;
    for (int i = 0; i < digits; ++i) {
      if (!at_digit()) return std::nullopt;
      value = value * 10 + take_digit();
    }
    return value;
  }
  /// Which of `names` comes next, counted from 0.
  template <std::size_t N>
  std::optional<int> take_name(const std::array<std::string_view, N>& names) {
    for (std::size_t i = 0; i < N; ++i)
      if (take(names[i])) return static_cast<int>(i);
    return std::nullopt;
  }

 private:
  std::string_view rest_;
};

/// Midnight UTC of a date of the proleptic Gregorian calendar; nullopt for 31 April and the like.
inline std::optional<std::chrono::sys_days> civil_day(int year, int month, int day) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

}  // namespace wardex
