#include "simulation/process.hpp"

#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>

#include "runtime/async.hpp"
#include "runtime/one_shot.hpp"
#include "store/sqlite/open.hpp"

namespace wardex::simulation {

using transport::ServerRequest;
using transport::ServerResponse;

/// Between the pipeline and the receivers: latency and deadlines, no sockets.
class Process::Transport final : public transport::Transport {
 public:
  Transport(Process& process, Receivers& receivers) : process_(process), receivers_(receivers) {}

  asio::awaitable<transport::Outcome> send(Request request,
                                           std::shared_ptr<const transport::SendOptions> options) override {
    const auto answer = std::make_shared<runtime::OneShot<bool>>(process_.loop_.get_executor());
    const auto timer = process_.timers_.make();
    std::string connector;
    Reply reply;
    if (!process_.machine_.disk.dead()) {
      connector = Receivers::read(request).connector;
      reply = receivers_.answer(request, *options);
      // A process that has just died sees no answer any more.
      if (!process_.machine_.disk.dead())
        timer->arm(process_.machine_.clock.mono() + reply.after, [answer] { answer->set(true); });
    }
    auto waiting = answer->wait();
    co_await std::move(waiting);
    receivers_.answered(connector, reply);
    co_return std::move(*reply.outcome);
  }
  void stop() override {}

 private:
  Process& process_;
  Receivers& receivers_;
};

/// What FlightFile does with a mapped file.
class Process::Recorder final : public deliver::FlightRecorder {
 public:
  explicit Recorder(Machine& machine) : machine_(machine), complete_(machine.flights.there) {
    for (const auto& [place, flight] : machine.flights.under_way) left_.push_back(flight);
    machine.flights.there = true;
    machine.flights.under_way.clear();
    for (const auto& flight : left_) places_of_left_.push_back(begin(flight.connector, flight.seq));
  }
  [[nodiscard]] std::vector<Flight> left() const override { return left_; }
  [[nodiscard]] bool complete() const override { return complete_; }
  void forget_left() override {
    for (const auto place : places_of_left_) end(place);
    places_of_left_.clear();
    left_.clear();
  }
  Place begin(std::string_view connector, store::Seq seq) override {
    if (!machine_.disk.dead()) machine_.flights.under_way[++last_] = {std::string(connector), seq};
    return last_;
  }
  void end(Place place) override {
    if (!machine_.disk.dead()) machine_.flights.under_way.erase(place);
  }

