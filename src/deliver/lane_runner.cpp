// Attempts and their results. Reading from the store is in lane_reader.cpp.
#include "deliver/lane_runner.hpp"

#include <algorithm>
#include <exception>

#include <boost/asio/post.hpp>

#include "deliver/audit_rows.hpp"
#include "deliver/excerpt.hpp"
#include "runtime/async.hpp"
#include "runtime/log.hpp"

namespace wardex::deliver {
namespace {

/// How often a failing store is tried again. Degraded mode only: otherwise nothing polls.
constexpr Millis kStoreRetry{1000};
/// A verb that a healthy store refuses so often will never be taken.
constexpr unsigned kRefusals = 3;

/// Batches as large as they may be must find room for those under way, those on their way into the store, and the next.
std::size_t window_for(const LanePolicy& policy, std::size_t batch) {
  constexpr std::size_t kMost = 32'768;
  if (batch <= 1) return policy.window;
  return std::max(policy.window, std::min(kMost, 4 * policy.concurrency * batch));
}

LaneRules rules_of(const LaneConfig& config) {
  LaneRules out;
  out.policy = config.policy;
  out.batch = config.sink->batch_limits();
  out.policy.window = window_for(config.policy, out.batch.max_events);
  out.needs_links = config.sink->keeps_links();
  out.coalesces = config.coalesce.value_or(config.manifest->mirrors_state);
  return out;
}

AttemptReport broken_off(std::size_t items, const std::string& what) {
  AttemptReport report;
  report.requests = 1;
  report.unanswered = report.may_have_acted = report.reached = true;
  report.items.assign(items, Retry{excerpt("gateway bug: " + what, nullptr), std::nullopt});
  return report;
}

}  // namespace

LaneRunner::LaneRunner(std::shared_ptr<const Surroundings> around, LaneConfig config, std::uint64_t seed)
    : around_(std::move(around)),
      config_(std::move(config)),
      lane_(rules_of(config_), seed, around_->bodies),
      timer_(around_->timers.make()),
      chunk_(16) {
  handover_.configure(config_.policy.fallback, now());
}

void LaneRunner::configure(LaneConfig config) {
  const bool changed = config.fingerprint != config_.fingerprint;
  config_ = std::move(config);
  lane_.configure(rules_of(config_), changed, now());
  handover_.configure(config_.policy.fallback, now());
  if (stopped_) {
    stopped_ = false;
    lane_.restart();
    backlog_.restart();
  }
  announce();
  pump_soon();
}

void LaneRunner::stop() {
  stopped_ = true;
  lane_.stop(now());
  pump_soon();
}

void LaneRunner::drain() {
  draining_ = true;
  pump();
}

void LaneRunner::hold(std::optional<Hold> hold) {
  lane_.hold(std::move(hold), now());
  announce();
  pump_soon();
}

void LaneRunner::abandon() {
  abandoned_ = true;
  timer_->cancel();
}

void LaneRunner::offer(store::Seq seq, std::shared_ptr<const Event> event) {
  if (stopped_) return;
  handover_.added(now());
  if (backlog_.admit(seq, lane_.has_room())) {
    NewItem item;
    item.seq = seq;
    item.subject = event->subject();
    item.kind = event->kind;
    item.severity = event->severity;
    item.received_at = event->received_at.at;
    item.event = std::move(event);
    lane_.add(std::move(item), now(), around_->clock.wall());
  }
  pump_soon();
}

void LaneRunner::offer_again(store::Pending pending) {
  if (stopped_) return;
  handover_.added_again(pending.seq, now());
  if (backlog_.admit_again(pending.seq, lane_.has_room())) add(std::move(pending));
  pump_soon();
}

void LaneRunner::pump_soon() {
  if (pump_posted_ || abandoned_) return;
  pump_posted_ = true;
  asio::post(around_->executor, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->pump_posted_ = false;
    self->pump();
  });
}

