// One life of twenty steps that touches everything the store does, run once to count what it asks of its disk, then
// once for each of these operations: killed right after it, killed half-way through it with the machine going down, and
// failing instead. Each time the next process goes on with the life, and the end is judged like any other.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "runtime/log.hpp"
#include "simulation/batch.hpp"
#include "simulation/data_directory.hpp"
#include "simulation/narrate.hpp"
#include "simulation/world.hpp"

namespace wardex::simulation {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

ConnectorPlan connector(const std::string& id, Type type) {
  ConnectorPlan out;
  out.id = id;
  out.type = type;
  out.initial = Millis{1000};
  out.max = Millis{5000};
  out.timeout = Millis{2000};
  return out;
}

Plan plan() {
  Plan out(data_directory());
  out.cases = 2;
  out.signs = true;
  out.connectors = {connector("sink0", Type::webhook), connector("sink1", Type::slack_bot),
                    connector("sink2", Type::file)};
  out.connectors[0].coalesce = true;
  out.connectors[1].fallback = "sink2";
  out.connectors[1].fallback_after = Millis{30'000};
  return out;
}

class Life final : public World {
 public:
  enum class End { killed, torn, failing };
  Life(End end, Coverage& coverage) : World(7, plan(), coverage), end_(end) {
    survives_ = 0.5;
    ends_once_ = true;
    downtime_ = Millis{200};
  }
  /// Asked before each operation; true: the life ends with this one.
  void before_each_operation(std::function<bool()> ends) {
    machine_.disk.before_each = [this, ends = std::move(ends)] {
      if (!ends()) return;
      ended_ = true;
      if (end_ == End::failing) return machine_.disk.fail_operation(1);
      power_fails_ = end_ == End::torn;
      machine_.disk.die(1, end_ == End::torn);
    };
  }
  [[nodiscard]] std::uint64_t operation() const { return machine_.disk.operations() + 1; }
  [[nodiscard]] std::uint64_t operations_of_life() const { return operations_; }
  [[nodiscard]] bool over() const { return operations_ > 0; }

 private:
  void live() override {
    using Step = void (Life::*)();
    constexpr std::array<Step, 20> kSteps{
        &Life::accept,     &Life::accept_many, &Life::fail_and_retry, &Life::lose_an_answer, &Life::refuse,
        &Life::replay_all, &Life::refuse,      &Life::discard_all,    &Life::repeat,         &Life::keep_a_link,
        &Life::hold_one,   &Life::accept,      &Life::resume_one,     &Life::reload_both,    &Life::go_idle,
        &Life::copy,       &Life::stop,        &Life::fall_back,      &Life::kill,           &Life::accept_many};
    for (const auto step : kSteps) {
      (this->*step)();
      restart_if_broken();
      // One end is enough: whatever it left is judged once everything is healed.
      if (failed() || ended_) return;
    }
    operations_ = machine_.disk.operations();
  }
  /// Only a new process heals a disk that has failed.
  void restart_if_broken() {
    if (!process_ || !process_->store().fault()) return;
    machine_.disk.kill();
    run_for(seconds{5});
  }
  void send_and_wait(std::size_t events) {
    send(senders_.make(events, machine_.clock.mono()), true);
    run_for(seconds{1});
    send_again();
    run_for(seconds{1});
  }
  void accept() { send_and_wait(1); }
  void accept_many() { send_and_wait(4); }
  void fail_and_retry() {
    receivers_.at("sink0").next = {Fault::refused, Fault::answer_500};
    send_and_wait(2);
    run_for(seconds{10});
  }
  void lose_an_answer() {
    receivers_.at("sink0").next = {Fault::accept_then_reset};
    receivers_.at("sink2").next = {Fault::half_written};
    send_and_wait(2);
    run_for(seconds{5});
  }
  void refuse() {
    receivers_.at("sink0").next = {Fault::answer_400};
    send(senders_.probe(machine_.clock.mono()), true);
    run_for(seconds{1});
  }
  void replay_all() {
    replay(100);
    run_for(seconds{1});
  }
  void discard_all() {
    discard();
    run_for(seconds{1});
  }
  void repeat() {
    const auto request = senders_.make(3, machine_.clock.mono());
    send(request, true);
    send(request, true);
    run_for(seconds{1});
  }
  void keep_a_link() {
    for (int i = 0; i < 4; ++i) send(senders_.probe(machine_.clock.mono()), true);
    run_for(seconds{5});
  }
  void hold_one() {
    hold(false);
    run_for(seconds{1});
  }
  void resume_one() {
    resume();
    run_for(seconds{1});
  }
  void reload_both() {
    change_settings(false, true);
    run_for(seconds{1});
    reload(false);
    run_for(seconds{1});
  }
  void go_idle() { run_for(seconds{10}); }
  void copy() {
    backup();
    run_for(seconds{1});
  }
  void stop() {
    act(Fault::terminated);
    run_for(seconds{5});
  }
  void fall_back() {
    receivers_.at("sink1").dead = true;
    send_and_wait(4);
    run_for(minutes{1});
    receivers_.at("sink1").dead = false;
    run_for(seconds{10});
  }
  void kill() {
    machine_.disk.kill();
    run_for(seconds{5});
  }

  End end_;
  bool ended_ = false;
  std::uint64_t operations_ = 0;
};

/// What a life amounts to, from the process that lived it.
struct Report {
  bool whole = false;
  Figures figures;
  std::array<char, 2000> wrong{};
};

/// Runs the life once, and at each operation a copy of the process that ends there.
class Fork {
 public:
  Fork(Life::End end, std::uint64_t only) : end_(end), only_(only) {}

  void run() {
    Coverage coverage;
    Life life(end_, coverage);
    life.before_each_operation([&] { return split(life); });
    const auto wrong = life.run();
    if (child_) report(life, wrong);
    EXPECT_EQ(wrong, "") << "the whole life";
    operations_ = life.operations_of_life();
    std::cout << points_ << " of " << operations_ << " operations, " << all_.kills << " kills, "
              << all_.events_acknowledged << " events acknowledged, " << all_.events_lost << " lost\n";
  }
  [[nodiscard]] std::uint64_t points() const { return points_; }
  [[nodiscard]] const Figures& figures() const { return all_; }

 private:
  /// True in the copy.
  bool split(const Life& life) {
    if (child_ || life.over() || (only_ != 0 && life.operation() != only_)) return false;
    std::array<int, 2> pipe{};
    if (::pipe(pipe.data()) != 0) throw std::runtime_error("no pipe");
    std::cout.flush();
    const auto pid = ::fork();
    if (pid < 0) throw std::runtime_error("no process");
    if (pid == 0) {
      child_ = true;
      std::filesystem::remove(data_directory() + "/lock");  // the original's, inherited
      ::close(pipe[0]);
      out_ = pipe[1];
      return true;
    }
    ::close(pipe[1]);
    Report report;
    char* to = reinterpret_cast<char*>(&report);
    for (std::size_t got = 0; got < sizeof report;) {
      const auto more = ::read(pipe[0], to + got, sizeof report - got);
      if (more <= 0) break;
      got += static_cast<std::size_t>(more);
    }
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(pid, &status, 0);
    ++points_;
    all_ += report.figures;
    const std::string how = report.whole ? report.wrong.data() : "the process died, status " + std::to_string(status);
    EXPECT_EQ(how, "") << "replay it with WARDEX_CRASH_POINT=" << life.operation()
                       << " build/debug/bin/simulation_test --gtest_filter='*CrashPoints*'";
    return false;
  }
  [[noreturn]] void report(const Life& life, const std::string& wrong) const {
    Report out;
    out.whole = true;
    out.figures = life.figures();
    wrong.copy(out.wrong.data(), out.wrong.size() - 1);
    const auto written = ::write(out_, &out, sizeof out);
    ::_exit(written == sizeof out ? 0 : 1);
  }

  Life::End end_;
  std::uint64_t only_;
  bool child_ = false;
  int out_ = -1;
  std::uint64_t points_ = 0;
  std::uint64_t operations_ = 0;
  Figures all_;
};

class CrashPoints : public ::testing::TestWithParam<Life::End> {
 protected:
  static void SetUpTestSuite() {
    if (narrating()) return;
    log::configure(log::Level::error, log::Format::json);
    log::redirect([](std::string_view) {});
  }
  static void TearDownTestSuite() { log::redirect({}); }
};

TEST_P(CrashPoints, EveryOperation) {
  const char* only = std::getenv("WARDEX_CRASH_POINT");
  Fork fork(GetParam(), only != nullptr ? std::stoull(only) : 0);
  fork.run();
  EXPECT_EQ(fork.figures().events_lost, 0U);
  // How many there are is for SQLite and the disk to decide; so few would be another life.
  EXPECT_GT(fork.points(), only == nullptr ? 1000U : 0U);
  if (only != nullptr) return;
  const auto& all = fork.figures();
  const char* ends[] = {"killed", "power_lost", "failing"};
  publish("crash_points_" + std::string(ends[static_cast<std::size_t>(GetParam())]), "Every crash point of one life",
          {{"points", static_cast<double>(fork.points())},
           {"acknowledged", static_cast<double>(all.events_acknowledged)},
           {"lost", static_cast<double>(all.events_lost)},
           {"ambiguous", static_cast<double>(all.ambiguous)},
           {"duplicates", static_cast<double>(all.duplicates)},
           {"unexcused", static_cast<double>(all.unexcused)},
           {"recovery", static_cast<double>(all.recovery_ms) / 1000.0}});
}

INSTANTIATE_TEST_SUITE_P(Ends, CrashPoints, ::testing::Values(Life::End::killed, Life::End::torn, Life::End::failing),
                         [](const auto& end) {
                           return std::string(end.param == Life::End::killed ? "Killed"
                                              : end.param == Life::End::torn ? "PowerLost"
                                                                             : "Failing");
                         });

}  // namespace
}  // namespace wardex::simulation
