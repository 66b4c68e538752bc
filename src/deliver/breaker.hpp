// The circuit breaker of a lane, pure. Closed: all is well. Open: nothing goes but one probe at a time, at growing
// intervals. After recovery the lane starts slowly: 1, 2, 4, ... requests at a time, doubling with each success.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "deliver/policy.hpp"
#include "store/store.hpp"

namespace wardex::deliver {

class Breaker {
 public:
  /// An attempt that failed like an outage.
  struct Failure {
    bool probe = false;
    /// The event sent, when the receiver was reached (a 500, say): the event itself may be the cause, so repeated
    /// failures of one event count once and one poison event cannot close the lane to the others.
    std::optional<store::Seq> suspect;
    std::optional<Millis> hint;  ///< 503 with Retry-After
  };

  Breaker(std::size_t threshold, const RetryPolicy& policy);
  void configure(std::size_t threshold, const RetryPolicy& policy);

  /// True when this opened it.
  bool failed(const Failure& failure, MonoTime now, double u);
  /// The receiver answered sensibly. True when this closed it.
  bool succeeded();
  /// Forgets everything: the receiver is another one now.
  void reset();
  /// From now on one request at a time, then two, four, ... (also after a throttle or a hold).
  void slow_start() { allowance_ = 1; }

  [[nodiscard]] bool open() const { return open_; }
  [[nodiscard]] MonoTime probe_at() const { return probe_at_; }
  /// Requests that may be under way at once.
  [[nodiscard]] std::size_t allowance(std::size_t limit) const { return allowance_ < limit ? allowance_ : limit; }

 private:
  std::size_t threshold_;
  RetryPolicy policy_;
  bool open_ = false;
  std::size_t certain_ = 0;
  std::vector<store::Seq> suspects_;  // at most threshold_
  unsigned probes_ = 0;
  MonoTime probe_at_{};
  std::size_t allowance_ = 1;
};

}  // namespace wardex::deliver
