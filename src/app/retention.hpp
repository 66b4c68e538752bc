// Removes what nobody needs any more, in small steps: the next is asked for when the last is durable, and rested upon.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "app/generation.hpp"
#include "runtime/clock.hpp"
#include "runtime/timer.hpp"
#include "store/store.hpp"

namespace wardex::app {

class Retention {
 public:
  /// All outlive it.
  Retention(store::Store& store, const runtime::Clock& clock, runtime::Timers& timers);

  /// The audit trail is pruned only with a signing key.
  void configure(const Generation& generation);
  void stop();

 private:
  void begin();
  void step();
  void prune(store::Pruning what);
  void pruned(store::Pruning what, const store::PruneStep& step);
  void report();
  void release_space();
  void end();
  /// For the store's callbacks: goes on with `next`, or ends the run when the step failed.
  template <class T>
  store::Done<T> then(std::function<void(const T&)> next);
  void rest();
  [[nodiscard]] std::optional<store::Prune> next_step(store::Pruning what) const;
  [[nodiscard]] WallTime now() const;

  store::Store& store_;
  const runtime::Clock& clock_;
  std::unique_ptr<runtime::Timer> timer_;
  config::Retention policy_;
  store::Sign sign_;
  bool configured_ = false;
  bool stopped_ = false;
  const WallTime wall_then_;
  const MonoTime mono_then_;

  // The run under way.
  std::vector<store::Pruning> left_;  ///< tables still to do, the last one first
  std::int64_t mailbox_after_ = 0;
  std::uint64_t rows_ = 0;
  MonoTime step_began_{};

  bool reported_ = false;  ///< what a run before the last stop removed and did not come to say is said
  std::int64_t events_after_ = 0;
  std::optional<MonoTime> swept_;  ///< when the events were last looked at from the first one on
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // callbacks of the store may come late
};

}  // namespace wardex::app
