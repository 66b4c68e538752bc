#include "deliver/engine.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "deliver/connection_check.hpp"
#include "deliver/lane_runner.hpp"
#include "runtime/log.hpp"
#include "runtime/one_shot.hpp"

namespace wardex::deliver {
namespace {

constexpr Millis kCountRetry{1000};

/// A lane's own random sequence, the same in every run with the same seed (std::hash promises no such thing): FNV-1a.
std::uint64_t seed_of(std::uint64_t seed, std::string_view connector) {
  std::uint64_t hash = 0xCBF29CE484222325U ^ seed;
  for (const char c : connector) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return hash;
}

}  // namespace

struct Engine::Impl : std::enable_shared_from_this<Impl> {
  std::shared_ptr<Surroundings> around;
  std::uint64_t seed = 0;
  std::map<std::string, std::shared_ptr<LaneRunner>, std::less<>> lanes;
  std::map<std::string, Hold, std::less<>> holds;   // by an operator
  std::shared_ptr<runtime::OneShot<bool>> drained;  // while draining
  // The start: lanes wait until the deaths of the last process are counted.
  bool started = false;
  std::size_t uncounted = 0;
  std::optional<std::vector<LaneConfig>> waiting;
  std::map<std::string, std::unique_ptr<runtime::Timer>> retries;

