#include "deliver/replays.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "runtime/log.hpp"

namespace wardex::deliver {
namespace {

/// How often a store that fails is tried again.
constexpr Millis kStoreRetry{1000};

}  // namespace

std::string_view to_string(ReplayState state) {
  switch (state) {
    case ReplayState::running:
      return "running";
    case ReplayState::done:
      return "done";
    case ReplayState::cancelled:
      return "cancelled";
  }
  return "?";
}

std::size_t replay_step(double per_second) {
  if (per_second <= 0) return store::kMostMoved;
  return static_cast<std::size_t>(std::clamp(std::ceil(per_second / 4), 1.0, static_cast<double>(store::kMostMoved)));
}

Millis replay_time(std::uint64_t entries, double per_second) {
  if (per_second <= 0) return Millis{0};
  return Millis{static_cast<std::int64_t>(std::ceil(static_cast<double>(entries) / per_second * 1000))};
}

/// read a page -> move its entries -> wait for the pace -> read the next one
struct Replays::Job {
  ReplayStatus status;
  store::MailboxFilter rest;  // what is still to be moved
  std::unique_ptr<runtime::Timer> timer;
  MonoTime step_began{};
};

struct Replays::Impl : std::enable_shared_from_this<Impl> {
  store::Store& store;
  Engine& engine;
  const runtime::Clock& clock;
  runtime::Timers& timers;
  std::vector<std::shared_ptr<Job>> jobs;
  std::uint64_t last_id = 0;
  bool stopped = false;

  Impl(store::Store& the_store, Engine& the_engine, const runtime::Clock& the_clock, runtime::Timers& the_timers)
      : store(the_store), engine(the_engine), clock(the_clock), timers(the_timers) {}

