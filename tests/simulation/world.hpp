// One life, whole: chaos, then everything heals, then it is judged. Everything follows from the seed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "simulation/events.hpp"
#include "simulation/faults.hpp"
#include "simulation/inspector.hpp"
#include "simulation/plan.hpp"
#include "simulation/process.hpp"
#include "simulation/receivers.hpp"
#include "simulation/records.hpp"

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
  std::uint64_t rows_pruned = 0;  ///< events and audit rows that retention removed
  std::uint64_t simulated_ms = 0;
  std::uint64_t slowest_healthy_ms = 0;
  std::uint64_t recovery_ms = 0;  ///< after healing, until nothing waited
  Figures& operator+=(const Figures& other);
};

/// Of every gateway that signs; signatures follow from it, so that a life can be repeated.
const std::shared_ptr<const audit::SigningKey>& signing_key();

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
  void inspect();
  void check_drain();
  void after_crash();
  void remember();
  [[nodiscard]] bool failed() const { return !complaint_.empty(); }
  void complain(const std::string& what);
  void note(Fault fault);
  void note(Fault fault, const std::string& connector);

  // --- what happens (chaos.cpp)
  void chaos();
  void act(Fault fault);
  void send(SentRequest request, bool retries, std::optional<MonoTime> since = {});
  void send_again();
  void reload(bool good);
  void change_settings(bool removes, bool rotates);
  void adopt(const Plan& next);
  void hold(bool drain);
  void resume();
  void replay(std::size_t most);
  std::vector<MailboxRow> letters();
  void discard();
  void backup();
  void toggle_disk(Io operation);
  [[nodiscard]] bool healthy_store() const;
  ConnectorPlan& some_connector();

  // --- one scene of each life (stage.cpp)
  void play(const Scene& scene);
  void freshen(const std::string& connector);
  void bring(Receiver& receiver, deliver::LaneState state);
  void send_probes(std::size_t count);
  void await(const std::function<bool()>& is, std::chrono::nanoseconds most);

  // --- the end (judge.cpp)
  void heal();
  void await_empty();
  void empty_mailbox();
  void probe();
  void expire();
  void judge();
  void judge_order(const std::string& id, const Receiver& receiver, const std::map<Number, std::int64_t>& seqs);
  [[nodiscard]] bool may_be_gone(const SentEvent& event) const;
  void judge_acceptance();
  void judge_deliveries();
  void judge_attempts(const Receiver& receiver, Number number, const Story& story, std::int64_t seq);
  void judge_books();

  Random random_;
  Coverage& coverage_;
  Plan plan_;
  Machine machine_;
  Senders senders_;
  Receivers receivers_;
  Inspector inspector_;
  Records records_;
  std::optional<app::Generation> generation_;
  std::unique_ptr<Process> process_;

  struct Outstanding {
    SentRequest request;
    MonoTime since{};
    bool answered = false;
    bool retries = true;
  };
  std::vector<std::shared_ptr<Outstanding>> unanswered_;
  std::string star_;  ///< the connector that a scene is about

  MonoTime begun_{};
  MonoTime boot_at_{};
  bool power_fails_ = false;        ///< the next death takes the machine along
  bool ends_once_ = false;          ///< the operation that it dies with stays the same over other deaths
  std::optional<Millis> downtime_;  ///< by chance if not said
  std::optional<double> survives_;  ///< of what was not synced; by chance if not said
  std::uint64_t kill_in_ = 0;       ///< steps from now; 0: not
  bool chaotic_ = true;
  std::chrono::nanoseconds jumped_ahead_{0};  ///< by the wall clock, in all
  MonoTime stopping_since_{};
  bool checks_every_commit_ = false;
  std::uint64_t next_check_ = 0;  ///< in disk operations
  std::uint64_t turns_ = 0;       ///< steps without time passing
  std::uint64_t steps_ = 0;
  std::uint64_t trace_ = 0;
  std::map<std::pair<std::string, Number>, unsigned> poison_deaths_;
  Figures figures_;
  std::string complaint_;
};

}  // namespace wardex::simulation
