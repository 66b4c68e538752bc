#include "store/sqlite/worker.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace wardex::store::sqlite {
namespace {

class Thread final : public Worker {
 public:
  explicit Thread(Step step) : step_(std::move(step)), thread_([this] { run(); }) {}
  ~Thread() override { Thread::finish(); }
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  void wake() override {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(woken_, true)) wake_.notify_one();
  }
  void finish() override {
    wake();
    if (thread_.joinable()) thread_.join();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      woken_ = false;
      lock.unlock();
      const auto next = step_();
      lock.lock();
      if (!next) return;
      const auto woken = [this] { return woken_; };
      if (*next == kWhenWoken) {
        wake_.wait(lock, woken);
      } else if (*next != kAtOnce) {
        wake_.wait_until(lock, *next, woken);
      }
    }
  }

  const Step step_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool woken_ = false;
  std::thread thread_;  // last: it uses the others
};

class Threads final : public Workers {
 public:
  std::unique_ptr<Worker> start(Step step) override { return std::make_unique<Thread>(std::move(step)); }
};

}  // namespace

std::shared_ptr<Workers> threads() { return std::make_shared<Threads>(); }

}  // namespace wardex::store::sqlite
