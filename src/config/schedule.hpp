// The notations of a mute window: times of day, days of the week, time zones.
#pragma once

#include <bitset>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wardex::config {

/// Minutes since midnight: "22:00" is 1320. "24:00" is allowed, as the end of a day.
std::optional<int> parse_clock(std::string_view text);

/// Bit 0 is Monday.
using DaySet = std::bitset<7>;
/// {"mon", "sat-sun"}; empty means every day. On nullopt `wrong` is the part that is no day.
std::optional<DaySet> parse_days(const std::vector<std::string>& days, std::string& wrong);

/// The compiled zone (tzfile(5)) of an IANA name; nullopt when this machine has no such zone.
std::optional<std::filesystem::path> zone_file(std::string_view name);
/// An existing zone that `name` was probably meant to be; empty when none is near.
std::string nearest_zone(std::string_view name);

}  // namespace wardex::config