  [[nodiscard]] bool quiet() const {
    return std::all_of(lanes.begin(), lanes.end(), [](const auto& lane) { return lane.second->quiet(); });
  }
  [[nodiscard]] LaneRunner* find(std::string_view connector) const {
    const auto found = lanes.find(connector);
    return found == lanes.end() || found->second->stopped() ? nullptr : found->second.get();
  }
  void quieter() {
    std::erase_if(lanes, [](const auto& lane) { return lane.second->stopped() && lane.second->quiet(); });
    if (drained && quiet()) drained->set(true);
  }
  void handed_over(std::vector<std::pair<std::string, store::Pending>> deliveries) {
    for (auto& [connector, delivery] : deliveries)
      if (auto* lane = find(connector)) lane->offer_again(std::move(delivery));
  }
  void configure(std::vector<LaneConfig> configs);
  void count_deaths();
  void count_deaths(const std::string& connector, const std::vector<store::Settle>& died);
  void counted();
};

void Engine::Impl::configure(std::vector<LaneConfig> configs) {
  std::set<std::string, std::less<>> named;
  for (auto& config : configs) {
    named.insert(config.connector);
    auto& lane = lanes[config.connector];
    if (lane) {
      lane->configure(std::move(config));
      continue;
    }
    const auto connector = config.connector;
    lane = std::make_shared<LaneRunner>(around, std::move(config), seed_of(seed, connector));
    if (const auto hold = holds.find(connector); hold != holds.end()) lane->hold(hold->second);
    lane->pump();
  }
  for (const auto& [connector, lane] : lanes)
    if (!named.contains(connector)) lane->stop();
  quieter();
}

/// Each delivery that the last process died with has had one attempt, and nobody knows how it ended.
void Engine::Impl::count_deaths() {
  std::map<std::string, std::set<store::Seq>> left;
  for (const auto& flight : around->flights.left()) left[flight.connector].insert(flight.seq);
  uncounted = left.size();
  if (left.empty()) return counted();
  for (const auto& [connector, seqs] : left) {
    store::Settle::Died death;
    for (const auto& config : *waiting)
      if (config.connector == connector && config.policy.fallback) death.fallback = *config.policy.fallback;
    std::vector<store::Settle> died;
    for (const auto seq : seqs) died.push_back({seq, {}, death});
    log::warning("delivery.died_with", "the last process died with deliveries under way",
                 {{"connector", connector}, {"deliveries", seqs.size()}, {"first_seq", *seqs.begin()}});
    count_deaths(connector, died);
  }
}

void Engine::Impl::count_deaths(const std::string& connector, const std::vector<store::Settle>& died) {
  around->store.settle(connector, died, {},
                       [weak = weak_from_this(), connector, died](const store::Result<store::Settled>& result) {
                         const auto impl = weak.lock();
                         if (!impl) return;
                         if (result) {
                           if (--impl->uncounted == 0) impl->counted();
                           return;
                         }
                         // While the store fails nothing is sent anyway; once it is well again this comes first.
                         log::error("delivery.unsettled", result.error().message, {{"connector", connector}});
                         if (result.error().fault == store::Fault::closed) return;
                         auto& retry = impl->retries[connector];
                         retry = impl->around->timers.make();
                         retry->arm(impl->around->clock.mono() + kCountRetry, [weak, connector, died] {
                           if (const auto self = weak.lock()) self->count_deaths(connector, died);
                         });
                       });
}

void Engine::Impl::counted() {
  around->flights.forget_left();
  started = true;
  configure(*std::exchange(waiting, std::nullopt));
}

Engine::Engine(asio::any_io_executor executor, store::Store& store, transport::Transport& transport,
               const runtime::Clock& clock, runtime::Timers& timers, FlightRecorder& flights, std::uint64_t seed,
               Restore restore)
    : impl_(std::make_shared<Impl>()) {
  impl_->seed = seed;
  impl_->around = std::make_shared<Surroundings>(Surroundings{.executor = std::move(executor),
                                                              .store = store,
                                                              .transport = transport,
                                                              .clock = clock,
                                                              .timers = timers,
                                                              .flights = flights,
                                                              .restore = std::move(restore),
                                                              .started_at = clock.wall(),
                                                              .started = clock.mono(),
                                                              .lost_track = !flights.complete()});
  const auto weak = std::weak_ptr(impl_);
  impl_->around->quieter = [weak] {
    if (const auto impl = weak.lock()) impl->quieter();
  };
  impl_->around->handed_over = [weak](std::vector<std::pair<std::string, store::Pending>> deliveries) {
    if (const auto impl = weak.lock()) impl->handed_over(std::move(deliveries));
  };
  impl_->around->suspect_landed = [weak] {
    if (const auto impl = weak.lock())
      for (const auto& [connector, lane] : impl->lanes) lane->suspect_landed();
  };
}

Engine::~Engine() {
  for (const auto& [connector, lane] : impl_->lanes) lane->abandon();
}

void Engine::configure(std::vector<LaneConfig> lanes) {
  if (impl_->started) return impl_->configure(std::move(lanes));
  const bool under_way = impl_->waiting.has_value();
  impl_->waiting = std::move(lanes);
  if (!under_way) impl_->count_deaths();
}

void Engine::hold(const std::string& connector, std::optional<Hold> hold) {
  if (hold)
    impl_->holds.insert_or_assign(connector, *hold);
  else
    impl_->holds.erase(connector);
  if (auto* lane = impl_->find(connector)) lane->hold(std::move(hold));
}

void Engine::offer(const std::string& connector, store::Seq seq, std::shared_ptr<const Event> event) {
  if (auto* lane = impl_->find(connector)) lane->offer(seq, std::move(event));
}

void Engine::offer_again(const std::string& connector, store::Pending pending) {
  if (auto* lane = impl_->find(connector)) lane->offer_again(std::move(pending));
}

std::vector<LaneStatus> Engine::status() const {
  std::vector<LaneStatus> out;
  for (const auto& [connector, lane] : impl_->lanes) out.push_back(lane->status());
  return out;
}

asio::awaitable<TestReport> Engine::test(std::string connector, std::shared_ptr<const Event> sample) {
  const auto* lane = impl_->find(connector);
  if (lane == nullptr) {
    TestReport report;
    report.checks.push_back({"settings", false, "no enabled connector '" + connector + "' in the configuration"});
    co_return report;
  }
  auto running = check_connection(impl_->around, lane->config(), std::move(sample));
  co_return co_await std::move(running);
}

asio::awaitable<void> Engine::drain(MonoTime deadline) {
  const auto impl = impl_;
  for (const auto& [connector, lane] : impl->lanes) lane->drain();
  if (impl->quiet()) co_return;
  const auto drained = std::make_shared<runtime::OneShot<bool>>(impl->around->executor);
  impl->drained = drained;
  const auto timer = impl->around->timers.make();
  timer->arm(deadline, [drained] { drained->give_up(); });
  auto waiting = drained->wait();
  co_await std::move(waiting);
  impl->drained.reset();
}

}  // namespace wardex::deliver
