// Offsets from UTC by the system's tz database. The C library's own TZ is one per process and C++20's tzdb is not in
// GCC 12, so the compiled zones (RFC 8536) are read here.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wardex::route {

using SysSeconds = std::chrono::sys_seconds;
using Offset = std::chrono::seconds;

/// The POSIX TZ string that rules the time after a file's last transition: "CET-1CEST,M3.5.0,M10.5.0/3".
class PosixZone {
 public:
  static std::optional<PosixZone> parse(std::string_view text);
  [[nodiscard]] Offset offset_at(SysSeconds at) const;

  /// When one of the year's two changes happens, in local time.
  struct Change {
    enum class Form { julian, day_of_year, month_week_day };
    Form form = Form::month_week_day;
    int month = 0;
    int week = 0;
    int day = 0;
    std::chrono::seconds time{2 * 3600};
    [[nodiscard]] SysSeconds in(std::chrono::year year) const;
  };

 private:
  Offset standard_{0};
  std::optional<Offset> summer_;
  Change begins_;
  Change ends_;
};

class TimeZone {
 public:
  /// nullopt and `why` when the file cannot be read or is no TZif file.
  static std::optional<TimeZone> load(const std::filesystem::path& file, std::string& why);
  static std::optional<TimeZone> parse(std::string_view bytes, std::string& why);

  /// To be added to UTC for local time: an hour east of Greenwich is +3600 s.
  [[nodiscard]] Offset offset_at(SysSeconds at) const;

 private:
  std::vector<SysSeconds> transitions_;
  std::vector<Offset> offsets_;  ///< offsets_[i] holds before transitions_[i]; one more than there are transitions
  std::optional<PosixZone> later_;
};

}  // namespace wardex::route
