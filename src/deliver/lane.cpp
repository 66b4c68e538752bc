// The lane up to the start of an attempt: the window and the gates. What comes of attempts is in lane_finish.cpp.
#include "deliver/lane.hpp"

#include <algorithm>

namespace wardex::deliver {
namespace {

/// How many finished attempts may wait for the store's commit: enough to keep the receiver busy meanwhile, few enough
/// that a crash then repeats little.
std::size_t settling_limit(const LanePolicy& policy) { return 64 + 8 * policy.concurrency; }
constexpr std::size_t kGiveUpAtOnce = 256;
/// An age that no clock jump can stretch into an overflow.
constexpr std::chrono::hours kOldest{24 * 3650};

}  // namespace

Lane::Lane(const LaneRules& rules, std::uint64_t seed)
    : rules_(rules),
      window_(rules.ordered_batches, rules.mirrors_state),
      breaker_(rules.policy.breaker_threshold, rules.policy.retry),
      bucket_(rules.policy.rate_per_second, rules.policy.rate_burst),
      jitter_(seed) {
  rules_.policy.concurrency = std::max<std::size_t>(rules_.policy.concurrency, 1);
  rules_.policy.window = std::max<std::size_t>(rules_.policy.window, 1);
}

void Lane::configure(const LaneRules& rules, bool lifted, MonoTime now) {
  rules_ = rules;
  rules_.policy.concurrency = std::max<std::size_t>(rules_.policy.concurrency, 1);
  rules_.policy.window = std::max<std::size_t>(rules_.policy.window, 1);
  window_.configure(rules.ordered_batches, rules.mirrors_state, now);
  breaker_.configure(rules.policy.breaker_threshold, rules.policy.retry);
  bucket_.configure(rules.policy.rate_per_second, rules.policy.rate_burst);
  filling_.reset();
  if (!lifted) return;
  ++generation_;  // attempts under way still speak of the old settings
  throttled_until_ = MonoTime::min();
  breaker_.reset();
  recovered(now);
}

void Lane::recovered(MonoTime now) {
  if (held_) amnesty_ = now;
  held_ = false;
  breaker_.slow_start();
  window_.hasten_all(now);
}

void Lane::stop(MonoTime now) {
  stopped_ = true;
  unreadable_.clear();
  filling_.reset();
  window_.clear(now);
}

bool Lane::add(NewItem item, MonoTime now, WallTime wall) {
  const auto age = std::clamp<std::chrono::nanoseconds>(wall - item.received_at, std::chrono::nanoseconds{0}, kOldest);
  const std::size_t bytes = item.event ? item.event->original.size() : 0;
  if (!window_.add(std::move(item), now - age, now)) return false;
  if (filling_) {
    filling_->events_missing -= std::min<std::size_t>(filling_->events_missing, 1);
    filling_->bytes_missing -= std::min(filling_->bytes_missing, bytes);
    if (filling_->events_missing == 0 || filling_->bytes_missing == 0) filling_.reset();
  }
  return true;
}

MonoTime Lane::gate(MonoTime now) const {
  MonoTime at = now;
  if (breaker_.open()) at = std::max(at, breaker_.probe_at());
  if (held_) at = std::max(at, hold_probe_at_);
  return std::max(at, throttled_until_);
}

/// Older than give_up_after allows.
bool Lane::expired(const Window::Item& item, MonoTime now) const {
  return now - item.received >= rules_.policy.retry.give_up_after;
}

/// Without another try: it had one, and not only before a hold (during which nobody could deliver it).
bool Lane::given_up(const Window::Item& item, MonoTime now) const {
  return item.attempts > 0 && expired(item, now) && item.failed_at >= amnesty_;
}

Step Lane::next(MonoTime now) {
  if (stopped_) return Nothing{};
  if (window_.advance(now)) filling_.reset();
  if (!unreadable_.empty()) return give_up_unreadable();
  if (window_.empty() || tickets_.size() - sending_ >= settling_limit(rules_.policy)) return Nothing{};
  if (sending_ >= (probing() ? 1 : breaker_.allowance(rules_.policy.concurrency))) return Nothing{};

  const MonoTime opens = gate(now);
  if (opens > now) {
    if (!breaker_.open() || held_) return WaitUntil{opens};
    // Nobody but the probe is tried during an outage, so age must be noticed here.
    auto* oldest = window_.first_due();
    if (oldest == nullptr) return WaitUntil{opens};
    if (expired(*oldest, now)) return give_up(now);
    return WaitUntil{std::min(opens, oldest->received + rules_.policy.retry.give_up_after)};
  }
  // A probe must not wait for the backoff of the one event there is to probe with.
  if (probing() && !window_.anything_due()) window_.hasten_first(now);

  if (window_.first_ready() == nullptr) {
    const auto due = window_.next_due();
    if (due) return WaitUntil{*due};
    return Nothing{};
  }
  if (given_up(*window_.first_ready(), now)) return give_up(now);
  if (const auto ready = bucket_.ready_at(now); ready > now) return WaitUntil{ready};
  return start(now);
}

Step Lane::start(MonoTime now) {
  if (filling_ && now < filling_->until && !probing()) return WaitUntil{filling_->until};
  filling_.reset();
  const bool probe = probing();
  const auto& batch = rules_.batch;
  const auto pick = window_.pick(probe ? 1 : batch.max_events, batch.max_bytes, now);
  if (!probe && !pick.full && batch.max_age > Millis{0}) {
    MonoTime until = MonoTime::max();
    for (const auto* item : pick.items) {
      const bool retried = item->attempts > 0 || item->batch_cap < batch.max_events;
      until = std::min(until, retried ? now : item->added + batch.max_age);
    }
    if (until > now) {
      filling_ = Filling{until, batch.max_events - pick.items.size(), batch.max_bytes - pick.bytes};
      return WaitUntil{until};
    }
  }

  Start out;
  out.probe = probe;
  out.ticket = open_ticket(pick.items, probe);
  out.items.reserve(pick.items.size());
  for (const auto* item : pick.items)
    out.items.push_back({item->seq, item->attempts, item->unknown || item->cold, item->event, item->subject->link});
  bucket_.take(now);
  ++sending_;
  return out;
}

Ticket Lane::open_ticket(const std::vector<Window::Item*>& items, bool probe) {
  window_.take(items);
  Pending pending;
  pending.generation = generation_;
  pending.probe = probe;
  pending.fates.reserve(items.size());
  for (auto* item : items) pending.fates.push_back({item});
  tickets_.emplace(++last_ticket_, std::move(pending));
  return last_ticket_;
}

Step Lane::give_up(MonoTime now) {
  std::string reason = "not delivered within " + format_duration(rules_.policy.retry.give_up_after);
  if (!outage_reason_.empty()) reason += "; last failure: " + outage_reason_;
  GiveUp out;
  out.ticket = open_ticket({}, false);
  auto& fates = tickets_.at(out.ticket).fates;
  // As many as there are in one transaction: behind a long outage there are thousands.
  while (fates.size() < kGiveUpAtOnce) {
    auto* item = breaker_.open() ? window_.first_due() : window_.first_ready();
    if (item == nullptr || !(breaker_.open() ? expired(*item, now) : given_up(*item, now))) break;
    window_.take({item});
    fates.push_back({item, true, {}});
    out.settled.push_back({item->seq, item->subject->name, store::Settle::Mailbox{"gave_up", reason, item->attempts}});
  }
  return out;
}

Step Lane::give_up_unreadable() {
  GiveUp out;
  std::vector<Window::Item*> items;
  for (auto& [seq, reason] : unreadable_) {
    auto* item = window_.find(seq);
    if (item == nullptr || item->under_way) continue;
    items.push_back(item);
    out.settled.push_back(
        {seq, item->subject->name, store::Settle::Mailbox{"unrenderable", std::move(reason), item->attempts}});
  }
  unreadable_.clear();
  out.ticket = open_ticket(items, false);
  for (auto& fate : tickets_.at(out.ticket).fates) fate.leaves = true;
  return out;
}

std::vector<store::Seq> Lane::wanted(std::size_t chunk, MonoTime now) {
  if (stopped_) return {};
  window_.advance(now);
  const std::size_t ready = window_.ready();
  if (ready > 0) {
    const std::size_t batches = 2 * rules_.policy.concurrency * std::max<std::size_t>(rules_.batch.max_events, 1);
    const bool closed = gate(now) > now;
    if (closed || ready >= std::clamp<std::size_t>(batches, 16, 1024) || window_.held_bytes() >= Window::kHeldBytes)
      return {};
  }
  return window_.fetch(chunk);
}

void Lane::loaded(store::Seq seq, std::shared_ptr<const Event> event, std::optional<Link> link, MonoTime now) {
  filling_.reset();
  window_.loaded(seq, std::move(event), std::move(link), now);
}

void Lane::load_failed(store::Seq seq, MonoTime now) { window_.fetch_failed(seq, now); }

void Lane::unreadable(store::Seq seq, std::string reason, MonoTime now) {
  if (window_.find(seq) == nullptr) return;
  window_.fetch_failed(seq, now);
  unreadable_.emplace_back(seq, std::move(reason));
}

void Lane::forget(store::Seq seq, MonoTime now) {
  auto* item = window_.find(seq);
  if (item != nullptr && !item->under_way) window_.remove(*item, now);
}

LaneState Lane::state(MonoTime now) const {
  if (stopped_) return LaneState::stopped;
  if (held_) return LaneState::held;
  if (throttled_until_ > now) return LaneState::throttled;
  if (breaker_.open()) return LaneState::breaker_open;
  if (sending_ > 0 || window_.anything_due()) return LaneState::delivering;
  if (window_.next_due()) return LaneState::backing_off;
  return quiet() ? LaneState::idle : LaneState::delivering;
}

std::string Lane::reason(MonoTime now) const {
  switch (state(now)) {
    case LaneState::held:
      return hold_reason_;
    case LaneState::throttled:
      return throttle_reason_;
    case LaneState::breaker_open:
    case LaneState::backing_off:
      return outage_reason_;
    default:
      return {};
  }
}

std::optional<MonoTime> Lane::next_attempt(MonoTime now) const {
  if (stopped_ || window_.empty()) return std::nullopt;
  if (const auto opens = gate(now); opens > now) return opens;
  if (window_.anything_due()) return std::nullopt;
  return window_.next_due();
}

}  // namespace wardex::deliver
