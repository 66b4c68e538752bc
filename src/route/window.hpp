#pragma once

#include <memory>
#include <optional>
#include <string>

#include "config/config.hpp"
#include "config/schedule.hpp"
#include "route/time_zone.hpp"

namespace wardex::route {

/// A compiled mute window. "22:00 to 06:00" is read off the wall clock of its zone, so summer time makes the night of
/// the change an hour shorter or longer, as it does for people.
class Window {
 public:
  static std::optional<Window> compile(const config::MuteWindow& window, Problems& problems);

  [[nodiscard]] bool active(WallTime now) const;
  [[nodiscard]] const std::string& name() const { return name_; }
  /// "window 'nights' (mon-fri 22:00-06:00 Europe/Berlin)".
  [[nodiscard]] const std::string& description() const { return description_; }

 private:
  [[nodiscard]] bool recurs_at(WallTime now) const;

  std::string name_;
  std::string description_;
  std::shared_ptr<const TimeZone> zone_;
  config::DaySet days_;  ///< on which it begins
  int from_ = 0;         ///< minutes since midnight
  int to_ = 24 * 60;     ///< not after from_: on the next day
  std::optional<WallTime> starts_;
  std::optional<WallTime> ends_;
};

}  // namespace wardex::route
