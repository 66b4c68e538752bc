// Timers as a parameter, like the clock: production arms Asio's, tests and the simulation turn the hands themselves.
#pragma once

#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "wardex/time.hpp"

namespace wardex::runtime {

/// One callback at one time. Loop thread only; never calls from inside arm().
class Timer {
 public:
  virtual ~Timer() = default;
  /// Replaces what it was armed with before. A time that has passed fires soon.
  virtual void arm(MonoTime at, std::function<void()> fire) = 0;
  /// What it was armed with is not called any more, not even if it is due already.
  virtual void cancel() = 0;
};

class Timers {
 public:
  virtual ~Timers() = default;
  /// Destroying a timer cancels it.
  [[nodiscard]] virtual std::unique_ptr<Timer> make() = 0;
};

class AsioTimers final : public Timers {
 public:
  explicit AsioTimers(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
  [[nodiscard]] std::unique_ptr<Timer> make() override;

 private:
  boost::asio::any_io_executor executor_;
};

}  // namespace wardex::runtime
