// Who does the store's work. In the daemon each part (writer, readers, recovery, the check of a backup) has a thread of
// its own; a simulation takes every step itself, on one thread and in an order of its choosing.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "wardex/time.hpp"

namespace wardex::store::sqlite {

/// Does a bit of the work and says when to be called again, unless woken before; nullopt: the work is over.
using Step = std::function<std::optional<MonoTime>()>;
inline constexpr MonoTime kAtOnce = MonoTime::min();
inline constexpr MonoTime kWhenWoken = MonoTime::max();

/// What calls one Step, never twice at a time.
class Worker {
 public:
  virtual ~Worker() = default;
  /// There is something to do. From any thread; in the middle of a step it means another step.
  virtual void wake() = 0;
  /// Wakes it and returns when the work is over, which its owner has brought about.
  virtual void finish() = 0;
};

class Workers {
 public:
  virtual ~Workers() = default;
  virtual std::unique_ptr<Worker> start(Step step) = 0;
};

/// A thread for each.
std::shared_ptr<Workers> threads();

}  // namespace wardex::store::sqlite
