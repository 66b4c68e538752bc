// The store's verbs on a real file, with every commit synced; and the hash chain by itself.
#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>

#include "micro/measured.hpp"
#include "store/audit_chain.hpp"
#include "store/sqlite/open.hpp"
#include "store/store.hpp"

namespace wardex::bench {
namespace {

/// A store in a folder of its own, and its verbs as plain calls.
class Bench {
 public:
  Bench() {
    std::string pattern = (std::filesystem::temp_directory_path() / "bench-store-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = pattern;
    store::sqlite::Options options;
    options.directory = folder_;
    options.now = [] { return std::chrono::system_clock::now(); };
    options.post = [this](std::function<void()> task) {
      const std::lock_guard lock(mutex_);
      tasks_.push_back(std::move(task));
      wake_.notify_one();
    };
    auto opened = store::sqlite::open(std::move(options));
    if (!opened) throw std::runtime_error(opened.error().message);
    store_ = std::move(*opened);
  }
  ~Bench() {
    store_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  /// Distinct ids in every call, or all but the first would be duplicates.
  std::vector<store::NewEvent> events(std::size_t count) {
    std::vector<store::NewEvent> out;
    for (auto& text : event_texts(count)) {
      auto event = std::make_shared<Event>(event_of(text));
      event->id += std::to_string(++made_);
      out.push_back({std::move(event), {{"hook", "matrix high", "", false}}});
    }
    return out;
  }
  std::vector<store::Seq> accept(std::vector<store::NewEvent> events) {
    std::vector<store::Seq> seqs;
    wait<store::Accepted>([&](auto done) { store_->accept(std::move(events), record("accept"), std::move(done)); },
                          [&](const store::Accepted& accepted) {
                            for (const auto& seq : accepted.seqs) seqs.push_back(seq.value());
                          });
    return seqs;
  }
  void settle(const std::vector<store::Seq>& seqs, bool row_each) {
    std::vector<store::Settle> settled;
    std::vector<store::AuditRecord> audit;
    for (const auto seq : seqs) {
      settled.push_back({seq, "S", store::Settle::Delivered{std::nullopt}});
      if (!row_each && !audit.empty()) continue;
      audit.push_back(record("deliver"));
      audit.back().connector = "hook";
      audit.back().first_seq = audit.back().last_seq = seq;
    }
    wait<store::Settled>(
        [&](auto done) { store_->settle("hook", std::move(settled), std::move(audit), std::move(done)); },
        [](const store::Settled&) {});
  }

 private:
  static store::AuditRecord record(const std::string& action) {
    store::AuditRecord record;
    record.at = std::chrono::system_clock::now();
    record.actor = "bench";
    record.action = action;
    record.outcome = "delivered";
    record.count = 1;
    return record;
  }
  template <class T, class Start, class Take>
  void wait(Start start, Take take) {
    bool done = false;
    start([&](const store::Result<T>& result) {
      if (!result) throw std::runtime_error(result.error().message);
      take(*result);
      done = true;
    });
    while (!done) {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return !tasks_.empty(); });
      const auto task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
    }
  }

  std::filesystem::path folder_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  std::size_t made_ = 0;
  std::unique_ptr<store::Store> store_;
};

void accept(benchmark::State& state) {
  Bench bench;
  const auto count = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    auto events = bench.events(count);
    state.ResumeTiming();
    bench.accept(std::move(events));
  }
  per_item(state, count);
}

void settle(benchmark::State& state, bool row_each) {
  Bench bench;
  const auto count = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    const auto seqs = bench.accept(bench.events(count));
    state.ResumeTiming();
    bench.settle(seqs, row_each);
  }
  per_item(state, count);
}

/// The writer is a thread of its own: its CPU counts, and the time includes the sync.
void on_a_file(benchmark::internal::Benchmark* benchmark) {
  benchmark->MeasureProcessCPUTime()->UseRealTime()->Arg(1)->Arg(100)->Arg(1000);
}
BENCHMARK(accept)->Name("store/accept")->Apply(on_a_file);
BENCHMARK_CAPTURE(settle, batch, false)->Name("store/settle, one audit row")->Apply(on_a_file);
BENCHMARK_CAPTURE(settle, each, true)->Name("store/settle, an audit row each")->Apply(on_a_file);

void chain(benchmark::State& state) {
  store::AuditRow row;
  row.at = std::chrono::system_clock::now();
  row.actor = "gateway";
  row.action = "deliver";
  row.connector = "hook";
  row.first_seq = row.last_seq = 4711;
  row.outcome = "delivered";
  row.status_code = 204;
  row.latency_ms = 3;
  row.request_digest = std::string(64, 'a');
  row.prev_hash = std::string(store::kGenesisHash);
  for (auto _ : state) {
    row.prev_hash = store::chain_hash(row);
    ++row.id;
  }
  benchmark::DoNotOptimize(row.prev_hash);
  per_item(state, 1);
}
BENCHMARK(chain)->Name("audit hash chain");

}  // namespace
}  // namespace wardex::bench
