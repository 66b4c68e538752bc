// The pipeline, joined: what an event passes through from the sender's bytes to the receiver and the audit trail. Knows
// no sockets, signals or files, so that the simulation runs it whole, under a clock of its own.
//
//   bytes -> [intake: authenticate, normalise, route] -> store -> 202
//                                                          |
//                       receivers <- transport <- connector <- [engine: a lane per connector] -> store, audit
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "app/checkpoints.hpp"
#include "app/generation.hpp"
#include "app/pressure.hpp"
#include "app/retention.hpp"
#include "deliver/controls.hpp"
#include "deliver/engine.hpp"
#include "deliver/flight_recorder.hpp"
#include "deliver/mailbox_watch.hpp"
#include "deliver/replays.hpp"
#include "intake/events_endpoint.hpp"
#include "runtime/clock.hpp"
#include "runtime/timer.hpp"
#include "store/store.hpp"
#include "transport/transport.hpp"

namespace wardex::app {

/// What the pipeline is set into. All of it outlives the loop's last turn.
struct Surroundings {
  boost::asio::any_io_executor executor;
  store::Store& store;
  transport::Transport& transport;
  const runtime::Clock& clock;
  runtime::Timers& timers;
  deliver::FlightRecorder& flights;
  std::uint64_t seed = 0;
};

class Pipeline {
 public:
  /// Delivers nothing before the first adopt().
  Pipeline(const Surroundings& around, Generation generation);
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// From here on everything new is done by this generation. The first call sets the backlog in motion, once it is
  /// known what operators hold.
  void adopt(Generation generation);
  [[nodiscard]] const Generation& generation() const { return generation_; }
  [[nodiscard]] const config::Config& config() const { return *generation_.config; }

  /// Why no event can be taken, or empty.
  [[nodiscard]] std::string closed();
  /// What more should be taken although it could be kept.
  [[nodiscard]] intake::Room room();
  /// Why not everything is taken, or empty; for /readyz.
  [[nodiscard]] std::string not_ready();
  /// Takes nothing more from now on, neither from senders nor from the failure mailbox.
  void close_intake();

  [[nodiscard]] deliver::Engine& engine() { return engine_; }
  [[nodiscard]] deliver::Controls& controls() { return controls_; }
  [[nodiscard]] intake::EventsEndpoint& intake() { return intake_; }
  [[nodiscard]] deliver::Replays& replays() { return replays_; }
  [[nodiscard]] const deliver::MailboxWatch& mailbox() const { return mailbox_; }
  /// The event as it was accepted.
  [[nodiscard]] Event restore(const store::StoredEvent& stored) const;

 private:
  void accepted(const std::vector<intake::AcceptedEvent>& events);
  void configure();

  Generation generation_;
  bool stopping_ = false;
  enum class Start { not_yet, loading, done } start_ = Start::not_yet;
  Pressure pressure_;
  deliver::Engine engine_;
  deliver::Controls controls_;
  deliver::Replays replays_;
  deliver::MailboxWatch mailbox_;
  Checkpoints checkpoints_;
  Retention retention_;
  intake::EventsEndpoint intake_;
};

}  // namespace wardex::app
