// Token bucket: so many requests a second, in bursts of so many.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "wardex/time.hpp"

namespace wardex::deliver {

class TokenBucket {
 public:
  TokenBucket() = default;  ///< unlimited
  TokenBucket(double per_second, std::size_t burst)
      : per_second_(per_second), burst_(static_cast<double>(std::max<std::size_t>(burst, 1))), tokens_(burst_) {}

  /// When the next request may go: `now` or later.
  [[nodiscard]] MonoTime ready_at(MonoTime now) {
    if (per_second_ <= 0) return now;
    refill(now);
    if (tokens_ >= 1) return now;
    // Rounded up by a nanosecond, so that a timer that fires exactly then finds the token there.
    return now + std::chrono::nanoseconds{static_cast<std::int64_t>(std::ceil((1 - tokens_) / per_second_ * 1e9)) + 1};
  }
  /// May go into debt: the later steps of a delivery are charged when they are known.
  void take(MonoTime now, std::size_t requests = 1) {
    if (per_second_ <= 0) return;
    refill(now);
    tokens_ -= static_cast<double>(requests);
  }
  /// New limits; what is saved up or owed stays, within the new burst.
  void configure(double per_second, std::size_t burst) {
    const bool was_unlimited = per_second_ <= 0;
    per_second_ = per_second;
    burst_ = static_cast<double>(std::max<std::size_t>(burst, 1));
    tokens_ = was_unlimited ? burst_ : std::min(tokens_, burst_);
  }

 private:
  void refill(MonoTime now) {
    if (now <= filled_at_) return;
    if (filled_at_ != MonoTime::min())
      tokens_ = std::min(burst_, tokens_ + std::chrono::duration<double>(now - filled_at_).count() * per_second_);
    filled_at_ = now;
  }

  double per_second_ = 0;
  double burst_ = 1;
  double tokens_ = 1;
  MonoTime filled_at_ = MonoTime::min();
};

}  // namespace wardex::deliver
