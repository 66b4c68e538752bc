#include "config/schedule.hpp"

#include <algorithm>
#include <array>
#include <fstream>

#include "wardex/text.hpp"

namespace wardex::config {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kZones = "/usr/share/zoneinfo";
constexpr std::array<std::string_view, 7> kDays{"monday", "tuesday",  "wednesday", "thursday",
                                                "friday", "saturday", "sunday"};

std::optional<std::size_t> parse_day(std::string_view text) {
  const auto name = text::lower(text);
  for (std::size_t i = 0; i < kDays.size(); ++i)
    if (name == kDays[i] || (name.size() == 3 && kDays[i].starts_with(name))) return i;
  return std::nullopt;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A name that stays below the zone directory.
bool is_zone_name(std::string_view name) {
  if (name.empty() || name.size() > 64 || name.front() == '/') return false;
  if (name.find("..") != std::string_view::npos) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '/' || c == '_' || c == '-' ||
           c == '+';
  });
}

}  // namespace

std::optional<int> parse_clock(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  for (const std::size_t i : {0U, 1U, 3U, 4U})
    if (!is_digit(text[i])) return std::nullopt;
  const int hour = (text[0] - '0') * 10 + (text[1] - '0');
  const int minute = (text[3] - '0') * 10 + (text[4] - '0');
  const int minutes = hour * 60 + minute;
  if (minute > 59 || minutes > 24 * 60) return std::nullopt;
  return minutes;
}

std::optional<DaySet> parse_days(const std::vector<std::string>& days, std::string& wrong) {
  DaySet out;
  for (const auto& part : days) {
    const auto dash = part.find('-');
    const auto first = parse_day(std::string_view(part).substr(0, dash));
    const auto last = dash == std::string::npos ? first : parse_day(std::string_view(part).substr(dash + 1));
    if (!first || !last) {
      wrong = part;
      return std::nullopt;
    }
    for (auto day = *first;; day = (day + 1) % 7) {  // "fri-mon" goes over the week's end
      out.set(day);
      if (day == *last) break;
    }
  }
  if (days.empty()) out.set();
  return out;
}

std::optional<fs::path> zone_file(std::string_view name) {
  if (!is_zone_name(name)) return std::nullopt;
  auto path = fs::path(kZones) / name;
  std::array<char, 4> magic{};
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  if (!in.read(magic.data(), magic.size()) || std::string_view(magic.data(), magic.size()) != "TZif")
    return std::nullopt;
  return path;
}

std::string nearest_zone(std::string_view name) {
  // tzdata's own list; the directory itself also holds posix/, right/ and tables.
  std::ifstream in(fs::path(kZones) / "tzdata.zi");
  std::vector<std::string> names;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("Z ")) names.push_back(line.substr(2, line.find(' ', 2) - 2));
    if (line.starts_with("L ")) names.push_back(line.substr(line.rfind(' ') + 1));
  }
  for (const auto& known : names)
    if (text::iequals(known, name) ||
        (known.ends_with(name) && known.size() > name.size() && known[known.size() - name.size() - 1] == '/'))
      return known;
  return text::nearest(name, names);
}

}  // namespace wardex::config
