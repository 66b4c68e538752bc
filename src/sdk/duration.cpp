// "1h30m" and back.
#include <array>
#include <limits>

#include "cursor.hpp"
#include "wardex/time.hpp"

namespace wardex {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t millis;
};
constexpr std::int64_t kDay = 86'400'000;
/// From long to short.
constexpr std::array kUnits{Unit{"d", kDay}, Unit{"h", 3'600'000}, Unit{"m", 60'000}, Unit{"s", 1'000}, Unit{"ms", 1}};

std::optional<std::size_t> take_unit(Cursor& in) {
  if (in.take("ms")) return kUnits.size() - 1;
  for (std::size_t i = 0; i + 1 < kUnits.size(); ++i)
    if (in.take(kUnits[i].name)) return i;
  return std::nullopt;
}

}  // namespace

std::optional<Millis> parse_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max() / 1'000'000;  // as nanoseconds, still 64 bits
  std::int64_t total = 0;
  std::size_t next = 0;  // "1h30m": each unit once, from long to short
  for (Cursor in(text); !in.done();) {
    if (!in.at_digit()) return std::nullopt;
    std::int64_t count = 0;
    while (in.at_digit()) {
      count = count * 10 + in.take_digit();
      if (count > kMax) return std::nullopt;
    }
    const auto unit = take_unit(in);
    if (!unit || *unit < next) return std::nullopt;
    next = *unit + 1;
    if (count > (kMax - total) / kUnits[*unit].millis) return std::nullopt;
    total += count * kUnits[*unit].millis;
  }
  return Millis(total);
}

std::string format_duration(Millis duration) {
  std::int64_t rest = duration.count();
  if (rest == 0) return "0s";
  std::string out;
  if (rest < 0) {
    out = "-";
    rest = rest == std::numeric_limits<std::int64_t>::min() ? std::numeric_limits<std::int64_t>::max() : -rest;
  }
  for (const auto& unit : kUnits) {
    // "24h" and "36h" are how people say it; days only where nothing else is left and there are at least two.
    if (unit.millis == kDay && (rest < 2 * kDay || rest % kDay != 0)) continue;
    if (const auto count = rest / unit.millis; count > 0) out += std::to_string(count).append(unit.name);
    rest %= unit.millis;
  }
  return out;
}

}  // namespace wardex
