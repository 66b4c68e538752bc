// Everything that goes wrong in a simulated life, and which lane states each of them has met.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "deliver/status.hpp"

namespace wardex::simulation {

enum class Fault : std::uint8_t {
  // Of a receiver, for one request.
  hang,               ///< does nothing, never answers
  accept_then_hang,   ///< acts, never answers
  accept_then_reset,  ///< acts, the connection breaks before the answer is read
  request_lost,       ///< the connection breaks before it has acted
  refused,
  tls,
  unknown_host,
  answer_500,
  answer_503,  ///< with a Retry-After of every kind
  answer_429,  ///< the same
  answer_400,
  answer_401,
  answer_404,
  redirect,
  garbage,
  quota,         ///< takes it and says how many more it will take
  forbidden,     ///< our own egress guard
  half_written,  ///< a file that took a part of the lines
  // Of a receiver, for a while.
  dead,
  revoked,  ///< 401 until the secret is another
  // Of the process and the machine.
  killed,
  power_failure,
  terminated,  ///< asked to stop, and given time
  poison,      ///< an event that kills the process
  // Of the disk.
  disk_full,
  read_error,
  write_error,
  sync_error,
  // By operators.
  reload,
  bad_reload,
  removed,  ///< a connector leaves the configuration
  rotated,  ///< a secret is another
  held,
  drained,
  resumed,
  replayed,
  discarded,
  backup,
  // Of the time.
  clock_jump,
  count_,
};
inline constexpr std::size_t kFaults = static_cast<std::size_t>(Fault::count_);
inline constexpr Fault kLastOfRequest = Fault::half_written;
inline constexpr std::size_t kRequestFaults = static_cast<std::size_t>(kLastOfRequest) + 1;

std::string_view to_string(Fault fault);
/// Of a receiver, seen with its answer to a request.
inline bool is_of_request(Fault fault) {
  return fault <= kLastOfRequest || fault == Fault::dead || fault == Fault::revoked;
}

/// A fault that meets a lane in a certain state.
struct Scene {
  Fault fault{};
  deliver::LaneState state{};
};

/// "Sometimes" assertions over a whole batch of lives: a simulation is only as good as what it reaches.
class Coverage {
 public:
  void note(Fault fault, deliver::LaneState state) { ++counts_[index(fault)][static_cast<std::size_t>(state)]; }
  void note(Fault fault) { ++totals_[index(fault)]; }
  /// Of all faults.
  [[nodiscard]] std::uint64_t total() const {
    return std::accumulate(totals_.begin(), totals_.end(), std::uint64_t{0});
  }
  [[nodiscard]] std::uint64_t count(Fault fault, deliver::LaneState state) const {
    return counts_[index(fault)][static_cast<std::size_t>(state)];
  }
  /// Looking at the lanes costs time: once a combination is well known it is not looked for any more.
  [[nodiscard]] bool well_known(Fault fault) const;

  /// Whether a lane can be in that state when this happens.
  static bool possible(Fault fault, deliver::LaneState state);
  static const std::vector<Scene>& possible();
  /// One line for each combination that can be and was not reached.
  [[nodiscard]] std::string missing() const;
  [[nodiscard]] std::string table() const;
  [[nodiscard]] std::size_t reached() const;
  Coverage& operator+=(const Coverage& other);

 private:
  static std::size_t index(Fault fault) { return static_cast<std::size_t>(fault); }
  std::array<std::array<std::uint64_t, deliver::kLaneStates.size()>, kFaults> counts_{};
  std::array<std::uint64_t, kFaults> totals_{};
};

}  // namespace wardex::simulation
