#include "app/retention.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "app/signing.hpp"
#include "runtime/log.hpp"

namespace wardex::app {
namespace {

constexpr Millis kFirstRun{5'000};  // a start has more urgent things to do
constexpr Millis kBetweenRuns{600'000};
constexpr Millis kLeastRest{20};
constexpr Millis kMostRest{1'000};
// Events that somebody still needed are passed over; once a day all of them are looked at again.
constexpr std::chrono::hours kSweep{24};
// Measured with a million rows: some 10 ms each (a page given back is one moved, with those that point to it, and a
// mailbox entry has an audit row of its own); 500 rows of the other tables are less.
constexpr std::size_t kPagesAtOnce = 50;
constexpr std::size_t kMailboxAtOnce = 250;

/// Free pages are used again; giving them back costs writes, so only when they are many.
bool has_much_free(const store::Store::Gauges& gauges) {
  return gauges.free_bytes > gauges.page_bytes / 4 && gauges.free_bytes > (1U << 20U);
}

}  // namespace

Retention::Retention(store::Store& store, const runtime::Clock& clock, runtime::Timers& timers)
    : store_(store), clock_(clock), timer_(timers.make()), wall_then_(clock.wall()), mono_then_(clock.mono()) {}

void Retention::configure(const Generation& generation) {
  policy_ = generation.config->retention;
  sign_ = generation.signing_key ? signer(generation.signing_key, generation.config, false) : nullptr;
  if (!std::exchange(configured_, true)) timer_->arm(clock_.mono() + kFirstRun, [this] { begin(); });
}

void Retention::stop() {
  stopped_ = true;
  timer_->cancel();
}

/// A clock that is set forward while we run must not make everything old at once.
WallTime Retention::now() const { return std::min(clock_.wall(), wall_then_ + (clock_.mono() - mono_then_)); }

void Retention::begin() {
  rows_ = 0;
  mailbox_after_ = 0;
  if (!swept_ || clock_.mono() - *swept_ >= kSweep) {
    swept_ = clock_.mono();
    events_after_ = 0;
  }
  // Mailbox entries first: they let go of their events.
  left_ = {store::Pruning::audit, store::Pruning::links, store::Pruning::events, store::Pruning::mailbox};
  step();
}

void Retention::step() {
  if (store_.fault()) return end();  // nothing is lost by waiting
  step_began_ = clock_.mono();
  if (!left_.empty()) return prune(left_.back());
  if (rows_ > 0 || !reported_) return report();
  if (has_much_free(store_.gauges())) return release_space();
  end();
}

std::optional<store::Prune> Retention::next_step(store::Pruning what) const {
  store::Prune step;
  step.what = what;
  switch (what) {
    case store::Pruning::events:
      step.before = now() - policy_.events.keep;
      step.max_rows = policy_.events.max_rows.value_or(0);
      step.after = events_after_;
      return step;
    case store::Pruning::audit:
      if (!sign_) return std::nullopt;
      step.before = now() - policy_.audit.keep;
      step.max_rows = policy_.audit.max_rows.value_or(0);
      return step;
    case store::Pruning::links:
      step.before = now() - policy_.links.keep;
      return step;
    case store::Pruning::mailbox:
      if (!policy_.mailbox.keep) return std::nullopt;
      step.before = now() - *policy_.mailbox.keep;
      step.after = mailbox_after_;
      step.rows = kMailboxAtOnce;
      return step;
  }
  return std::nullopt;
}

void Retention::prune(store::Pruning what) {
  const auto next = next_step(what);
  if (!next) {
    left_.pop_back();
    return step();
  }
  store_.prune(*next, what == store::Pruning::audit ? sign_ : nullptr,
               then<store::PruneStep>([this, what](const store::PruneStep& done) { pruned(what, done); }));
}

void Retention::pruned(store::Pruning what, const store::PruneStep& step) {
  rows_ += step.rows;
  if (what == store::Pruning::events) events_after_ = step.after;
  if (what == store::Pruning::mailbox) mailbox_after_ = step.after;
  if (!step.more) left_.pop_back();
  rest();
}

void Retention::report() {
  store_.report_pruned(then<store::Ok>([this](const store::Ok&) {
    if (rows_ > 0) log::info("retention.pruned", "rows whose time is over are gone", {{"rows", rows_}});
    rows_ = 0;
    reported_ = true;
    rest();
  }));
}

void Retention::release_space() {
  store_.release_space(kPagesAtOnce, then<store::Ok>([this](const store::Ok&) { rest(); }));
}

void Retention::end() {
  if (!stopped_) timer_->arm(clock_.mono() + kBetweenRuns, [this] { begin(); });
}

/// As long again as the step took: others write as well.
void Retention::rest() {
  if (stopped_) return;
  const auto took = clock_.mono() - step_began_;
  const auto pause = std::clamp<std::chrono::nanoseconds>(took, kLeastRest, kMostRest);
  timer_->arm(clock_.mono() + pause, [this] { step(); });
}

template <class T>
store::Done<T> Retention::then(std::function<void(const T&)> next) {
  return [this, next = std::move(next), alive = std::weak_ptr(alive_)](const store::Result<T>& result) {
    if (alive.expired()) return;
    if (result) return next(*result);
    if (result.error().fault == store::Fault::closed) return;
    log::error("retention.failed", result.error().message);
    reported_ = reported_ && rows_ == 0;  // the next run says what this one removed
    end();
  };
}

}  // namespace wardex::app
