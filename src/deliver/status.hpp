// What a lane shows of itself: status, metrics and the console read nothing else.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wardex/time.hpp"

namespace wardex::deliver {

enum class LaneState : std::uint8_t {
  idle,
  delivering,
  backing_off,   ///< what is there waits for its retry
  breaker_open,  ///< outage: one probe at a time
  throttled,     ///< until the time the receiver named
  held,          ///< the credential is refused
  on_hold,       ///< by an operator
  draining,      ///< by an operator: what was pending then is sent
  drained,       ///< that is done, the rest waits
  stopped,
};
inline constexpr std::array kLaneStates{
    LaneState::idle, LaneState::delivering, LaneState::backing_off, LaneState::breaker_open, LaneState::throttled,
    LaneState::held, LaneState::on_hold,    LaneState::draining,    LaneState::drained,      LaneState::stopped};
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
  std::uint64_t reduced = 0;  ///< attempts with a reduced payload, because the full one could not be rendered
  std::map<std::string, std::uint64_t> outcomes;                  ///< attempts by outcome word, since start
  std::vector<std::pair<double, std::uint64_t>> latency_buckets;  ///< upper bound in seconds -> count (not cumulative)
  double latency_sum = 0;
};

}  // namespace wardex::deliver
