#include "deliver/lane_stats.hpp"

#include <algorithm>

namespace wardex::deliver {

std::string_view to_string(LaneState state) {
  switch (state) {
    case LaneState::idle:
      return "idle";
    case LaneState::delivering:
      return "delivering";
    case LaneState::backing_off:
      return "backing_off";
    case LaneState::breaker_open:
      return "breaker_open";
    case LaneState::throttled:
      return "throttled";
    case LaneState::held:
      return "held";
    case LaneState::on_hold:
      return "on_hold";
    case LaneState::draining:
      return "draining";
    case LaneState::drained:
      return "drained";
    case LaneState::stopped:
      return "stopped";
  }
  return "unknown";
}

void LaneStats::record(const AttemptReport& report, WallTime at) {
  ++attempts_;
  if (!report.reduced.empty()) ++reduced_;
  const auto word = outcome_word(report);
  if (const auto found = outcomes_.find(word); found != outcomes_.end())
    ++found->second;
  else
    outcomes_.emplace(word, 1);
  for (const auto& item : report.items)
    if (std::holds_alternative<Delivered>(item)) last_delivered_at_ = at;
  if (report.requests == 0) return;
  const double seconds = static_cast<double>(report.latency.count()) / 1000.0;
  const auto bucket = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  ++latencies_[static_cast<std::size_t>(bucket - kBounds.begin())];
  latency_sum_ += seconds;
}

void LaneStats::write_to(LaneStatus& status) const {
  status.attempts = attempts_;
  status.reduced = reduced_;
  status.outcomes.insert(outcomes_.begin(), outcomes_.end());
  for (std::size_t i = 0; i < kBounds.size(); ++i) status.latency_buckets.emplace_back(kBounds[i], latencies_[i]);
  status.latency_sum = latency_sum_;
  status.last_delivered_at = last_delivered_at_;
}

}  // namespace wardex::deliver
