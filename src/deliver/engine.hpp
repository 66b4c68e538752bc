// The delivery engine: a lane per connector, fed from memory right after commit and from the store when behind.
// The policies are pure (lane.hpp and its neighbours); this is the thin shell with the timers and the I/O.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "runtime/clock.hpp"
#include "store/store.hpp"
#include "transport/transport.hpp"
#include "wardex/connector.hpp"

namespace wardex::deliver {

namespace asio = boost::asio;

struct RetryPolicy {
  Millis initial{5000};
  Millis max{15 * 60 * 1000};
  Millis give_up_after{24LL * 60 * 60 * 1000};
};
struct LanePolicy {
  RetryPolicy retry;
  std::size_t concurrency = 4;
  double rate_per_second = 0;  ///< 0: unlimited
  std::size_t rate_burst = 1;
  std::size_t window = 4096;          ///< deliveries held in memory; the rest waits in the store
  std::size_t breaker_threshold = 5;  ///< outages in a row before the breaker opens
  Millis hold_probe{60000};           ///< a held lane tries one delivery this often
  Millis throttle_default{30000};     ///< 429 without Retry-After
};

/// One lane for one configuration generation.
struct LaneConfig {
  std::string connector;
  const Manifest* manifest = nullptr;
  std::shared_ptr<const Sink> sink;
  std::shared_ptr<const transport::SendOptions> send;
  LanePolicy policy;
  std::string owner;
  std::string fingerprint;  ///< unchanged: the lane keeps running; changed: it adopts the new sink, a hold is lifted
};

enum class LaneState : std::uint8_t { idle, delivering, backing_off, breaker_open, throttled, held, stopped };
std::string_view to_string(LaneState state);

struct LaneStatus {
  std::string connector;
  LaneState state = LaneState::idle;
  std::string reason;  ///< of the state: "HTTP 401: invalid_auth"
  std::string owner;
  std::size_t window = 0;  ///< deliveries in memory
  std::size_t in_flight = 0;
  std::optional<WallTime> oldest_received_at;
  std::optional<WallTime> next_attempt_at;
  std::optional<WallTime> last_delivered_at;
  std::uint64_t attempts = 0;
  std::map<std::string, std::uint64_t> outcomes;                  ///< by outcome word, since start
  std::vector<std::pair<double, std::uint64_t>> latency_buckets;  ///< upper bound in seconds -> count (not cumulative)
  double latency_sum = 0;
};

/// Result of `wardex-gateway test`: one line per check.
struct TestReport {
  struct Check {
    std::string name;  ///< "settings", "credentials", "sample"
    bool ok = false;
    std::string detail;
  };
  std::vector<Check> checks;
  [[nodiscard]] bool ok() const;
};

/// Derives the canonical event from its stored form (normalise::restore, wired in by the composition root).
using Restore = std::function<Event(const store::StoredEvent&)>;

class Engine {
 public:
  Engine(asio::any_io_executor executor, store::Store& store, transport::Transport& transport,
         const runtime::Clock& clock, std::uint64_t seed, Restore restore);
  ~Engine();

  /// The lanes of the current generation. New ones start and read their backlog; changed ones adopt the new settings
  /// between attempts; vanished ones finish what is in flight and stop (their deliveries stay in the store, parked).
  void configure(std::vector<LaneConfig> lanes);
  /// A committed delivery, straight from memory. Ignored when the lane is behind (it will come from the store) or gone.
  void offer(const std::string& connector, store::Seq seq, std::shared_ptr<const Event> event);
  /// Deliveries that became pending again in the store (mailbox replay).
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
