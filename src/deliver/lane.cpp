// The lane up to the start of an attempt: the window and the gates. What comes of attempts is in lane_finish.cpp.
#include "deliver/lane.hpp"

#include <algorithm>
#include <utility>

namespace wardex::deliver {
namespace {

/// How many finished attempts may wait for the store's commit: enough to keep the receiver busy meanwhile, few enough
/// that a crash then repeats little.
std::size_t settling_limit(const LanePolicy& policy) { return 64 + 8 * policy.concurrency; }
constexpr std::size_t kGiveUpAtOnce = 256;
/// An age that no clock jump can stretch into an overflow.
constexpr std::chrono::hours kOldest{24 * 3650};

}  // namespace

Lane::Lane(const LaneRules& rules, std::uint64_t seed, std::shared_ptr<BodyMemory> memory)
    : rules_(rules),
      window_(window_rules(rules), std::move(memory)),
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
  window_.configure(window_rules(rules), now);
  breaker_.configure(rules.policy.breaker_threshold, rules.policy.retry);
  bucket_.configure(rules.policy.rate_per_second, rules.policy.rate_burst);
  filling_.reset();
  if (!lifted) return;
  ++generation_;  // attempts under way still speak of the old settings
  throttled_until_ = MonoTime::min();
  quota_.reset();
  breaker_.reset();
  recovered(now);
  share_memory(now);
}

/// The memory for bodies is for lanes that deliver.
void Lane::share_memory(MonoTime now) {
  const bool on_hold = operators_hold_ && operators_hold_->upto == 0;
  window_.delivers(!probing() && !on_hold, now);
}

Window::Rules Lane::window_rules(const LaneRules& rules) {
  return {.ordered_batches = rules.batch.ordered, .needs_links = rules.needs_links, .coalesces = rules.coalesces};
}

void Lane::hold(std::optional<Hold> hold, MonoTime now) {
  if (operators_hold_ && !hold) amnesty_ = now;
  operators_hold_ = std::move(hold);
  filling_.reset();
  if (!operators_hold_ || operators_hold_->upto > 0) window_.hasten_all(now);
  share_memory(now);
}

store::Seq Lane::upto() const {
  return operators_hold_ ? operators_hold_->upto : std::numeric_limits<store::Seq>::max();
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
  const auto since = item.queued_at.value_or(item.received_at);
  const auto age = std::clamp<std::chrono::nanoseconds>(wall - since, std::chrono::nanoseconds{0}, kOldest);
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
  if (out_of_quota(now)) at = std::max(at, quota_->resets_at);
  return std::max(at, throttled_until_);
}

/// Older than give_up_after allows.
bool Lane::expired(const Window::Item& item, MonoTime now) const {
  return now - std::max(item.since, amnesty_) >= rules_.policy.retry.give_up_after;
}

std::string Lane::fallback_for(const Window::Item& item) const {
  const auto& fallback = rules_.policy.fallback;
  return fallback && item.fallback_to.empty() && fallback->takes(item.kind, item.severity) ? fallback->to : "";
}

Step Lane::next(MonoTime now, bool suspects) {
  if (stopped_) return Nothing{};
  if (window_.advance(now)) filling_.reset();
  if (operators_hold_ && operators_hold_->upto == 0) return Nothing{};
  if (!unreadable_.empty()) return give_up_unreadable();
  if (window_.empty() || tickets_.size() - sending_ >= settling_limit(rules_.policy)) return Nothing{};
  // A suspect may hang, or worse: it takes no other's place.
  if (sending_ - suspects_sending_ >= (probing() ? 1 : breaker_.allowance(rules_.policy.concurrency))) return Nothing{};

  const MonoTime opens = gate(now);
  if (opens > now) {
    if (!breaker_.open() || held_) return WaitUntil{opens};
    // Nobody but the probe is tried during an outage, so age must be noticed here.
    auto* oldest = window_.first_due();
    if (oldest == nullptr) return WaitUntil{opens};
    if (expired(*oldest, now)) return give_up(now);
    return WaitUntil{std::min(opens, std::max(oldest->since, amnesty_) + rules_.policy.retry.give_up_after)};
  }
  // A probe must not wait for the backoff of the one event there is to probe with.
  if (probing() && !window_.anything_due()) window_.hasten_first(now);

  auto* suspect = suspects ? window_.first_suspect() : nullptr;
  if (suspect != nullptr && !Window::within(*suspect, upto())) suspect = nullptr;
  auto* first = window_.first_ready();
  if (first != nullptr && operators_hold_ && window_.pick(1, 0, upto(), now).items.empty()) first = nullptr;
  if (first == nullptr && suspect == nullptr) {
    const auto due = window_.next_due();
    if (due) return WaitUntil{*due};
    return Nothing{};
  }
  if (const auto ready = bucket_.ready_at(now); ready > now) return WaitUntil{ready};
  if (suspect != nullptr) {
    Window::Pick alone;
    alone.items.push_back(suspect);
    return begin(alone, now);
  }
  return start(now);
}