  [[nodiscard]] bool over(const Job& job) const { return stopped || job.status.state != ReplayState::running; }
  void read(const std::shared_ptr<Job>& job);
  void move(const std::shared_ptr<Job>& job, const store::MailboxPage& page);
  void moved(const std::shared_ptr<Job>& job, std::size_t asked, std::int64_t next_after,
             store::Result<std::vector<std::pair<std::string, store::Pending>>> result);
  void go_on(const std::shared_ptr<Job>& job, std::int64_t next_after, Millis pause);
  void stumbled(const std::shared_ptr<Job>& job, const store::Error& error);
  void end(const std::shared_ptr<Job>& job, ReplayState state, const std::string& note);
  void forget_old();
};

void Replays::Impl::read(const std::shared_ptr<Job>& job) {
  if (over(*job)) return;
  job->step_began = clock.mono();
  store.mailbox(job->rest, [weak = weak_from_this(), job](store::Result<store::MailboxPage> page) {
    const auto self = weak.lock();
    if (!self || self->over(*job)) return;
    if (!page) return self->stumbled(job, page.error());
    self->move(job, *page);
  });
}

void Replays::Impl::move(const std::shared_ptr<Job>& job, const store::MailboxPage& page) {
  if (page.entries.empty()) return go_on(job, page.next_after, Millis{0});
  std::vector<std::int64_t> ids;
  ids.reserve(page.entries.size());
  for (const auto& entry : page.entries) ids.push_back(entry.id);
  const std::size_t asked = ids.size();
  store.replay(std::move(ids), job->status.actor, clock.wall(),
               [weak = weak_from_this(), job, asked,
                next = page.next_after](store::Result<std::vector<std::pair<std::string, store::Pending>>> result) {
                 if (const auto self = weak.lock()) self->moved(job, asked, next, std::move(result));
               });
}

void Replays::Impl::moved(const std::shared_ptr<Job>& job, std::size_t asked, std::int64_t next_after,
                          store::Result<std::vector<std::pair<std::string, store::Pending>>> result) {
  // Somebody else took all of them meanwhile: as good as moved.
  const bool gone = !result && result.error().fault == store::Fault::conflict;
  if (!result && !gone) {
    if (!over(*job)) stumbled(job, result.error());
    return;
  }
  if (result) {
    // Also when it was cancelled meanwhile: these are pending now.
    job->status.replayed += result->size();
    for (auto& [connector, delivery] : *result) engine.offer_again(connector, std::move(delivery));
  }
  if (over(*job)) return;
  job->status.error.clear();
  go_on(job, next_after, gone ? Millis{0} : replay_time(asked, job->status.per_second));
}

void Replays::Impl::go_on(const std::shared_ptr<Job>& job, std::int64_t next_after, Millis pause) {
  if (next_after == 0) return end(job, ReplayState::done, "");
  job->rest.after_id = next_after;
  if (pause <= Millis{0}) return read(job);
  // From the step's beginning, so that what the store takes is not added; never earlier than now, so that a store that
  // was slow for long is not followed by a burst.
  job->timer->arm(std::max(clock.mono(), job->step_began + pause),
                  [weak = weak_from_this(), job_ = std::weak_ptr(job)] {
                    const auto self = weak.lock();
                    const auto again = job_.lock();
                    if (self && again) self->read(again);
                  });
}

void Replays::Impl::stumbled(const std::shared_ptr<Job>& job, const store::Error& error) {
  if (error.fault == store::Fault::closed) return;
  job->status.error = error.message;
  job->timer->arm(clock.mono() + kStoreRetry, [weak = weak_from_this(), job_ = std::weak_ptr(job)] {
    const auto self = weak.lock();
    const auto again = job_.lock();
    if (self && again) self->read(again);
  });
}

void Replays::Impl::end(const std::shared_ptr<Job>& job, ReplayState state, const std::string& note) {
  auto& status = job->status;
  status.state = state;
  status.ended_at = clock.wall();
  job->timer->cancel();
  log::info("mailbox.replay_ended", note.empty() ? "all that was selected is on its way" : note,
            {{"replay", status.id}, {"state", to_string(state)}, {"replayed", status.replayed}});
  store::AuditRecord row;
  row.at = *status.ended_at;
  row.actor = status.actor;
  row.action = "replay_job";
  row.outcome = to_string(state);
  row.count = static_cast<std::uint32_t>(status.replayed);
  row.detail = status.what + (note.empty() ? "" : "; " + note);
  store.append_audit(std::move(row), [](const store::Result<store::Ok>& result) {
    if (!result) log::error("audit.append_failed", result.error().message);
  });
  forget_old();
}

void Replays::Impl::forget_old() {
  auto ended = static_cast<std::size_t>(std::count_if(
      jobs.begin(), jobs.end(), [](const auto& job) { return job->status.state != ReplayState::running; }));
  std::erase_if(jobs, [&ended](const auto& job) {
    if (job->status.state == ReplayState::running || ended <= kRemembered) return false;
    --ended;
    return true;
  });
}

Replays::Replays(store::Store& store, Engine& engine, const runtime::Clock& clock, runtime::Timers& timers)
    : impl_(std::make_shared<Impl>(store, engine, clock, timers)) {}
Replays::~Replays() { stop(); }

std::optional<ReplayStatus> Replays::start(ReplayOrder order) {
  const auto running = std::count_if(impl_->jobs.begin(), impl_->jobs.end(),
                                     [](const auto& job) { return job->status.state == ReplayState::running; });
  if (static_cast<std::size_t>(running) >= kMostRunning) return std::nullopt;
  auto job = std::make_shared<Job>();
  job->timer = impl_->timers.make();
  job->rest = std::move(order.which);
  job->rest.limit = replay_step(order.per_second);
  job->rest.upto_id = order.sum.last_id;
  auto& status = job->status;
  status.id = ++impl_->last_id;
  status.actor = std::move(order.actor);
  status.what = std::move(order.what);
  status.per_second = order.per_second;
  status.entries = order.sum.entries;
  status.connectors = std::move(order.sum.connectors);
  status.started_at = impl_->clock.wall();
  impl_->jobs.push_back(job);
  log::info("mailbox.replay_started", status.what,
            {{"replay", status.id}, {"entries", status.entries}, {"per_second", status.per_second}});
  impl_->read(job);
  return list().back();
}

std::optional<ReplayStatus> Replays::cancel(std::uint64_t id, const std::string& actor) {
  for (const auto& job : impl_->jobs) {
    if (job->status.id != id) continue;
    const auto keep = job;  // end() may forget it
    if (!impl_->over(*keep)) impl_->end(keep, ReplayState::cancelled, "cancelled by " + actor);
    return keep->status;
  }
  return std::nullopt;
}

std::vector<ReplayStatus> Replays::list() const {
  std::vector<ReplayStatus> out;
  for (const auto& job : impl_->jobs) {
    auto status = job->status;
    if (status.state == ReplayState::running && status.per_second > 0) {
      const auto left = status.entries - std::min(status.entries, status.replayed);
      status.expected_end = impl_->clock.wall() + replay_time(left, status.per_second);
    }
    out.push_back(std::move(status));
  }
  return out;
}

void Replays::stop() {
  impl_->stopped = true;
  for (const auto& job : impl_->jobs) job->timer->cancel();
}

}  // namespace wardex::deliver