void LaneRunner::pump() {
  if (abandoned_) return;
  if (store_fails()) return pump_failing_store();
  store_retry_at_.reset();
  std::optional<MonoTime> wake;
  bool waiting = draining_;
  while (!waiting) {
    auto step = lane_.next(now(), !*around_->suspect_under_way);
    if (auto* start = std::get_if<Start>(&step)) {
      begin(std::move(*start));
    } else if (auto* given_up = std::get_if<GiveUp>(&step)) {
      auto settlement = std::make_shared<Settlement>();
      settlement->ticket = given_up->ticket;
      settlement->audit = mailbox_rows(config_.connector, given_up->settled, around_->clock.wall());
      settlement->settled = std::move(given_up->settled);
      settle(std::move(settlement));
    } else {
      if (const auto* wait = std::get_if<WaitUntil>(&step)) wake = wait->at;
      waiting = true;
    }
  }
  if (!draining_ && !stopped_) {
    read_more();
    look_for_handovers();
    for (const auto& at : {read_again_at_, handover_.next_look()})
      if (at) wake = wake ? std::min(*wake, *at) : *at;
  }
  arm(wake);
  announce();
}

/// Nothing is sent whose result could not be kept; and what is not known to be settled is not sent again.
void LaneRunner::pump_failing_store() {
  // Space may come back; what else ails a store ends with the process.
  const auto fault = around_->store.fault();
  if (fault && fault->fault != store::Fault::full) return arm(std::nullopt);
  if (store_retry_at_ && *store_retry_at_ <= now()) {
    store_retry_at_.reset();
    for (auto& settlement : std::exchange(unsettled_, {})) settle(std::move(settlement));
  }
  if (!store_retry_at_) store_retry_at_ = now() + kStoreRetry;
  arm(stopped_ && lane_.quiet() ? std::nullopt : store_retry_at_);
}

void LaneRunner::arm(std::optional<MonoTime> at) {
  if (at == armed_) return;
  armed_ = at;
  if (!at) return timer_->cancel();
  timer_->arm(*at, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->armed_.reset();
    self->pump();
  });
}

void LaneRunner::begin(Start start) {
  std::vector<FlightRecorder::Place> flights;
  if (start.suspect) *around_->suspect_under_way = true;
  auto input = std::make_shared<AttemptInput>();
  input->connector = config_.connector;
  input->sink = config_.sink;
  input->options = config_.send;
  input->batch.reserve(start.items.size());
  for (const auto& item : start.items) {
    auto& delivery = input->batch.emplace_back();
    delivery.seq = item.seq;
    delivery.event = item.event;
    delivery.key = delivery_key(config_.connector, item.event->id);
    delivery.attempt = item.attempts + 1;
    delivery.link = item.link;
    delivery.previous_unknown = item.previous_unknown;
    delivery.stands_in_for = item.stands_in_for;
    delivery.also_sent_via = item.also_sent_via;
    delivery.coalesced = item.coalesced;
    flights.push_back(around_->flights.begin(config_.connector, item.seq));
  }
  auto running =
      run(shared_from_this(), std::make_shared<const Start>(std::move(start)), std::move(input), std::move(flights));
  runtime::spawn(around_->executor, "attempt", std::move(running));
}

asio::awaitable<void> LaneRunner::run(std::shared_ptr<LaneRunner> self, std::shared_ptr<const Start> start,
                                      std::shared_ptr<const AttemptInput> input,
                                      std::vector<FlightRecorder::Place> flights) {
  std::optional<AttemptReport> report;
  std::string thrown;
  try {
    auto running = attempt(self->around_->transport, self->around_->clock, input);
    report = co_await std::move(running);
  } catch (const std::exception& error) {
    thrown = error.what();
  }
  if (self->abandoned_) co_return;
  if (!report) report = broken_off(start->items.size(), thrown);
  self->finished(*start, *report, std::move(flights));
}

void LaneRunner::finished(const Start& start, const AttemptReport& report, std::vector<FlightRecorder::Place> flights) {
  const auto wall = around_->clock.wall();
  stats_.record(report, wall);
  auto settlement = std::make_shared<Settlement>();
  settlement->ticket = start.ticket;
  settlement->flights = std::move(flights);
  settlement->settled = lane_.finish(start.ticket, report, now(), wall);
  settlement->audit = audit_rows(config_.connector, config_.sink->batch_limits().streaming, start.items, report,
                                 settlement->settled, wall);
  settle(std::move(settlement));
  if (start.suspect) {
    *around_->suspect_under_way = false;
    around_->suspect_landed();
  }
  pump();
}

