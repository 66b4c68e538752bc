// The id that every generated event carries: of which run and case, which one, and when it was sent. It travels inside
// the event, so the sink counts, orders and times events however a system under test wraps them.
//
//   wbe1-RRRRRRRR-CCCCCC-SSSSSSSSSS-TTTTTTTTTTTTTTTT
//   run, 8 hex digits; case, 6 decimal digits (000000: none); sequence number, 10; send time in us since 1970, 16
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace wardex::bench {

inline constexpr std::string_view kIdMarker = "wbe1-";
inline constexpr std::size_t kIdSize = 48;
inline constexpr std::uint32_t kMostCases = 999'999;
inline constexpr std::uint64_t kMostEvents = 9'999'999'999;

struct EventId {
  std::uint32_t run = 0;
  std::uint32_t case_number = 0;
  std::uint64_t sequence = 0;
  std::int64_t sent_us = 0;
  bool operator==(const EventId&) const = default;
};

void write(const EventId& id, std::span<char, kIdSize> out);
[[nodiscard]] std::string to_string(const EventId& id);
/// nullopt: not an id from its first byte on.
[[nodiscard]] std::optional<EventId> read_event_id(std::string_view text);

/// A run as its 8 digits, and back.
[[nodiscard]] std::string run_name(std::uint32_t run);
[[nodiscard]] std::optional<std::uint32_t> parse_run(std::string_view text);

/// "000042", as the id and the event's case_id write it.
[[nodiscard]] std::string case_digits(std::uint32_t case_number);

/// Microseconds since 1970: what sender and sink compare, on one machine.
[[nodiscard]] std::int64_t wall_us();

}  // namespace wardex::bench
