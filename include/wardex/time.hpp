// Time as values: the SDK never reads a clock, it is handed one.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wardex {

using Millis = std::chrono::milliseconds;
/// Wall-clock instant, UTC. Persisted as RFC 3339 text; never used to measure a wait.
using WallTime = std::chrono::sys_time<std::chrono::nanoseconds>;
/// Monotonic instant: what timeouts, backoff and rate limits are measured with.
using MonoTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

/// A wall-clock instant that remembers how precisely its sender stated it.
struct Timestamp {
  WallTime at{};
  std::uint8_t fraction_digits = 0;  ///< 0 (seconds) to 9 (nanoseconds)

  /// Parses RFC 3339 / ISO 8601 with 'T', 't' or a space, any offset or 'Z' (no offset means UTC), up to 9 fraction
  /// digits (further ones are dropped). Leap second :60 is folded into :59. nullopt when it is not a real date, or
  /// outside of 1678 to 2261, the years that 64 bits of nanoseconds hold.
  static std::optional<Timestamp> parse(std::string_view text);
  static Timestamp from_unix_seconds(double seconds);
  /// "2026-04-21T14:22:09Z": UTC, with the sender's precision.
  [[nodiscard]] std::string str() const;
  [[nodiscard]] std::int64_t unix_seconds() const;
  auto operator<=>(const Timestamp&) const = default;
};

/// RFC 3339 UTC with milliseconds: the form of every time that the gateway itself writes.
std::string to_iso(WallTime at);
std::optional<WallTime> from_iso(std::string_view text);

/// "250ms", "15s", "5m", "24h", "90d", or several joined ("1h30m"). A bare number is refused: units are explicit.
std::optional<Millis> parse_duration(std::string_view text);
std::string format_duration(Millis duration);

/// HTTP Retry-After (RFC 9110 10.2.3): delta-seconds or an HTTP-date, relative to `now`. Clamped to [0, 24 h];
/// nullopt for garbage, so that the caller falls back to its own schedule.
std::optional<Millis> parse_retry_after(std::string_view value, WallTime now);

}  // namespace wardex