void LaneRunner::settle(std::shared_ptr<Settlement> settlement) {
  auto settled = settlement->settled;
  auto audit = settlement->audit;
  around_->store.settle(config_.connector, std::move(settled), std::move(audit),
                        [weak = weak_from_this(), settlement](const store::Result<store::Settled>& result) {
                          const auto self = weak.lock();
                          if (self && !self->abandoned_) self->on_settled(settlement, result);
                        });
}

void LaneRunner::on_settled(const std::shared_ptr<Settlement>& settlement,
                            const store::Result<store::Settled>& result) {
  if (!result) {
    const auto& error = result.error();
    const bool sick = around_->store.fault().has_value() || error.fault == store::Fault::full ||
                      error.fault == store::Fault::io || error.fault == store::Fault::closed;
    if (sick || ++settlement->refusals < kRefusals) {
      if (!std::exchange(told_unsettled_, true))
        log::error("delivery.unsettled", error.message,
                   {{"connector", config_.connector}, {"ticket", settlement->ticket}});
      unsettled_.push_back(settlement);
      return pump_soon();
    }
    log::error("delivery.settle_refused", error.message,
               {{"connector", config_.connector}, {"first_seq", settlement->settled.front().seq}});
  }
  told_unsettled_ = false;
  std::size_t mailbox = 0;
  for (const auto& item : settlement->settled)
    if (const auto* entry = std::get_if<store::Settle::Mailbox>(&item.what); entry != nullptr && mailbox++ == 0)
      log::warning("delivery.mailbox", entry->reason,
                   {{"connector", config_.connector}, {"seq", item.seq}, {"cause", entry->cause}});
  // Only now: whoever starts after a death in between must still ask what became of it.
  for (const auto place : settlement->flights) around_->flights.end(place);
  backlog_.left(lane_.settled(settlement->ticket, now()));
  if (result && !result->handed_over.empty()) around_->handed_over(result->handed_over);
  pump_soon();
  around_->quieter();
}

LaneState LaneRunner::state() const {
  const auto state = lane_.state(now());
  if (state != LaneState::draining || !lane_.drained() || !lane_.quiet()) return state;
  return backlog_.read_upto(lane_.operators_hold()->upto) ? LaneState::drained : state;
}

void LaneRunner::announce() {
  const auto state = this->state();
  const auto loud = [](LaneState one) {
    return one != LaneState::idle && one != LaneState::delivering && one != LaneState::backing_off &&
           one != LaneState::stopped;
  };
  if (state == announced_ || (!loud(state) && !loud(announced_))) return;
  announced_ = state;
  const auto reason = lane_.reason(now());
  if (state == LaneState::held)
    log::warning("lane.held", reason, {{"connector", config_.connector}, {"owner", config_.owner}});
  else if (state == LaneState::on_hold)
    log::warning("lane.on_hold", reason, {{"connector", config_.connector}});
  else if (state == LaneState::draining)
    log::info("lane.draining", reason, {{"connector", config_.connector}});
  else if (state == LaneState::drained)
    log::warning("lane.drained", "what came later waits", {{"connector", config_.connector}});
  else if (state == LaneState::throttled)
    log::info("lane.throttled", reason, {{"connector", config_.connector}});
  else if (state == LaneState::breaker_open)
    log::warning("lane.breaker_open", reason, {{"connector", config_.connector}});
  else
    log::info("lane.recovered", "deliveries go on", {{"connector", config_.connector}, {"state", to_string(state)}});
}

LaneStatus LaneRunner::status() const {
  const auto at = now();
  LaneStatus out;
  out.connector = config_.connector;
  out.state = state();
  out.reason = lane_.reason(at);
  out.owner = config_.owner;
  out.window = lane_.size();
  out.in_flight = lane_.sending();
  out.oldest_received_at = lane_.oldest_received_at();
  if (const auto next = lane_.next_attempt(at)) out.next_attempt_at = around_->clock.wall() + (*next - at);
  stats_.write_to(out);
  return out;
}

}  // namespace wardex::deliver
