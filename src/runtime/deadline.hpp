// Bounds an operation in time: at the deadline a callback cancels whatever is under way (closes a socket, say).
#pragma once

#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "wardex/time.hpp"

namespace wardex::runtime {

/// A callback timer rather than a cancellation slot or awaitable operators (both broken in Boost 1.81), and one timer
/// for a whole exchange: moving the deadline later costs no system call, the timer looks again when it fires.
/// Loop thread only.
class Deadline {
 public:
  explicit Deadline(const boost::asio::any_io_executor& executor);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  /// Arms it, or moves it. Has no effect once expired.
  void expire_at(MonoTime at);
  void expire_after(Millis duration);
  /// Never expires until armed again.
  void disarm();
  /// What expiry does; replaces the previous callback. Called at once when already expired. Runs at most once.
  void on_expiry(std::function<void()> cancel);
  /// Expires now, as if the time had come (shutdown).
  void expire_now();

  [[nodiscard]] bool expired() const;
  [[nodiscard]] MonoTime at() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the timer's handler, which may already be queued when we are destroyed
};

}  // namespace wardex::runtime
