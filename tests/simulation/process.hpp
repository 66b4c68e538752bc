// One process: the real pipeline and the real store between a disk, a clock and receivers that are not. It is stepped
// from outside and can be cut off between any two steps, or in the middle of what it asks of its disk.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include <boost/asio/io_context.hpp>

#include "app/pipeline.hpp"
#include "simulation/memory_vfs.hpp"
#include "simulation/receivers.hpp"
#include "simulation/stepped_workers.hpp"
#include "virtual_time/clock.hpp"

namespace wardex::simulation {

namespace asio = boost::asio;

/// What outlives the process.
struct Machine {
  Machine(std::uint64_t seed, std::string directory) : data_dir(std::move(directory)), disk(seed) {}

  const std::string data_dir;  ///< real, but holds only the lock file
  MemoryVfs disk;
  wardex::test::VirtualClock clock;

  /// The record of deliveries under way: shared memory, which survives the process and nothing else.
  struct Flights {
    bool there = false;
    std::map<deliver::FlightRecorder::Place, deliver::FlightRecorder::Flight> under_way;
  } flights;
};

class Process {
 public:
  struct Options {
    std::uint64_t seed = 0;
    bool records_flights = true;
    bool checks_at_once = true;
    std::uint64_t spare_bytes = 0;
  };
  /// nullptr and why, when the store could not be opened.
  static std::unique_ptr<Process> start(Machine& machine, Receivers& receivers, const app::Generation& generation,
                                        const Options& options, std::string& why);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// One step of one of those that have something to do now; false: nobody has.
  bool step(Random& random);
  [[nodiscard]] std::optional<MonoTime> next_due() const;
  /// Somebody outside has given the pipeline something to do.
  void touched() { loop_may_have_work_ = true; }

  /// `done` gets the answer, unless the process dies before.
  void handle(transport::ServerRequest request, std::function<void(const transport::ServerResponse&)> done);
  /// The gateway's own order of stopping; `done` when nothing is left to do but to end.
  void terminate(std::function<void()> done);
  [[nodiscard]] bool stopping() const { return stopping_; }
  [[nodiscard]] bool stopped() const { return stopped_; }
  void record(std::string action, std::string outcome, std::string detail);

  [[nodiscard]] app::Pipeline& pipeline() { return *pipeline_; }
  [[nodiscard]] store::Store& store() { return *store_; }
  [[nodiscard]] deliver::LaneState state(const std::string& connector) const;
  [[nodiscard]] std::size_t requests_under_way() const { return requests_; }

 private:
  class Transport;
  class Recorder;

  Process(Machine& machine, Receivers& receivers);
  static asio::awaitable<void> answer(Process* self, transport::ServerRequest request,
                                      std::function<void(const transport::ServerResponse&)> done);
  static asio::awaitable<void> shut_down(Process* self, std::function<void()> done);

  Machine& machine_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<deliver::FlightRecorder> flights_;
  wardex::test::VirtualTimers timers_;
  std::shared_ptr<SteppedWorkers> workers_ = std::make_shared<SteppedWorkers>();
  asio::io_context loop_{1};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<app::Pipeline> pipeline_;
  bool loop_may_have_work_ = true;
  bool stopping_ = false;
  bool stopped_ = false;
  std::size_t requests_ = 0;
  std::function<void()> requests_ended_;
};

}  // namespace wardex::simulation
