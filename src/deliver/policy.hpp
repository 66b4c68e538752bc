// What a lane is told about its receiver.
#pragma once

#include <cstddef>
#include <optional>

#include "store/store.hpp"
#include "wardex/time.hpp"

namespace wardex::deliver {

struct RetryPolicy {
  Millis initial{5000};
  Millis max{15 * 60 * 1000};
  Millis give_up_after{24LL * 60 * 60 * 1000};
};
/// Another connector that steps in. What it got, the lane delivers all the same once it can.
struct FallbackPolicy : store::Fallback {
  Millis after{};  ///< age at which it gets a waiting event; one that goes to the mailbox: at once
  bool operator==(const FallbackPolicy&) const = default;
};
struct LanePolicy {
  RetryPolicy retry;
  std::optional<FallbackPolicy> fallback;
  std::size_t concurrency = 4;
  double rate_per_second = 0;  ///< requests, not events; 0: unlimited
  std::size_t rate_burst = 1;
  std::size_t window = 4096;          ///< deliveries held in memory; the rest waits in the store
  std::size_t breaker_threshold = 5;  ///< outages in a row before the breaker opens
  Millis hold_probe{60000};           ///< a held lane tries one delivery this often
  Millis throttle_default{30000};     ///< 429 without Retry-After
};

}  // namespace wardex::deliver
