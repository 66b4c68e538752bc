// Each life has one scene that is no chance: a fault meets a lane in a certain state. Which one follows from the seed,
// so that a batch of lives plays all of them several times.
#include <algorithm>

#include "simulation/narrate.hpp"
#include "simulation/world.hpp"

namespace wardex::simulation {
namespace {

using deliver::LaneState;
using std::chrono::seconds;

/// Longer than anything between two steps of a scene, and within every timeout of the plan.
constexpr Millis kSlow{900};
constexpr Millis kTurn{40};

}  // namespace

void World::play(const Scene& scene) {
  auto& receiver = receivers_.at(plan_.connectors.back().id);
  narrate(machine_.clock, [&] {
    return "scene: " + std::string(to_string(scene.fault)) + " meets a lane that is " +
           std::string(deliver::to_string(scene.state));
  });
  star_ = receiver.plan->id;
  freshen(star_);
  const bool was_dead = std::exchange(receiver.dead, false);
  const auto was_revoked = std::exchange(receiver.revoked, std::nullopt);
  receiver.slow = Millis{5};
  if (scene.fault == Fault::replayed || scene.fault == Fault::discarded) {
    receiver.next = {Fault::answer_400};
    send_probes(1);
  }
  if (is_of_request(scene.fault)) {
    if (scene.state == LaneState::breaker_open || scene.state == LaneState::held) {
      bring(receiver, scene.state);
      receiver.dead = false;
      receiver.next = {scene.fault};
      send_probes(1);
      await([&] { return receiver.next.empty(); }, std::chrono::minutes{6});
    } else {
      receiver.slow = kSlow;
      receiver.next = {scene.fault};
      send_probes(1);
      receiver.slow = Millis{5};
      if (scene.state != LaneState::delivering) bring(receiver, scene.state);
    }
    run_for(receiver.plan->timeout_of_version() + seconds{1});
  } else if (scene.fault == Fault::poison) {
    if (scene.state == LaneState::draining) {
      hold(false);
      run_for(kTurn);
      send(senders_.poison(machine_.clock.mono()), true);
      send_probes(2);
      hold(true);
    } else {
      bring(receiver, scene.state);
      send(senders_.poison(machine_.clock.mono()), true);
    }
    run_for(std::chrono::minutes{2});
  } else {
    bring(receiver, scene.state);
    if (scene.fault == Fault::resumed && scene.state != LaneState::drained && scene.state != LaneState::draining &&
        scene.state != LaneState::on_hold)
      hold(true);
    run_for(Millis{1});
    act(scene.fault);
    run_for(seconds{2});
  }
  receiver.next.clear();
  receiver.slow.reset();
  receiver.asks.clear();
  receiver.dead = was_dead;
  receiver.revoked = was_revoked;
  star_.clear();
}

/// Whatever went before: a process that works, and a lane that nothing holds back.
void World::freshen(const std::string& connector) {
  await([this] { return healthy_store(); }, std::chrono::minutes{11});
  auto next = plan_;
  auto& plan = *next.find(connector);
  plan.present = plan.enabled = true;
  ++plan.version;
  adopt(next);
  if (healthy_store() && process_->pipeline().controls().all().contains(connector)) resume();
  run_for(kTurn);
}

/// Does what makes the lane such as it should be; whether it becomes so is another matter.
void World::bring(Receiver& receiver, LaneState state) {
  const auto& id = receiver.plan->id;
  const auto is = [&] { return process_ && process_->state(id) == state; };
  switch (state) {
    case LaneState::idle:
      return;
    case LaneState::delivering:
      receiver.slow = kSlow;
      return send_probes(1);
    case LaneState::backing_off:
      receiver.next.push_back(Fault::answer_500);
      send_probes(1);
      break;
    case LaneState::breaker_open:
      receiver.dead = true;
      send_probes(6);
      break;
    case LaneState::throttled:
      receiver.asks = "30";
      receiver.next.push_back(Fault::answer_429);
      send_probes(1);
      break;
    case LaneState::held:
      receiver.next.push_back(Fault::answer_401);
      send_probes(1);
      break;
    case LaneState::on_hold:
      hold(false);
      break;
    case LaneState::draining:
      receiver.slow = kSlow;
      send_probes(1);
      hold(true);
      break;
    case LaneState::drained:
      hold(true);
      break;
    case LaneState::stopped: {
      receiver.slow = kSlow;
      send_probes(1);
      auto next = plan_;
      next.find(id)->present = false;
      adopt(next);
      break;
    }
  }
  await(is, seconds{30});
}

/// Events for everybody, and what becomes of them at once.
void World::send_probes(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) send(senders_.alone(machine_.clock.mono()), true);
  run_for(kTurn);
}

void World::await(const std::function<bool()>& is, std::chrono::nanoseconds most) {
  const auto end = machine_.clock.mono() + most;
  while (!failed() && !is() && machine_.clock.mono() < end) run_for(kTurn);
}

}  // namespace wardex::simulation
