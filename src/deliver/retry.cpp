#include "deliver/retry.hpp"

#include <algorithm>

namespace wardex::deliver {
namespace {

/// "Retry-After: 0" answered at once would be ten thousand requests a second.
constexpr Millis kShortestPause{100};

Millis floor_of(const RetryPolicy& policy) {
  return std::max(Millis{1}, std::min(policy.initial, std::max(policy.max, Millis{1})) / 2);
}

Millis step(const RetryPolicy& policy, unsigned failures) {
  const Millis max = std::max(policy.max, Millis{1});
  Millis out = std::clamp(policy.initial, Millis{1}, max);
  for (unsigned n = 1; n < failures && out < max; ++n) out = out > max / 2 ? max : out * 2;
  return out;
}

Millis between(Millis low, Millis high, double u) {
  if (high <= low) return low;
  return low + Millis{static_cast<Millis::rep>(u * static_cast<double>((high - low).count() + 1))};
}

}  // namespace

Millis backoff(const RetryPolicy& policy, unsigned failures, double u) {
  return between(floor_of(policy), step(policy, failures), u);
}

Millis retry_delay(const RetryPolicy& policy, unsigned failures, std::optional<Millis> hint, double u) {
  if (!hint) return backoff(policy, failures, u);
  const Millis low = floor_of(policy);
  return std::clamp(*hint, low, std::max(low, policy.give_up_after));
}

Millis probe_delay(const RetryPolicy& policy, unsigned probe, double u) {
  const Millis longest = step(policy, probe);
  return std::max(floor_of(policy), between(longest - longest / 4, longest, u));
}

Millis throttle_pause(const RetryPolicy& policy, Millis asked) {
  return std::clamp(asked, kShortestPause, std::max(kShortestPause, policy.give_up_after));
}

}  // namespace wardex::deliver
