#include "route/window.hpp"

#include <chrono>

#include "wardex/text.hpp"

namespace wardex::route {

namespace {

std::string describe(const config::MuteWindow& window) {
  std::vector<std::string> parts;
  if (!window.days.empty()) parts.push_back(text::join(window.days, ","));
  if (!window.from.empty()) parts.push_back(window.from + "-" + window.to);
  if (!parts.empty()) parts.push_back(window.time_zone);
  if (window.starts) parts.push_back("from " + window.starts->str());
  if (window.ends) parts.push_back("until " + window.ends->str());
  return "window '" + window.name + "' (" + text::join(parts, " ") + ")";
}

}  // namespace

std::optional<Window> Window::compile(const config::MuteWindow& window, Problems& problems) {
  const auto path = "mute_windows." + window.name;
  std::string why;
  const auto file = config::zone_file(window.time_zone);
  auto zone = file ? TimeZone::load(*file, why) : std::nullopt;
  if (!zone) {
    problems.error(window.at, path + ".time_zone",
                   "'" + window.time_zone + "' " + (file ? why : "is no time zone of this machine"));
    return std::nullopt;
  }
  const auto days = config::parse_days(window.days, why);
  const auto from = window.from.empty() ? 0 : config::parse_clock(window.from);
  const auto to = window.to.empty() ? 24 * 60 : config::parse_clock(window.to);
  if (!days || !from || !to) {
    problems.error(window.at, path, "days, from or to cannot be read");
    return std::nullopt;
  }
  Window out;
  out.name_ = window.name;
  out.description_ = describe(window);
  out.zone_ = std::make_shared<const TimeZone>(std::move(*zone));
  out.days_ = *days;
  out.from_ = *from;
  out.to_ = *to;
  if (window.starts) out.starts_ = window.starts->at;
  if (window.ends) out.ends_ = window.ends->at;
  return out;
}

bool Window::active(WallTime now) const {
  if (starts_ && now < *starts_) return false;
  if (ends_ && now >= *ends_) return false;
  return recurs_at(now);
}

bool Window::recurs_at(WallTime now) const {
  using std::chrono::days;
  using std::chrono::floor;
  const auto utc = floor<std::chrono::seconds>(now);
  const auto local = utc + zone_->offset_at(utc);
  const auto day = floor<days>(local);
  const auto minute = std::chrono::duration_cast<std::chrono::minutes>(local - day).count();
  const auto today = std::chrono::weekday(day).iso_encoding() - 1;
  const auto yesterday = (today + 6) % 7;
  if (from_ < to_) return days_[today] && from_ <= minute && minute < to_;
  return (days_[today] && minute >= from_) || (days_[yesterday] && minute < to_);
}

}  // namespace wardex::route
