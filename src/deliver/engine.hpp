// The delivery engine: a lane per connector, fed from memory right after commit and from the store when behind.
// The policies are pure (lane.hpp and its neighbours); this is the thin shell with the timers and the I/O.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "deliver/policy.hpp"
#include "deliver/status.hpp"
#include "runtime/clock.hpp"
#include "runtime/timer.hpp"
#include "store/store.hpp"
#include "transport/transport.hpp"
#include "wardex/connector.hpp"

namespace wardex::deliver {

namespace asio = boost::asio;

/// One lane for one configuration generation.
struct LaneConfig {
  std::string connector;
  const Manifest* manifest = nullptr;
  std::shared_ptr<const Sink> sink;
  std::shared_ptr<const transport::SendOptions> send;
  LanePolicy policy;
  std::optional<bool>
      coalesce;  ///< of the states of a case that wait only the newest goes; by default as manifest says
  std::string owner;
  std::string fingerprint;  ///< unchanged: the lane keeps running; changed: it adopts the new sink, a hold is lifted
};

/// Result of `wardex-gateway test`: one line per check.
struct TestReport {
  struct Check {
    std::string name;  ///< "settings", "credentials" or "reachability", "sample"
    bool ok = false;
    std::string detail;
  };
  std::vector<Check> checks;
  [[nodiscard]] bool ok() const;
};

/// Derives the canonical event from its stored form (normalise::restore, wired in by the composition root).
using Restore = std::function<Event(const store::StoredEvent&)>;

class FlightRecorder;
struct Hold;

class Engine {
 public:
  Engine(asio::any_io_executor executor, store::Store& store, transport::Transport& transport,
         const runtime::Clock& clock, runtime::Timers& timers, FlightRecorder& flights, std::uint64_t seed,
         Restore restore);
  /// What is in flight is forgotten (it stays pending in the store). Store, transport, clock, timers and recorder
  /// outlive the loop's last turn: operations under way still hold them.
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// The lanes of the current generation. New ones start and read their backlog; changed ones adopt the new settings
  /// between attempts; vanished ones finish what is in flight and stop (their deliveries stay in the store, parked).
  /// The first call also deals with what the last process left under way, and starts the lanes once that is durable.
  void configure(std::vector<LaneConfig> lanes);
  /// A committed delivery, straight from memory, in the order of commits. Ignored when the lane is behind (it will come
  /// from the store) or gone.
  void offer(const std::string& connector, store::Seq seq, std::shared_ptr<const Event> event);
  /// What an operator says of a connector, configured or not; nullopt: it goes on.
  void hold(const std::string& connector, std::optional<Hold> hold);
  /// Deliveries that became pending again in the store (mailbox replay, fallback).
  void offer_again(const std::string& connector, store::Pending pending);

  [[nodiscard]] std::vector<LaneStatus> status() const;
  /// The dry test: the sink's probe if it has one, else a plain reachability check; with `sample`, that event is
  /// rendered and sent for real, outside the store, marked as a test.
  asio::awaitable<TestReport> test(std::string connector, std::shared_ptr<const Event> sample);

  /// Starts no new attempts, waits for those in flight until `deadline`, then returns. What is left stays pending.
  asio::awaitable<void> drain(MonoTime deadline);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace wardex::deliver
