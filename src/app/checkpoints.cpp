#include "app/checkpoints.hpp"

#include <algorithm>
#include <utility>

#include "app/signing.hpp"
#include "runtime/log.hpp"

namespace wardex::app {
namespace {
constexpr Millis kRetry{10'000};
constexpr Millis kFirstRow{1'000};
}  // namespace

Checkpoints::Checkpoints(store::Store& store, const runtime::Clock& clock, runtime::Timers& timers,
                         std::function<void(const store::Checkpoint&)> made)
    : store_(store), clock_(clock), timer_(timers.make()), made_(std::move(made)) {}

void Checkpoints::configure(const Generation& generation) {
  every_ = generation.config->audit.checkpoints.every;
  sign_ = generation.signing_key ? signer(generation.signing_key, generation.config, true) : nullptr;
  if (!sign_) return timer_->cancel();
  if (!under_way_ && !stopped_) arm(until_due());
}

void Checkpoints::stop() {
  stopped_ = true;
  timer_->cancel();
}

/// A wall clock may have been set since the last one: never longer than an interval from now.
Millis Checkpoints::until_due() const {
  const auto gauges = store_.gauges();
  if (gauges.checkpoint_id == 0) return Millis{0};
  const auto left = std::chrono::ceil<Millis>(gauges.checkpoint_at + every_ - clock_.wall());
  return std::clamp(left, Millis{0}, every_);
}

void Checkpoints::arm(Millis wait) {
  timer_->arm(clock_.mono() + wait, [this] { look(); });
}

void Checkpoints::look() {
  if (store_.fault()) return arm(std::min(every_, kRetry));
  const auto gauges = store_.gauges();
  // The very first row of all is on its way to the store when we begin.
  if (gauges.audit_head_id == 0) return arm(std::min(every_, kFirstRow));
  if (gauges.audit_head_id <= gauges.checkpoint_id) return arm(every_);
  under_way_ = true;
  store_.checkpoint(sign_, [this, alive = std::weak_ptr(alive_)](const store::Result<store::Checkpoint>& result) {
    if (!alive.expired()) done(result);
  });
}

void Checkpoints::done(const store::Result<store::Checkpoint>& result) {
  under_way_ = false;
  if (!result && result.error().fault == store::Fault::closed) return;
  if (!result) log::error("audit.checkpoint_failed", result.error().message);
  if (result && result->anchor) made_(*result);
  if (sign_ && !stopped_) arm(result ? every_ : std::min(every_, kRetry));
}

}  // namespace wardex::app
