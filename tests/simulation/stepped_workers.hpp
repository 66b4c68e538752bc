// The store's work on the simulation's own thread: one step at a time, in an order that chance decides.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "store/sqlite/worker.hpp"

namespace wardex::simulation {

class SteppedWorkers final : public store::sqlite::Workers {
 public:
  std::unique_ptr<store::sqlite::Worker> start(store::sqlite::Step step) override {
    auto job = std::make_shared<Job>(std::move(step));
    jobs_->push_back(job);
    return std::make_unique<Hand>(jobs_, std::move(job));
  }

  [[nodiscard]] std::size_t due(MonoTime now) const {
    return static_cast<std::size_t>(
        std::count_if(jobs_->begin(), jobs_->end(), [now](const auto& job) { return job->is_due(now); }));
  }
  /// The n-th of those that are due does a step.
  void step(std::size_t n, MonoTime now) {
    for (const auto& job : *jobs_) {
      if (!job->is_due(now) || n-- > 0) continue;
      const auto kept = job;  // its step may start others
      kept->step();
      return;
    }
  }
  [[nodiscard]] std::optional<MonoTime> next_due() const {
    std::optional<MonoTime> first;
    for (const auto& job : *jobs_)
      if (const auto at = job->woken ? store::sqlite::kAtOnce : job->at; !job->over && at != store::sqlite::kWhenWoken)
        first = std::min(first.value_or(at), at);
    return first;
  }

 private:
  struct Job {
    explicit Job(store::sqlite::Step work) : call(std::move(work)) {}
    [[nodiscard]] bool is_due(MonoTime now) const { return !over && (woken || at <= now); }
    void step() {
      woken = false;
      if (const auto next = call())
        at = *next;
      else
        over = true;
    }
    store::sqlite::Step call;
    MonoTime at = store::sqlite::kAtOnce;
    bool woken = false;
    bool over = false;
  };
  using Jobs = std::vector<std::shared_ptr<Job>>;

  class Hand final : public store::sqlite::Worker {
   public:
    Hand(std::shared_ptr<Jobs> jobs, std::shared_ptr<Job> job) : jobs_(std::move(jobs)), job_(std::move(job)) {}
    ~Hand() override {
      Hand::finish();
      std::erase(*jobs_, job_);
    }
    Hand(const Hand&) = delete;
    Hand& operator=(const Hand&) = delete;
    void wake() override { job_->woken = true; }
    void finish() override {
      while (!job_->over) job_->step();
    }

   private:
    std::shared_ptr<Jobs> jobs_;
    std::shared_ptr<Job> job_;
  };

  std::shared_ptr<Jobs> jobs_ = std::make_shared<Jobs>();
};

}  // namespace wardex::simulation
