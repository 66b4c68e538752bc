// A value delivered once, awaited by one coroutine, which may also be told to give up. Loop thread only.
#pragma once

#include <optional>
#include <utility>

#include <boost/asio/steady_timer.hpp>

#include "runtime/async.hpp"
#include "wardex/time.hpp"

namespace wardex::runtime {

/// Keep it in a shared_ptr: the deliverer may outlive the waiter.
template <class T>
class OneShot {
 public:
  explicit OneShot(const asio::any_io_executor& executor) : wake_(executor, MonoTime::max()) {}

  void set(T value) {
    if (done_) return;
    value_ = std::move(value);
    give_up();
  }
  /// Wakes the waiter with nothing.
  void give_up() {
    done_ = true;
    wake_.cancel();
  }
  [[nodiscard]] bool done() const { return done_; }

  asio::awaitable<std::optional<T>> wait() {
    // A steady_timer that never expires is Asio's condition variable: cancel() is the notification.
    if (!done_) co_await wake_.async_wait(nothrow);
    co_return std::move(value_);
  }

 private:
  asio::steady_timer wake_;
  std::optional<T> value_;
  bool done_ = false;
};

}  // namespace wardex::runtime
