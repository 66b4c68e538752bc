// What a lane shows of itself: status, metrics and the console read nothing else.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wardex/time.hpp"

namespace wardex::deliver {

enum class LaneState : std::uint8_t { idle, delivering, backing_off, breaker_open, throttled, held, stopped };
std::string_view to_string(LaneState state);

struct LaneStatus {
  std::string connector;
  LaneState state = LaneState::idle;
  std::string reason;  ///< of the state: "HTTP 401: invalid_auth"
  std::string owner;
  std::size_t window = 0;  ///< deliveries in memory
  std::size_t in_flight = 0;
  std::optional<WallTime> oldest_received_at;
  std::optional<WallTime> next_attempt_at;
  std::optional<WallTime> last_delivered_at;
  std::uint64_t attempts = 0;
  std::map<std::string, std::uint64_t> outcomes;                  ///< attempts by outcome word, since start
  std::vector<std::pair<double, std::uint64_t>> latency_buckets;  ///< upper bound in seconds -> count (not cumulative)
  double latency_sum = 0;
};

}  // namespace wardex::deliver
