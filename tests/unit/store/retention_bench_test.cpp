// WARDEX_BENCH=1000000: what a step of retention costs with so many events and audit rows, and what it costs the
// writer's other work. 3 % of the events are still pending, 1 % are in the mailbox.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>

#include "sqlite_file.hpp"
#include "store_fixture.hpp"

namespace wardex::store::test {
namespace {

constexpr Millis kDay{24LL * 3600 * 1000};

class RetentionBench : public ::testing::Test {
 protected:
  using Clock = std::chrono::steady_clock;
  using Times = std::vector<double>;  // ms

  void fill(const std::string& rows) {
    h.open();
    h.store.reset();
    SqliteFile file(dir.path() / "gateway.db");
    const std::string series =
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < " + rows + ") ";
    file.run("pragma synchronous = off; begin");
    // 900 bytes of body, as an alert of some detail has.
    file.run(series +
             "insert into events select i, 'evt_' || i, 'alert', 'high', 'CASE-' || (i % 5000), null, 'plane', "
             "'2026-04-01T14:22:09.000Z', '[{\"to\":\"hook\",\"why\":\"matrix high\"}]', "
             "'{\"title\":\"x\",\"text\":\"' || hex(zeroblob(440)) || '\"}' from n");
    file.run(series + "insert into deliveries (connector, seq) select 'hook-' || (i % 4), i from n where i % 33 = 0");
    file.run(
        series +
        "insert into mailbox (connector, seq, event_id, severity, cause, reason, fingerprint, attempts, at) select "
        "'mail', i, 'evt_' || i, 'high', 'rejected', 'HTTP 400', '0000000000000001', 1, '2026-04-01T14:22:09.000Z' "
        "from n where i % 100 = 1");
    file.run(series +
             "insert into links select 'jira', 'CASE-' || i, 'SOC-' || i, 'https://jira.example/' || i, '', "
             "'2026-04-01T14:22:09.000Z' from n where i <= 200000");
    file.run(
        "insert into accounts select connector, count(*), 0, 0, 0, 0 from (select connector from deliveries union "
        "all select connector from mailbox) group by 1");
    file.run("update totals set next_seq = " + rows + " + 1, events = " + rows);
    file.run("commit; pragma wal_checkpoint(truncate)");
  }
  /// Rows of a trail have to hold: retention removes no others.
  void fill_audit(int rows) {
    auto record = h.record("deliver", "hook");
    record.first_seq = record.last_seq = 1;
    record.count = record.attempt = 1;
    record.outcome = "delivered";
    record.status_code = 200;
    record.latency_ms = 12;
    record.detail = "HTTP 200: " + std::string(120, 'x');
    for (int done = 0; done < rows;) {
      const int until = std::min(done + 20'000, rows);
      for (int i = done; i < until; ++i) {
        record.first_seq = record.last_seq = static_cast<Seq>(i + 1);
        h.store->append_audit(record, [&done](const Result<Ok>&) { ++done; });
      }
      ASSERT_TRUE(h.loop.run_until([&] { return done == until; }));
    }
    h.advance(20 * kDay);
  }
  static void print(const std::string& what, Times times) {
    std::sort(times.begin(), times.end());
    const auto at = [&times](double part) {
      return times[static_cast<std::size_t>(part * static_cast<double>(times.size() - 1))];
    };
    std::cout << what << ": " << times.size() << " x, median " << at(0.5) << " ms, 99 % " << at(0.99) << " ms, most "
              << times.back() << " ms\n";
  }
  double timed(const std::function<void()>& work) {
    const auto begun = Clock::now();
    work();
    return std::chrono::duration<double, std::milli>(Clock::now() - begun).count();
  }
  /// `count` small operations one after the other, each with its own commit.
  Times others(int count) {
    Times times;
    for (int i = 0; i < count; ++i) times.push_back(timed([this] { ASSERT_TRUE(h.append_audit(h.record("config"))); }));
    return times;
  }
  /// The same while steps of retention follow each other with the pipeline's rest between them (as long as each took,
  /// 20 ms at least). Both are asked for from this thread; a step under way delays what is asked for meanwhile.
  Times others_during(Prune what, const Sign& sign, int count, Times& steps) {
    Times times;
    std::optional<Clock::time_point> begun;  // of the step under way
    Clock::time_point rest_until{};
    bool more = true;
    while (static_cast<int>(times.size()) < count) {
      if (more && !begun && Clock::now() >= rest_until) {
        begun = Clock::now();
        h.store->prune(what, sign, [&](const Result<PruneStep>& step) {
          const auto took = Clock::now() - *begun;
          steps.push_back(std::chrono::duration<double, std::milli>(took).count());
          rest_until = Clock::now() + std::max<Clock::duration>(took, Millis{20});
          what.after = step->after;
          more = step->more;
          begun.reset();
        });
      }
      times.push_back(timed([this] { ASSERT_TRUE(h.append_audit(h.record("config"))); }));
    }
    EXPECT_TRUE(h.loop.run_until([&begun] { return !begun.has_value(); }));
    return times;
  }
  Prune old(Pruning what) {
    const std::size_t rows = what == Pruning::mailbox ? 250 : 500;  // as src/app/retention.cpp has it
    return {.what = what, .before = h.now() - kDay, .max_rows = 0, .after = 0, .rows = rows};
  }

  TempDir dir;
  Harness h{dir.path()};
};

TEST_F(RetentionBench, AMillionRows) {
  const char* wanted = std::getenv("WARDEX_BENCH");
  if (wanted == nullptr) GTEST_SKIP() << "set WARDEX_BENCH=1000000 to measure";
  fill(wanted);
  h.open();
  h.wait_ready();
  fill_audit(std::stoi(wanted));
  std::cout << "database: " << (h.store->gauges().database_bytes >> 20U) << " MiB\n";
  others(100);
  print("other operations, alone", others(500));

  for (const auto what : {Pruning::events, Pruning::audit, Pruning::links, Pruning::mailbox}) {
    Times steps;
    const auto times = others_during(old(what), unsigned_note(), 1500, steps);
    print("a step of " + std::string(to_string(what)), steps);
    print("  other operations meanwhile", times);
  }
  Times all;
  std::uint64_t rows = 0;
  const auto whole = timed([&] {
    for (auto what = old(Pruning::events);;) {
      Result<PruneStep> step = Error{Fault::closed, ""};
      all.push_back(timed([&] { step = h.prune(what); }));
      ASSERT_TRUE(step);
      rows += step->rows;
      what.after = step->after;
      if (!step->more) return;
    }
  });
  print("all events, step after step without a rest", all);
  std::cout << "  " << rows << " events in " << whole / 1000 << " s\n";
  Times releases;
  for (int i = 0; i < 200; ++i) releases.push_back(timed([this] { ASSERT_TRUE(h.release_space(50)); }));
  print("50 pages given back", releases);
  std::cout << "free: " << (h.store->gauges().free_bytes >> 20U) << " of " << (h.store->gauges().page_bytes >> 20U)
            << " MiB\n";
}

}  // namespace
}  // namespace wardex::store::test