 private:
  Machine& machine_;
  bool complete_;
  std::vector<Flight> left_;
  std::vector<Place> places_of_left_;
  Place last_ = 0;
};

Process::Process(Machine& machine, Receivers& receivers)
    : machine_(machine), transport_(std::make_unique<Transport>(*this, receivers)) {}

std::unique_ptr<Process> Process::start(Machine& machine, Receivers& receivers, const app::Generation& generation,
                                        const Options& options, std::string& why) {
  auto process = std::unique_ptr<Process>(new Process(machine, receivers));
  store::sqlite::Options store;
  store.directory = machine.data_dir;
  store.now = [&machine] { return machine.clock.wall(); };
  store.mono = [&machine] { return machine.clock.mono(); };
  store.idempotency_window = generation.config->intake.idempotency.window;
  store.idempotency_max = generation.config->intake.idempotency.max_ids;
  store.post = [self = process.get()](std::function<void()> completion) {
    self->loop_may_have_work_ = true;
    asio::post(self->loop_, std::move(completion));
  };
  store.check_at_once_bytes = options.checks_at_once ? store.check_at_once_bytes : 0;
  store.spare_bytes = options.spare_bytes;
  store.vfs = machine.disk.name();
  store.files = std::shared_ptr<store::sqlite::Files>(&machine.disk, [](auto*) {});
  store.workers = process->workers_;
  auto opened = store::sqlite::open(std::move(store));
  if (!opened) {
    why = opened.error().message;
    return nullptr;
  }
  process->store_ = std::move(*opened);
  if (machine.disk.dead()) {
    why = "died while it started";
    return nullptr;
  }
  if (options.records_flights) {
    process->flights_ = std::make_unique<Recorder>(machine);
  } else {
    machine.flights = {};
    process->flights_ = deliver::no_flight_recorder();
  }
  process->pipeline_ = std::make_unique<app::Pipeline>(
      app::Surroundings{process->loop_.get_executor(), *process->store_, *process->transport_, machine.clock,
                        process->timers_, *process->flights_, options.seed},
      generation);
  process->record("start", "ok", "simulated");
  process->pipeline_->adopt(generation);
  return process;
}

Process::~Process() {
  // What is under way is abandoned with the loop; the store goes first, since it holds operations of the loop's.
  pipeline_.reset();
  store_.reset();
}

bool Process::step(Random& random) {
  for (;;) {
    const auto now = machine_.clock.mono();
    const auto due = workers_->due(now);
    const std::size_t choices = due + (loop_may_have_work_ ? 1 : 0);
    if (choices == 0) {
      const auto timer = timers_.next_due();
      if (!timer || *timer > now) return false;
      timers_.fire_due(now);
      loop_may_have_work_ = true;
      return true;
    }
    const auto which = random.pick(choices);
    if (which < due) {
      workers_->step(which, now);
      return true;
    }
    loop_.restart();
    if (loop_.poll_one() > 0) return true;
    loop_may_have_work_ = false;
  }
}

std::optional<MonoTime> Process::next_due() const {
  auto first = timers_.next_due();
  if (const auto worker = workers_->next_due(); worker && (!first || *worker < *first)) first = worker;
  return first;
}

asio::awaitable<void> Process::answer(Process* self, ServerRequest request,
                                      std::function<void(const ServerResponse&)> done) {
  // As the server does it: the header first.
  auto& intake = self->pipeline_->intake();
  auto response = intake.check(request);
  if (!response) {
    auto handling = intake.handle(std::move(request));
    response = co_await std::move(handling);
  }
  --self->requests_;
  if (!self->machine_.disk.dead()) done(*response);
  if (self->requests_ == 0 && self->requests_ended_) self->requests_ended_();
}

void Process::handle(ServerRequest request, std::function<void(const ServerResponse&)> done) {
  ++requests_;
  loop_may_have_work_ = true;
  auto answering = answer(this, std::move(request), std::move(done));
  runtime::spawn(loop_.get_executor(), "request", std::move(answering), true);
}

asio::awaitable<void> Process::shut_down(Process* self, std::function<void()> done) {
  const auto deadline = self->machine_.clock.mono() + self->pipeline_->config().gateway.drain_timeout;
  self->pipeline_->close_intake();
  if (self->requests_ > 0) {
    const auto ended = std::make_shared<runtime::OneShot<bool>>(self->loop_.get_executor());
    self->requests_ended_ = [ended] { ended->set(true); };
    const auto timer = self->timers_.make();
    timer->arm(deadline, [ended] { ended->give_up(); });
    auto waiting = ended->wait();
    co_await std::move(waiting);
  }
  auto draining = self->pipeline_->engine().drain(deadline);
  co_await std::move(draining);
  self->record("stop", "ok", "SIGTERM");
  self->store_->close();
  self->stopped_ = true;
  done();
}

void Process::terminate(std::function<void()> done) {
  stopping_ = true;
  loop_may_have_work_ = true;
  auto stopping = shut_down(this, std::move(done));
  runtime::spawn(loop_.get_executor(), "shut-down", std::move(stopping), true);
}

void Process::record(std::string action, std::string outcome, std::string detail) {
  store::AuditRecord row;
  row.at = machine_.clock.wall();
  row.actor = "gateway";
  row.action = std::move(action);
  row.outcome = std::move(outcome);
  row.detail = std::move(detail);
  store_->append_audit(std::move(row), [](const store::Result<store::Ok>&) {});
}

deliver::LaneState Process::state(const std::string& connector) const {
  for (const auto& lane : pipeline_->engine().status())
    if (lane.connector == connector) return lane.state;
  return deliver::LaneState::stopped;
}

}  // namespace wardex::simulation
