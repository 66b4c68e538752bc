#include "deliver/engine.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "deliver/connection_check.hpp"
#include "deliver/lane_runner.hpp"
#include "runtime/one_shot.hpp"

namespace wardex::deliver {
namespace {

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
  std::shared_ptr<runtime::OneShot<bool>> drained;  // while draining

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
};

Engine::Engine(asio::any_io_executor executor, store::Store& store, transport::Transport& transport,
               const runtime::Clock& clock, runtime::Timers& timers, std::uint64_t seed, Restore restore)
    : impl_(std::make_shared<Impl>()) {
  impl_->seed = seed;
  impl_->around =
      std::make_shared<Surroundings>(Surroundings{std::move(executor), store, transport, clock, timers,
                                                  std::move(restore), clock.wall(), [weak = std::weak_ptr(impl_)] {
                                                    if (const auto impl = weak.lock()) impl->quieter();
                                                  }});
}

Engine::~Engine() {
  for (const auto& [connector, lane] : impl_->lanes) lane->abandon();
}

void Engine::configure(std::vector<LaneConfig> lanes) {
  std::set<std::string, std::less<>> named;
  for (auto& config : lanes) {
    named.insert(config.connector);
    auto& lane = impl_->lanes[config.connector];
    if (lane) {
      lane->configure(std::move(config));
      continue;
    }
    const auto seed = seed_of(impl_->seed, config.connector);
    lane = std::make_shared<LaneRunner>(impl_->around, std::move(config), seed);
    lane->pump();
  }
  for (const auto& [connector, lane] : impl_->lanes)
    if (!named.contains(connector)) lane->stop();
  impl_->quieter();
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
