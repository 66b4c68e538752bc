// Threads for calls that block (getaddrinfo, fdatasync), so that the event loop never does.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

namespace wardex::runtime {

class WorkerPool {
 public:
  /// Threads are started as they are needed, `most` of them.
  WorkerPool(boost::asio::any_io_executor loop, std::size_t most);
  /// Drops what has not begun. A thread stuck in a system call is left behind rather than waited for (a getaddrinfo
  /// cannot be interrupted and may take half a minute); its result is discarded.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// `work` runs on a thread of the pool, then `done` on the loop. Neither may throw. `done` is not called once the
  /// pool is being destroyed. `work` must hold nothing that belongs to the loop: a thread left behind frees it later,
  /// perhaps after the loop. Nothing here keeps the loop running: whoever waits for `done` does.
  void run(std::function<void()> work, std::function<void()> done);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace wardex::runtime
