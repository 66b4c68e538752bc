// The passing of time, deaths and starts. What happens meanwhile is in chaos.cpp, the end in judge.cpp.
#include "simulation/world.hpp"

#include <algorithm>

#include <sqlite3.h>

#include "simulation/narrate.hpp"
#include "store/sqlite/open.hpp"

namespace wardex::simulation {
namespace {

/// So many steps without time passing are a loop that goes nowhere.
constexpr std::uint64_t kBusyLoop = 100'000;
constexpr std::string_view kBackup = "/backup/copy.db";

}  // namespace

Figures& Figures::operator+=(const Figures& other) {
  events_acknowledged += other.events_acknowledged;
  events_lost += other.events_lost;
  requests += other.requests;
  ambiguous += other.ambiguous;
  duplicates += other.duplicates;
  unexcused += other.unexcused;
  processes += other.processes;
  kills += other.kills;
  power_failures += other.power_failures;
  drains += other.drains;
  disk_operations += other.disk_operations;
  commits_checked += other.commits_checked;
  refusals_for_space += other.refusals_for_space;
  disk_failures += other.disk_failures;
  mailbox += other.mailbox;
  rows_pruned += other.rows_pruned;
  simulated_ms += other.simulated_ms;
  slowest_healthy_ms = std::max(slowest_healthy_ms, other.slowest_healthy_ms);
  recovery_ms = std::max(recovery_ms, other.recovery_ms);
  return *this;
}

World::World(std::uint64_t seed, Plan plan, Coverage& coverage)
    : random_(seed * 2),
      coverage_(coverage),
      plan_(std::move(plan)),
      machine_(random_.next(), plan_.data_dir),
      senders_(plan_, random_.split()),
      receivers_(plan_, senders_, machine_.clock, coverage, random_.split()),
      inspector_(machine_.disk, plan_.data_dir + "/" + std::string(store::sqlite::kDatabaseName)) {
  // SQLite's own generator makes the salts of a WAL.
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(1 + seed % 1'000'000'007), nullptr);
  receivers_.kill = [this](const std::string& connector, Number number) {
    machine_.disk.kill();
    // Nobody knows what was under way when the power failed, or without a record.
    const auto deaths = ++poison_deaths_[{connector, number}];
    if (plan_.records_flights && deaths > 3 + figures_.power_failures)
      complain("I12: " + marker(number) + " has killed " + std::to_string(deaths) + " processes at " + connector);
  };
  receivers_.state_of = [this](const std::string& connector) { return process_->state(connector); };
  inspector_.events_go = plan_.keep.has_value();
  checks_every_commit_ = seed % 16 == 0;
  begun_ = machine_.clock.mono();
  boot_at_ = begun_;
  adopt(Plan(plan_));
}

World::~World() {
  machine_.disk.kill();
  inspector_.close();
}

void World::complain(const std::string& what) {
  if (complaint_.empty()) complaint_ = "step " + std::to_string(steps_) + ": " + what;
}

void World::note(Fault fault) {
  coverage_.note(fault);
  if (!process_ || coverage_.well_known(fault)) return;
  for (const auto& lane : process_->pipeline().engine().status()) coverage_.note(fault, lane.state);
}

void World::note(Fault fault, const std::string& connector) {
  coverage_.note(fault);
  if (process_ && !coverage_.well_known(fault)) coverage_.note(fault, process_->state(connector));
}

void World::live() {
  for (std::size_t i = 0; i < plan_.actions && !failed(); ++i) {
    chaos();
    if (plan_.scene && i == plan_.actions / 2 && !failed()) play(*plan_.scene);
  }
}

std::string World::run() {
  run_for(Millis{0});
  live();
  if (!failed()) heal();
  if (!failed()) judge();

  if (failed() && narrating())
    for (const auto& row : inspector_.rows(
             "SELECT id, at, actor, action, connector, first_seq, last_seq, attempt, outcome, detail FROM audit")) {
      for (const auto& text : row) std::cout << text << " | ";
      std::cout << "\n";
    }
  figures_.events_acknowledged = senders_.acknowledged();
  figures_.requests = receivers_.requests();
  figures_.ambiguous = receivers_.ambiguous();
  figures_.disk_operations = machine_.disk.operations();
  figures_.refusals_for_space = machine_.disk.refusals();
  for (const auto& [operation, count] : machine_.disk.failures()) figures_.disk_failures += count;
  figures_.simulated_ms =
      static_cast<std::uint64_t>(std::chrono::duration_cast<Millis>(machine_.clock.mono() - begun_).count());
  figures_.slowest_healthy_ms = static_cast<std::uint64_t>(receivers_.slowest_healthy().count());
  trace_ = steps_ ^ machine_.disk.trace() ^ receivers_.trace() ^ std::hash<std::string>{}(inspector_.audit_head());
  return complaint_;
}

void World::run_for(std::chrono::nanoseconds time) {
  const auto end = machine_.clock.mono() + time;
  while (!failed()) {
    settle();
    const auto next = process_ ? process_->next_due() : std::optional(boot_at_);
    if (failed() || !next || *next > end) break;
    turns_ = 0;
    if (plan_.keep && process_ && *next - machine_.clock.mono() > std::chrono::minutes{2}) records_.read(inspector_);
    machine_.clock.advance(std::max(std::chrono::nanoseconds{0}, *next - machine_.clock.mono()));
  }
  if (!failed()) machine_.clock.advance(std::max(std::chrono::nanoseconds{0}, end - machine_.clock.mono()));
}

/// Everything that is due now.
void World::settle() {
  turns_ = 0;
  while (!failed()) {
    if (!process_) {
      if (boot_at_ > machine_.clock.mono()) return;
      boot();
      if (!process_) continue;
    }
    if (kill_in_ > 0 && --kill_in_ == 0) machine_.disk.kill();
    if (machine_.disk.dead()) {
      died();
      continue;
    }
    if (process_->stopped()) {
      stop_process();
      continue;
    }
    if (!process_->step(random_)) return;
    ++steps_;
    if (++turns_ > kBusyLoop) complain("I8: a busy loop");
    if (!receivers_.complaints().empty()) complain(receivers_.complaints().front());
    if (!machine_.disk.dead() && machine_.disk.operations() >= next_check_) inspect();
    if (process_->store().fault()) receivers_.undisturbed_since = machine_.clock.mono();
  }
}

void World::boot() {
  std::string why;
  process_ = Process::start(machine_, receivers_, *generation_,
                            {.seed = random_.next(),
                             .records_flights = plan_.records_flights,
                             .checks_at_once = plan_.checks_at_once,
                             .spare_bytes = plan_.spare_bytes},
                            why);
  receivers_.undisturbed_since = machine_.clock.mono() + std::chrono::minutes{1};
  if (machine_.disk.dead()) return died();
  narrate(machine_.clock, [&] { return process_ ? std::string("a process starts") : "no process: " + why; });
  if (process_) {
    ++figures_.processes;
    return;
  }
  if (why.find("damaged") != std::string::npos) complain("I14: the store does not open: " + why);
  if (!chaotic_) complain("I9: the store does not open: " + why);
  boot_at_ = machine_.clock.mono() + downtime_.value_or(Millis{1000 + random_.pick(9000)});
}

/// The process is gone in the middle of things.
void World::died() {
  narrate(machine_.clock, [&] { return power_fails_ ? "power fails" : "dies"; });
  ++figures_.kills;
  inspector_.close();
  process_.reset();
  if (power_fails_) {
    ++figures_.power_failures;
    machine_.disk.restart_machine(survives_ ? *survives_ : random_.one_of({0.0, 0.5, 0.9, 1.0}));
    machine_.flights = {};
  } else {
    machine_.disk.restart_process();
  }
  power_fails_ = false;
  kill_in_ = 0;
  if (!ends_once_) machine_.disk.die(0);
  receivers_.process_ended();
  after_crash();
  const Millis downtime{random_.chance(0.8) ? random_.pick(3000) : random_.pick(600'000)};
  boot_at_ = machine_.clock.mono() + downtime_.value_or(downtime);
}

/// I19: within its time; and when that was enough, nothing is left under way.
void World::check_drain() {
  const auto took = machine_.clock.mono() - stopping_since_;
  const auto most = process_->pipeline().config().gateway.drain_timeout;
  if (took > most) complain("I19: it took " + std::to_string(took.count() / 1'000'000) + " ms to stop");
  if (took < most && !process_->store().fault() && plan_.records_flights && !machine_.flights.under_way.empty())
    complain("I19: it stopped in time with deliveries under way");
}

/// It stopped when it was asked to.
void World::stop_process() {
  ++figures_.drains;
  check_drain();
  inspector_.close();
  process_.reset();
  if (machine_.disk.dead()) machine_.disk.restart_process();
  receivers_.process_ended();
  after_crash();
  boot_at_ = machine_.clock.mono() + downtime_.value_or(Millis{random_.pick(3000)});
}

void World::inspect() {
  next_check_ = machine_.disk.operations() + 1 + (checks_every_commit_ ? 0 : random_.pick(60));
  ++figures_.commits_checked;
  if (const auto wrong = inspector_.conservation(); !wrong.empty()) complain(wrong);
  if (plan_.keep) records_.read(inspector_);
}

/// Its time is over, by a clock that may have jumped.
bool World::may_be_gone(const SentEvent& event) const {
  return plan_.keep && machine_.clock.mono() - event.first_sent_at + jumped_ahead_ >= plan_.keep->events;
}

/// An event that nobody was told of may be gone with the power, and its place be another's: then the numbers go on
/// before it. Whatever else is not there any more was removed, and has been accepted.
void World::remember() {
  const auto next_seq = inspector_.count("SELECT next_seq FROM totals");
  for (const auto& [seq, accepted] : std::map(records_.events()))
    if (!senders_.event(accepted.number).acknowledged && seq >= next_seq) records_.forget(seq);
  records_.read_again();
  records_.read(inspector_);
}

/// What the next process will find.
void World::after_crash() {
  if (machine_.disk.size(machine_.data_dir + "/" + std::string(store::sqlite::kDatabaseName)) == 0) return;
  try {
    inspector_.reopen();
    if (const auto wrong = inspector_.soundness(); !wrong.empty()) complain(wrong);
    // In the middle of the migrations nothing was accepted yet.
    if (inspector_.count("SELECT count(*) FROM sqlite_schema WHERE name = 'links_by_age'") == 0)
      return inspector_.close();
    for (const auto& wrong : {inspector_.conservation(), inspector_.audit_chain(signing_key()->public_key())})
      if (!wrong.empty()) complain(wrong);
    const auto ids = inspector_.event_ids();
    for (const auto& event : senders_.events())
      if (event.acknowledged && !ids.contains(event.id) && !may_be_gone(event)) {
        ++figures_.events_lost;
        complain("I1: " + marker(event.number) + " was acknowledged and is lost");
      }
    if (plan_.keep) remember();
    // Delivered and not yet recorded, or under way: it is sent again, since nobody can know.
    for (const auto& [connector, number] : inspector_.pending())
      if (auto& story = receivers_.at(connector).stories[number]; story.acted > 0) ++story.excused;
    const auto names = machine_.disk.names();
    if (std::find(names.begin(), names.end(), kBackup) != names.end()) {
      Inspector copy(machine_.disk, std::string(kBackup));
      copy.events_go = inspector_.events_go;
      for (const auto& wrong : {copy.soundness(), copy.conservation()})
        if (!wrong.empty()) complain("in the backup: " + wrong);
    }
  } catch (const store::sqlite::Failure& failure) {
    // Before it has a WAL, only a writer can undo what was half done.
    if (failure.code != SQLITE_READONLY_ROLLBACK) complain("I14: " + std::string(failure.what()));
  }
  inspector_.close();
}

}  // namespace wardex::simulation
