// What calls the store's steps in the daemon: a thread each.
#include "store/sqlite/worker.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace wardex::store::sqlite {
namespace {

/// A step by script, and a test that waits for it.
class Script {
 public:
  std::optional<MonoTime> step() {
    std::unique_lock lock(mutex_);
    ++steps_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !paused_; });
    if (over_) return std::nullopt;
    return next_;
  }
  void wait_for_steps(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return steps_ >= count; });
  }
  void set(MonoTime next, bool paused = false) {
    const std::lock_guard lock(mutex_);
    next_ = next;
    paused_ = paused;
    changed_.notify_all();
  }
  void end() {
    const std::lock_guard lock(mutex_);
    over_ = true;
    paused_ = false;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int steps_ = 0;
  bool paused_ = false;
  bool over_ = false;
  MonoTime next_ = kWhenWoken;
};

TEST(Worker, StepsAtOnceThenAgainWhenWoken) {
  Script script;
  const auto worker = threads()->start([&] { return script.step(); });
  script.wait_for_steps(1);
  worker->wake();
  script.wait_for_steps(2);
  script.end();
  worker->finish();
  worker->finish();  // it is over: nothing to wait for
}

TEST(Worker, StepsOnWithoutBeingWokenWhileThereIsMore) {
  Script script;
  script.set(kAtOnce);
  const auto worker = threads()->start([&] { return script.step(); });
  script.wait_for_steps(100);
  script.end();
  worker->finish();
}

TEST(Worker, StepsWhenItsTimeHasCome) {
  Script script;
  script.set(std::chrono::steady_clock::now() + Millis{1});
  const auto worker = threads()->start([&] { return script.step(); });
  script.wait_for_steps(2);
  script.end();
  worker->finish();
}

TEST(Worker, AWakeInTheMiddleOfAStepMeansAnother) {
  Script script;
  script.set(kWhenWoken, true);
  const auto worker = threads()->start([&] { return script.step(); });
  script.wait_for_steps(1);
  worker->wake();  // the step has begun and may have looked already
  script.set(kWhenWoken);
  script.wait_for_steps(2);
  script.end();
  worker->finish();
}

TEST(Worker, EndsWithTheStepThatSaysSo) {
  std::atomic<int> steps{0};
  const auto worker = threads()->start([&] {
    ++steps;
    return std::optional<MonoTime>();
  });
  worker->finish();
  worker->wake();
  EXPECT_EQ(steps, 1);
}

}  // namespace
}  // namespace wardex::store::sqlite