Step Lane::start(MonoTime now) {
  if (filling_ && now < filling_->until && !probing()) return WaitUntil{filling_->until};
  filling_.reset();
  const auto& batch = rules_.batch;
  const auto pick = window_.pick(probing() ? 1 : batch.max_events, batch.max_bytes, upto(), now);
  if (!probing() && !pick.full && batch.max_age > Millis{0}) {
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
  return begin(pick, now);
}

Step Lane::begin(const Window::Pick& pick, MonoTime now) {
  Start out;
  out.probe = probing();
  out.suspect = pick.items.front()->deaths > 0;
  out.ticket = open_ticket(pick.items, out.probe);
  out.items.reserve(pick.items.size());
  for (const auto* item : pick.items) {
    auto& one = out.items.emplace_back();
    one.seq = item->seq;
    one.attempts = item->attempts;
    one.previous_unknown = item->unknown || item->cold;
    one.coalesced = item->absorbed.size();
    one.stands_in_for = item->stands_in_for;
    one.also_sent_via = item->fallback_to;
    one.event = item->event;
    one.link = item->subject->link;
  }
  bucket_.take(now);
  if (quota_ && quota_->left > 0) --quota_->left;
  ++sending_;
  if (out.suspect) {
    ++suspects_sending_;
    tickets_.at(out.ticket).suspect = true;
  }
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

/// During an outage, in which nobody but the probe is tried. Otherwise an event leaves for its age only with another
/// failure: after a standstill, of the receiver or of this process, all may be well again.
Step Lane::give_up(MonoTime now) {
  std::string reason = "not delivered within " + format_duration(rules_.policy.retry.give_up_after);
  if (!outage_reason_.empty()) reason += "; last failure: " + outage_reason_;
  GiveUp out;
  out.ticket = open_ticket({}, false);
  auto& fates = tickets_.at(out.ticket).fates;
  // As many as there are in one transaction: behind a long outage there are thousands.
  while (fates.size() < kGiveUpAtOnce) {
    auto* item = window_.first_due();
    if (item == nullptr || !expired(*item, now)) break;
    window_.take({item});
    fates.push_back({item, true, false, {}});
    out.settled.push_back({item->seq, item->subject->name,
                           store::Settle::Mailbox{"gave_up", reason, item->attempts, fallback_for(*item)}});
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
        {seq, item->subject->name,
         store::Settle::Mailbox{"unrenderable", std::move(reason), item->attempts, fallback_for(*item)}});
  }
  unreadable_.clear();
  out.ticket = open_ticket(items, false);
  for (auto& fate : tickets_.at(out.ticket).fates) fate.leaves = true;
  return out;
}

std::vector<store::Seq> Lane::wanted(std::size_t chunk, MonoTime now) {
  if (stopped_ || (operators_hold_ && operators_hold_->upto == 0)) return {};
  window_.advance(now);
  const std::size_t ready = window_.ready();
  if (ready > 0) {
    const std::size_t batches = 2 * rules_.policy.concurrency * std::max<std::size_t>(rules_.batch.max_events, 1);
    const bool closed = gate(now) > now;
    if (closed || ready >= std::clamp<std::size_t>(batches, 16, 1024) || !window_.room_for_bodies()) return {};
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

void Lane::covered(const std::vector<store::Seq>& seqs, MonoTime now) {
  if (rules_.policy.fallback) window_.covered(seqs, rules_.policy.fallback->to, now);
}

LaneState Lane::state(MonoTime now) const {
  if (stopped_) return LaneState::stopped;
  if (operators_hold_ && operators_hold_->upto == 0) return LaneState::on_hold;
  if (held_) return LaneState::held;
  if (throttled_until_ > now || out_of_quota(now)) return LaneState::throttled;
  if (breaker_.open()) return LaneState::breaker_open;
  if (operators_hold_) return LaneState::draining;
  if (sending_ > 0 || window_.anything_due()) return LaneState::delivering;
  if (window_.next_due()) return LaneState::backing_off;
  return quiet() ? LaneState::idle : LaneState::delivering;
}

std::string Lane::reason(MonoTime now) const {
  switch (state(now)) {
    case LaneState::held:
      return hold_reason_;
    case LaneState::on_hold:
    case LaneState::draining:
      return operators_hold_->reason;
    case LaneState::throttled:
      return throttled_until_ > now ? throttle_reason_ : "the receiver's own limit is used up";
    case LaneState::breaker_open:
    case LaneState::backing_off:
      return outage_reason_;
    default:
      return {};
  }
}

std::optional<MonoTime> Lane::next_attempt(MonoTime now) const {
  if (stopped_ || window_.empty() || (operators_hold_ && operators_hold_->upto == 0)) return std::nullopt;
  if (const auto opens = gate(now); opens > now) return opens;
  if (window_.anything_due()) return std::nullopt;
  return window_.next_due();
}

}  // namespace wardex::deliver
