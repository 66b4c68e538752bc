// When a failed delivery is tried again. Pure: randomness is a parameter in [0, 1).
#pragma once

#include <optional>
#include <random>

#include "deliver/policy.hpp"
#include "wardex/time.hpp"

namespace wardex::deliver {

/// Uniform numbers in [0, 1), the same on every platform for the same seed (std::uniform_real_distribution is not).
class Jitter {
 public:
  explicit Jitter(std::uint64_t seed) : engine_(seed) {}
  double next() { return static_cast<double>(engine_() >> 11U) * 0x1.0p-53; }

 private:
  std::mt19937_64 engine_;
};

/// Exponential backoff with full jitter over a floor: uniform in [initial/2, min(max, initial * 2^(failures-1))]. The
/// floor is what keeps "full jitter" (which starts at 0) from ever becoming a busy loop.
Millis backoff(const RetryPolicy& policy, unsigned failures, double u);

/// The same, unless the receiver said when: then exactly that, within [initial/2, give_up_after].
Millis retry_delay(const RetryPolicy& policy, unsigned failures, std::optional<Millis> hint, double u);

/// How long an open breaker waits before probe number `probe` (from 1): doubles from initial to max, with 25 % jitter
/// downwards, so that the gateways of a site do not probe in step.
Millis probe_delay(const RetryPolicy& policy, unsigned probe, double u);

/// A receiver's Retry-After for the whole lane, kept from being a busy loop (0) or an outage of its own (years).
Millis throttle_pause(const RetryPolicy& policy, Millis asked);

}  // namespace wardex::deliver
