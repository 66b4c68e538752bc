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

#include "app/generation.hpp"
#include "app/pressure.hpp"
#include "deliver/controls.hpp"
#include "deliver/engine.hpp"
#include "deliver/flight_recorder.hpp"
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
  /// Why no more should be taken although it could be kept, or empty.
  [[nodiscard]] std::string backlog();
  /// One of the two, for /readyz.
  [[nodiscard]] std::string not_ready();
  /// Takes nothing more from now on.
  void close_intake() { stopping_ = true; }

  [[nodiscard]] deliver::Engine& engine() { return engine_; }
  [[nodiscard]] deliver::Controls& controls() { return controls_; }
  [[nodiscard]] intake::EventsEndpoint& intake() { return intake_; }

 private:
  [[nodiscard]] Event restore(const store::StoredEvent& stored) const;
  void accepted(const std::vector<intake::AcceptedEvent>& events);

  Generation generation_;
  bool stopping_ = false;
  enum class Start { not_yet, loading, done } start_ = Start::not_yet;
  Pressure pressure_;
  deliver::Engine engine_;
  deliver::Controls controls_;
  intake::EventsEndpoint intake_;
};

}  // namespace wardex::app
