// One life, whole: chaos, then everything heals, then it is judged. Everything follows from the seed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "simulation/events.hpp"
#include "simulation/faults.hpp"
#include "simulation/inspector.hpp"
#include "simulation/plan.hpp"
#include "simulation/process.hpp"
#include "simulation/receivers.hpp"

namespace wardex::simulation {

/// What one life amounts to, for the report.
struct Figures {
  std::uint64_t events_acknowledged = 0;
  std::uint64_t events_lost = 0;
  std::uint64_t requests = 0;    ///< to receivers
  std::uint64_t ambiguous = 0;   ///< of those, with an outcome that nobody knows
  std::uint64_t duplicates = 0;  ///< repeated effects
  std::uint64_t unexcused = 0;   ///< of those, without an unknown outcome before
  std::uint64_t processes = 0;
  std::uint64_t kills = 0;
  std::uint64_t power_failures = 0;
  std::uint64_t drains = 0;
  std::uint64_t disk_operations = 0;
  std::uint64_t commits_checked = 0;
  std::uint64_t refusals_for_space = 0;
  std::uint64_t disk_failures = 0;
  std::uint64_t mailbox = 0;
  std::uint64_t simulated_ms = 0;
  std::uint64_t slowest_healthy_ms = 0;
  std::uint64_t recovery_ms = 0;  ///< after healing, until nothing waited
  Figures& operator+=(const Figures& other);
};

class World {
 public:
  World(std::uint64_t seed, Plan plan, Coverage& coverage);
  virtual ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// What is wrong, the first of it; empty when all is well.
  std::string run();
  [[nodiscard]] std::uint64_t trace() const { return trace_; }
  [[nodiscard]] std::uint64_t steps() const { return steps_; }
  [[nodiscard]] const Figures& figures() const { return figures_; }

 protected:
  /// What happens before everything heals.
  virtual void live();

  // --- the passing of time (world.cpp)
  void run_for(std::chrono::nanoseconds time);
  void settle();
  void one_step();
  void boot();
  void died();
  void stop_process();
  void inspect(bool thoroughly);
  void after_crash();
  [[nodiscard]] bool failed() const { return !complaint_.empty(); }
  void complain(const std::string& what);
  void note(Fault fault);
  void note(Fault fault, const std::string& connector);

  // --- what happens (chaos.cpp)
  void chaos();
  void act(Fault fault);
  void send(SentRequest request, bool retries);
  void send_again();
  void reload(bool good);
  void change_settings(bool removes, bool rotates);
  void adopt(const Plan& next);
  void hold(bool drain);
  void resume();
  void replay(std::size_t most);
  void discard();
  void backup();
  void toggle_disk(Io operation);
  [[nodiscard]] bool healthy_store() const;
  ConnectorPlan& some_connector();

  // --- the end (healing.cpp, judge.cpp)
  void heal();
  void await_empty();
  void empty_mailbox();
  void probe();
  void judge();
  void judge_order(const std::string& id, const Receiver& receiver, const std::map<Number, std::int64_t>& seqs);

  Random random_;
  Coverage& coverage_;
  Plan plan_;
  Machine machine_;
  Senders senders_;
  Receivers receivers_;
  Inspector inspector_;
  std::optional<app::Generation> generation_;
  std::unique_ptr<Process> process_;

  struct Outstanding {
    SentRequest request;
    bool answered = false;
    bool retries = true;
  };
  std::vector<std::shared_ptr<Outstanding>> unanswered_;

  MonoTime begun_{};
  MonoTime boot_at_{};
  bool power_fails_ = false;        ///< the next death takes the machine along
  bool ends_once_ = false;          ///< the operation that it dies with stays the same over other deaths
  std::optional<Millis> downtime_;  ///< by chance if not said
  std::optional<double> survives_;  ///< of what was not synced; by chance if not said
  std::uint64_t kill_in_ = 0;       ///< steps from now; 0: not
  bool chaotic_ = true;
  bool jumped_ = false;
  std::uint64_t next_check_ = 0;  ///< in disk operations
  std::uint64_t turns_ = 0;       ///< steps without time passing
  std::uint64_t steps_ = 0;
  std::uint64_t trace_ = 0;
  std::map<std::pair<std::string, Number>, unsigned> poison_deaths_;
  Figures figures_;
  std::string complaint_;
};

}  // namespace wardex::simulation
