#include "deliver/breaker.hpp"

#include <algorithm>

#include "deliver/retry.hpp"

namespace wardex::deliver {

Breaker::Breaker(std::size_t threshold, const RetryPolicy& policy) : threshold_(0) { configure(threshold, policy); }

void Breaker::configure(std::size_t threshold, const RetryPolicy& policy) {
  threshold_ = std::max<std::size_t>(threshold, 1);
  policy_ = policy;
}

bool Breaker::failed(const Failure& failure, MonoTime now, double u) {
  slow_start();
  if (open_) {
    // Attempts that were under way when it opened say nothing new but when the receiver wants to be asked again; only
    // the probe moves the schedule.
    if (!failure.probe) {
      if (failure.hint) probe_at_ = std::max(probe_at_, now + throttle_pause(policy_, *failure.hint));
      return false;
    }
  } else {
    if (!failure.suspect)
      ++certain_;
    else if (std::find(suspects_.begin(), suspects_.end(), *failure.suspect) == suspects_.end())
      suspects_.push_back(*failure.suspect);
    if (certain_ + suspects_.size() < threshold_) return false;
  }
  const bool opened = !open_;
  open_ = true;
  suspects_.clear();
  probe_at_ = now + probe_delay(policy_, ++probes_, u);
  if (failure.hint) probe_at_ = std::max(probe_at_, now + throttle_pause(policy_, *failure.hint));
  return opened;
}

bool Breaker::succeeded() {
  const bool closed = open_;
  open_ = false;
  certain_ = 0;
  suspects_.clear();
  probes_ = 0;
  if (closed)
    slow_start();
  else
    allowance_ = std::min(allowance_ * 2, std::size_t{1} << 20U);
  return closed;
}

void Breaker::reset() {
  succeeded();
  slow_start();
}

}  // namespace wardex::deliver
