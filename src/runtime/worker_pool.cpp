#include "runtime/worker_pool.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <pthread.h>
#include <signal.h>

#include <boost/asio/post.hpp>

namespace wardex::runtime {

namespace {

struct Job {
  std::function<void()> work;
  std::function<void()> done;
};

/// Signals belong to the loop's thread: a worker starts with all of them blocked.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

struct WorkerPool::State {
  State(boost::asio::any_io_executor executor, std::size_t most_threads)
      : loop(std::move(executor)), most(most_threads) {}

  boost::asio::any_io_executor loop;
  const std::size_t most;
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Job> jobs;
  std::vector<std::thread> threads;
  std::vector<bool> busy;
  std::size_t idle = 0;
  // The completions of running jobs stay here: they hold objects of the loop (timers), which a thread left behind must
  // not be the one to destroy.
  std::vector<std::function<void()>> finishing;
  bool stopping = false;

  static void serve(const std::shared_ptr<State>& self, std::size_t index) {
    std::unique_lock lock(self->mutex);
    while (true) {
      ++self->idle;
      self->wake.wait(lock, [&] { return self->stopping || !self->jobs.empty(); });
      --self->idle;
      if (self->stopping) return;
      auto job = std::move(self->jobs.front());
      self->jobs.pop_front();
      self->busy[index] = true;
      self->finishing[index] = std::move(job.done);
      lock.unlock();
      job.work();
      job.work = nullptr;
      lock.lock();
      self->busy[index] = false;
      // Under the lock: once the destructor has set `stopping`, the loop may be gone.
      if (self->stopping) return;
      boost::asio::post(self->loop, std::exchange(self->finishing[index], nullptr));
    }
  }
};

WorkerPool::WorkerPool(boost::asio::any_io_executor loop, std::size_t most)
    : state_(std::make_shared<State>(std::move(loop), most)) {}

WorkerPool::~WorkerPool() {
  std::vector<std::thread> idle;
  std::deque<Job> dropped;
  std::vector<std::function<void()>> abandoned;
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    dropped.swap(state_->jobs);
    abandoned.swap(state_->finishing);
    for (std::size_t i = 0; i < state_->threads.size(); ++i) {
      if (state_->busy[i])
        state_->threads[i].detach();
      else
        idle.push_back(std::move(state_->threads[i]));
    }
    state_->threads.clear();
    state_->loop = {};  // a thread left behind must not touch the loop, not even to release it
  }
  state_->wake.notify_all();
  for (auto& thread : idle) thread.join();
}

void WorkerPool::run(std::function<void()> work, std::function<void()> done) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->jobs.push_back({std::move(work), std::move(done)});
    // A thread that has been woken still counts as idle: compare with the jobs rather than with none.
    if (state_->idle < state_->jobs.size() && state_->threads.size() < state_->most) {
      const SignalsBlocked guard;
      state_->busy.push_back(false);
      state_->finishing.emplace_back();
      state_->threads.emplace_back(State::serve, state_, state_->threads.size());
    }
  }
  state_->wake.notify_one();
}

}  // namespace wardex::runtime
