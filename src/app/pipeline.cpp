#include "app/pipeline.hpp"

#include <utility>

#include "app/lanes.hpp"
#include "normalise/normalise.hpp"

namespace wardex::app {

Pipeline::Pipeline(const Surroundings& around, Generation generation)
    : generation_(std::move(generation)),
      pressure_(around.store, around.clock, config().gateway.data_dir),
      engine_(around.executor, around.store, around.transport, around.clock, around.timers, around.flights, around.seed,
              [this](const store::StoredEvent& stored) { return restore(stored); }),
      controls_(around.store, engine_, around.clock, around.timers),
      replays_(around.store, engine_, around.clock, around.timers),
      mailbox_(around.store, around.clock, around.timers),
      checkpoints_(around.store, around.clock, around.timers,
                   [this](const store::Checkpoint& made) {
                     for (const auto& connector : made.connectors) engine_.offer(connector, *made.anchor, made.event);
                   }),
      retention_(around.store, around.clock, around.timers),
      intake_(around.store, around.clock,
              intake::Hooks{.generation =
                                [this] {
                                  return intake::Generation{generation_.config, generation_.router};
                                },
                            .accepted = [this](const std::vector<intake::AcceptedEvent>& events) { accepted(events); },
                            .closed = [this] { return closed(); },
                            .room = [this] { return room(); }}) {}

void Pipeline::adopt(Generation generation) {
  generation_ = std::move(generation);
  mailbox_.configure({config().mailbox.alarm.entries, config().mailbox.alarm.age});
  if (start_ == Start::done) return configure();
  if (start_ == Start::loading) return;
  start_ = Start::loading;
  controls_.load([this] {
    start_ = Start::done;
    configure();
  });
}

void Pipeline::configure() {
  engine_.configure(lanes(config()));
  checkpoints_.configure(generation_);
  retention_.configure(generation_);
}

void Pipeline::close_intake() {
  stopping_ = true;
  checkpoints_.stop();
  retention_.stop();
  replays_.stop();
  mailbox_.stop();
}

std::string Pipeline::closed() {
  if (stopping_) return "the gateway is shutting down";
  return pressure_.closed(config().intake.high_water);
}

intake::Room Pipeline::room() { return pressure_.room(config().intake.high_water); }

std::string Pipeline::not_ready() {
  auto why = closed();
  return why.empty() ? room().why : why;
}

Event Pipeline::restore(const store::StoredEvent& stored) const {
  normalise::Options options;
  options.console_url = config().wardex.console_url;
  options.case_prefix = config().wardex.case_prefix;
  options.origin = stored.origin;
  options.received_at = stored.received_at;
  return normalise::restore(stored.body, stored.id, stored.case_id, options);
}

void Pipeline::accepted(const std::vector<intake::AcceptedEvent>& events) {
  for (const auto& event : events)
    for (const auto& connector : event.connectors) engine_.offer(connector, event.seq, event.event);
}

}  // namespace wardex::app
