// Replays of the failure mailbox: jobs that move its entries back to their lanes in small steps, at a pace. What is not
// moved yet simply stays in the mailbox, so a restart forgets the job and loses nothing.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "deliver/engine.hpp"
#include "runtime/clock.hpp"
#include "runtime/timer.hpp"
#include "store/store.hpp"

namespace wardex::deliver {

enum class ReplayState : std::uint8_t { running, done, cancelled };
std::string_view to_string(ReplayState state);

/// A job as people see it.
struct ReplayStatus {
  std::uint64_t id = 0;
  ReplayState state = ReplayState::running;
  std::string actor;
  std::string what;                                 ///< the selection in words
  double per_second = 0;                            ///< 0: as fast as the store takes them
  std::uint64_t entries = 0;                        ///< selected when it began
  std::uint64_t replayed = 0;                       ///< so far
  std::map<std::string, std::uint64_t> connectors;  ///< selected, by connector
  std::string error;                                ///< why it does not get on just now
  WallTime started_at{};
  std::optional<WallTime> ended_at;
  std::optional<WallTime> expected_end;  ///< at its rate; only while it runs
};

struct ReplayOrder {
  store::MailboxFilter which;
  store::MailboxSum sum;  ///< of `which`, counted to its end: entries that come later are not replayed
  double per_second = 0;
  std::string actor;
  std::string what;
};

/// How many entries one step moves: a quarter of a second's worth, so that the pace is even.
std::size_t replay_step(double per_second);
/// How long `entries` take; zero without a rate.
Millis replay_time(std::uint64_t entries, double per_second);

class Replays {
 public:
  static constexpr std::size_t kMostRunning = 8;
  static constexpr std::size_t kRemembered = 32;  ///< ended ones still shown

  /// All of them outlive the loop's last turn.
  Replays(store::Store& store, Engine& engine, const runtime::Clock& clock, runtime::Timers& timers);
  ~Replays();
  Replays(const Replays&) = delete;
  Replays& operator=(const Replays&) = delete;

  /// nullopt: kMostRunning are running already.
  std::optional<ReplayStatus> start(ReplayOrder order);
  /// Moves nothing more. nullopt: there is no such job; one that has ended is left as it is.
  std::optional<ReplayStatus> cancel(std::uint64_t id, const std::string& actor);
  /// Oldest first.
  [[nodiscard]] std::vector<ReplayStatus> list() const;
  /// The gateway shuts down: moves nothing more.
  void stop();

 private:
  struct Job;
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace wardex::deliver
