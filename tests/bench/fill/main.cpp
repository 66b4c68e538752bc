// bench_fill: a store with a long audit trail and a backlog, made through the store's own verbs, so that it is what the
// gateway would have left.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "loadgen/events.hpp"
#include "store/sqlite/open.hpp"
#include "store/store.hpp"

namespace wardex::bench {
namespace {

constexpr std::size_t kUnderWay = 2000;  // verbs that wait for their commit: the writer always has a full group
constexpr std::size_t kEventsAtOnce = 500;

struct Plan {
  std::filesystem::path directory;
  std::uint64_t audit_rows = 0;
  std::uint64_t backlog = 0;
  std::string connector;
};

/// Completions run here, while there is too much under way.
class Loop {
 public:
  void post(std::function<void()> task) {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    wake_.notify_one();
  }
  void run_one() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return !tasks_.empty(); });
    auto task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
};

WallTime now() { return std::chrono::system_clock::now(); }

class Filler {
 public:
  explicit Filler(Plan plan) : plan_(std::move(plan)) {
    store::sqlite::Options options;
    options.directory = plan_.directory;
    options.now = now;
    options.post = [this](std::function<void()> task) { loop_.post(std::move(task)); };
    auto opened = store::sqlite::open(std::move(options));
    if (!opened) throw std::runtime_error(opened.error().message);
    store_ = std::move(*opened);
  }

  void run() {
    for (std::uint64_t i = 0; i < plan_.backlog; i += kEventsAtOnce) {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(kEventsAtOnce, plan_.backlog - i));
      store_->accept(events(i, count), record("accept", count), counted<store::Accepted>());
    }
    for (std::uint64_t i = 0; i < plan_.audit_rows; ++i) {
      auto row = record("deliver", 1);
      row.connector = plan_.connector;
      row.first_seq = row.last_seq = i + 1;
      row.attempt = 1;
      row.outcome = "delivered";
      row.status_code = 204;
      row.latency_ms = 3;
      store_->append_audit(std::move(row), counted<store::Ok>());
    }
    while (under_way_ > 0) loop_.run_one();
    store_->close();
  }

 private:
  template <class T>
  store::Done<T> counted() {
    while (under_way_ >= kUnderWay) loop_.run_one();
    ++under_way_;
    return [this](const store::Result<T>& result) {
      --under_way_;
      if (!result) throw std::runtime_error(result.error().message);
    };
  }

  static store::AuditRecord record(std::string action, std::size_t count) {
    store::AuditRecord record;
    record.at = now();
    record.actor = "bench";
    record.action = std::move(action);
    record.outcome = "accepted";
    record.count = static_cast<std::uint32_t>(count);
    return record;
  }

  std::vector<store::NewEvent> events(std::uint64_t first, std::size_t count) const {
    std::vector<store::NewEvent> out;
    for (std::size_t i = 0; i < count; ++i) {
      auto event = std::make_shared<Event>();
      const auto sent_us = wall_us();
      texts_.body(event->original, first + i, 1, 0, sent_us);
      event->id = to_string(EventId{options().run, 0, first + i, sent_us});
      event->severity = Severity::high;
      event->origin = "bench";
      event->received_at = {now(), 3};
      out.push_back({std::move(event), {{plan_.connector, "matrix high", "", false}}});
    }
    return out;
  }

  static const Options& options() {
    static const Options options{.events = 1, .kind = EventKind::alert, .case_share = 0, .run = 0xF111ED};
    return options;
  }

  Plan plan_;
  Events texts_{options()};
  Loop loop_;
  std::size_t under_way_ = 0;
  std::unique_ptr<store::Store> store_;
};

}  // namespace
}  // namespace wardex::bench

int main(int argc, char** argv) {
  wardex::bench::Plan plan;
  CLI::App app{"Makes a store with a history, for benchmarks."};
  app.add_option("--data-dir", plan.directory, "An empty directory")->required();
  app.add_option("--audit-rows", plan.audit_rows, "Rows of the audit trail");
  app.add_option("--backlog", plan.backlog, "Pending deliveries, of an event each");
  app.add_option("--connector", plan.connector, "To which they belong")->required();
  CLI11_PARSE(app, argc, argv);
  try {
    wardex::bench::Filler(plan).run();
    std::cout << "filled" << std::endl;
  } catch (const std::exception& error) {
    std::cerr << "bench_fill: " << error.what() << '\n';
    return 1;
  }
}
