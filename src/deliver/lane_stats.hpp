// Counts of a lane since start.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>

#include "deliver/report.hpp"
#include "deliver/status.hpp"

namespace wardex::deliver {

class LaneStats {
 public:
  void record(const AttemptReport& report, WallTime at);
  void write_to(LaneStatus& status) const;

 private:
  static constexpr std::array kBounds{
      0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, std::numeric_limits<double>::infinity()};
  std::uint64_t attempts_ = 0;
  std::uint64_t reduced_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> outcomes_;
  std::array<std::uint64_t, kBounds.size()> latencies_{};
  double latency_sum_ = 0;
  std::optional<WallTime> last_delivered_at_;
};

}  // namespace wardex::deliver
