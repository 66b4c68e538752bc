// Has the head of the audit chain signed at intervals, and hands the anchors on.
#pragma once

#include <functional>
#include <memory>

#include "app/generation.hpp"
#include "runtime/clock.hpp"
#include "runtime/timer.hpp"
#include "store/store.hpp"

namespace wardex::app {

class Checkpoints {
 public:
  /// `made` is told of each anchor that is pending from then on. All outlive it.
  Checkpoints(store::Store& store, const runtime::Clock& clock, runtime::Timers& timers,
              std::function<void(const store::Checkpoint&)> made);

  /// Without a signing key none are made.
  void configure(const Generation& generation);
  void stop();

 private:
  void look();
  void done(const store::Result<store::Checkpoint>& result);
  [[nodiscard]] Millis until_due() const;
  void arm(Millis wait);

  store::Store& store_;
  const runtime::Clock& clock_;
  std::unique_ptr<runtime::Timer> timer_;
  std::function<void(const store::Checkpoint&)> made_;
  Millis every_{};
  store::Sign sign_;
  bool under_way_ = false;
  bool stopped_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // callbacks of the store may come late
};

}  // namespace wardex::app
