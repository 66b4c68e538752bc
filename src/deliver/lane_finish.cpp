// What comes of attempts: for the lane (is the receiver well?) and for each event (does it leave, and if not, when is
// it tried again?).
#include <algorithm>
#include <utility>

#include "deliver/lane.hpp"

namespace wardex::deliver {
namespace {

template <class T>
bool all(const AttemptReport& report) {
  return std::all_of(report.items.begin(), report.items.end(),
                     [](const ItemVerdict& verdict) { return std::holds_alternative<T>(verdict); });
}

template <class T>
const T* first(const AttemptReport& report) {
  for (const auto& verdict : report.items)
    if (const T* found = std::get_if<T>(&verdict)) return found;
  return nullptr;
}

/// The link after a delivery: what the connector said, over what was known. nullopt: it said nothing.
std::optional<Link> merged(const Delivered& said, const std::optional<Link>& known) {
  if (said.external_ref.empty() && said.url.empty() && said.state.empty()) return std::nullopt;
  Link link = known.value_or(Link{});
  if (!said.external_ref.empty()) link.external_ref = said.external_ref;
  if (!said.url.empty()) link.url = said.url;
  if (!said.state.empty()) link.state = said.state;
  return link;
}

}  // namespace

std::vector<store::Settle> Lane::finish(Ticket ticket, const AttemptReport& report, MonoTime now, WallTime wall) {
  auto& pending = tickets_.at(ticket);
  --sending_;
  if (pending.suspect) --suspects_sending_;
  filling_.reset();
  if (report.requests > 1) bucket_.take(now, report.requests - 1);
  const bool current = pending.generation == generation_;
  if (current) {
    learn(pending, report, now);
    note_quota(report, now);
    share_memory(now);
  }

  // One draw for the whole batch: what failed together comes due together, as a batch again.
  const double u = jitter_.next();
  std::vector<store::Settle> out;
  out.reserve(pending.fates.size());
  for (std::size_t i = 0; i < pending.fates.size(); ++i) {
    out.push_back(judge(pending.fates[i], report, i, current, u, now, wall));
    if (pending.fates[i].leaves) window_.let_go(*pending.fates[i].item);
  }
  // After the items, which keep their places.
  for (const auto& fate : pending.fates)
    for (const auto* older : fate.delivered ? fate.item->absorbed : std::vector<Window::Item*>{})
      out.push_back({older->seq, fate.item->subject->name, store::Settle::Coalesced{fate.item->seq}});
  return out;
}

/// Requests under way when the receiver counted may or may not be among those it counted: they are taken as not.
void Lane::note_quota(const AttemptReport& report, MonoTime now) {
  if (!report.quota) return;
  const auto left = report.quota->remaining;
  const auto lasts = std::min(report.quota->resets_in, rules_.policy.retry.give_up_after);
  quota_ = QuotaLeft{left - std::min<std::uint64_t>(left, sending_), now + lasts};
}

void Lane::learn(const Pending& ticket, const AttemptReport& report, MonoTime now) {
  if (report.unrenderable) return;  // the receiver was not asked
  if (const auto* retry = first<Retry>(report); retry != nullptr && all<Retry>(report)) {
    outage_reason_ = retry->reason;
    Breaker::Failure failure{ticket.probe, std::nullopt, retry->after};
    if (report.reached) failure.suspect = ticket.fates.front().item->seq;
    if (!held_) breaker_.failed(failure, now, jitter_.next());
    if (held_ && ticket.probe) hold_probe_at_ = now + rules_.policy.hold_probe;
    if (held_ && retry->after)
      hold_probe_at_ = std::max(hold_probe_at_, now + throttle_pause(rules_.policy.retry, *retry->after));
    return;
  }
  if (all<Unauthorised>(report)) {
    breaker_.succeeded();  // somebody answered; what is wrong is ours
    return hold_for_credentials(report, now);
  }
  const bool was_held = held_;
  const bool closed = breaker_.succeeded();
  if (first<Throttled>(report) != nullptr) throttle(report, now);
  // A receiver may throttle before it looks at credentials: only a decision about an event ends a hold.
  if (first<Delivered>(report) != nullptr || first<Rejected>(report) != nullptr) {
    if (closed || was_held) recovered(now);
  } else if (was_held && ticket.probe) {
    hold_probe_at_ = now + rules_.policy.hold_probe;
  }
}

void Lane::throttle(const AttemptReport& report, MonoTime now) {
  for (const auto& verdict : report.items) {
    const auto* throttled = std::get_if<Throttled>(&verdict);
    if (throttled == nullptr) continue;
    const auto pause = throttle_pause(rules_.policy.retry, throttled->after.value_or(rules_.policy.throttle_default));
    throttled_until_ = std::max(throttled_until_, now + pause);
    throttle_reason_ = throttled->reason;
  }
  breaker_.slow_start();
}

void Lane::hold_for_credentials(const AttemptReport& report, MonoTime now) {
  held_ = true;
  hold_reason_ = first<Unauthorised>(report)->reason;
  hold_probe_at_ = now + rules_.policy.hold_probe;
  breaker_.slow_start();
}

store::Settle::Again Lane::again(const Window::Item& item, std::string_view reason, MonoTime at, MonoTime now,
                                 WallTime wall) const {
  store::Settle::Again out;
  out.attempts = item.attempts;
  out.unknown = item.unknown;
  out.last_error = reason;
  if (at > now) out.next_attempt_at = wall + (at - now);
  return out;
}

store::Settle Lane::judge(Fate& fate, const AttemptReport& report, std::size_t index, bool current, double u,
                          MonoTime now, WallTime wall) {
  auto& item = *fate.item;
  const ItemVerdict& verdict = report.items[index];
  const auto& policy = rules_.policy;
  const auto settle = [&item](auto what) { return store::Settle{item.seq, item.subject->name, std::move(what)}; };
  const auto stay = [&](std::string_view why, MonoTime due, MonoTime shown) {
    fate.not_before = due;
    return settle(again(item, why, shown, now, wall));
  };
  const auto leave = [&](std::string cause, std::string why) {
    fate.leaves = true;
    return settle(store::Settle::Mailbox{std::move(cause), std::move(why), item.attempts, fallback_for(item)});
  };

  if (const auto* delivered = std::get_if<Delivered>(&verdict)) {
    fate.leaves = fate.delivered = true;
    auto link = merged(*delivered, item.subject->link);
    if (link) window_.remember_link(*item.subject, *link);
    return settle(store::Settle::Delivered{std::move(link)});
  }
  if (const auto* throttled = std::get_if<Throttled>(&verdict))
    return stay(throttled->reason, now, current ? throttled_until_ : now);

  const std::size_t batch = report.items.size();
  const bool shared = !report.partial && batch > 1;
  if (const auto* refused = std::get_if<Unauthorised>(&verdict);
      refused != nullptr && (!report.partial || all<Unauthorised>(report))) {
    if (!current) return stay(refused->reason, now, now);
    // Let another event be the next probe: this one may be the only one that is refused.
    return stay(refused->reason, now + 2 * policy.hold_probe, hold_probe_at_);
  }
  if (const auto* rejected = std::get_if<Rejected>(&verdict)) {
    if (shared) {
      // One bad event must not take the whole batch with it: halves, until those that are refused stand alone.
      item.batch_cap = std::max<std::size_t>(1, batch / 2);
      return stay(rejected->reason, now, now);
    }
    if (report.unrenderable) return leave("unrenderable", rejected->reason);
    ++item.attempts;
    return leave("rejected", rejected->reason);
  }

  return charge(fate, report, index, u, now, wall);
}

/// An outage, or in a partial result an item refused for reasons of its own.
store::Settle Lane::charge(Fate& fate, const AttemptReport& report, std::size_t index, double u, MonoTime now,
                           WallTime wall) {
  auto& item = *fate.item;
  const auto& policy = rules_.policy.retry;
  const std::string why(wardex::reason(report.items[index]));
  const std::size_t batch = report.items.size();
  ++item.attempts;
  item.unknown = item.unknown || report.may_have_acted;
  if (!report.partial && batch > 1 && report.reached) item.batch_cap = std::max<std::size_t>(1, batch / 2);
  if (expired(item, now)) {
    fate.leaves = true;
    auto reason = "not delivered within " + format_duration(policy.give_up_after) + ": " + why;
    return {item.seq, item.subject->name,
            store::Settle::Mailbox{"gave_up", std::move(reason), item.attempts, fallback_for(item)}};
  }
  const auto* retry = std::get_if<Retry>(&report.items[index]);
  fate.not_before = now + retry_delay(policy, item.attempts, retry != nullptr ? retry->after : std::nullopt, u);
  return {item.seq, item.subject->name, again(item, why, fate.not_before, now, wall)};
}

std::vector<store::Seq> Lane::settled(Ticket ticket, MonoTime now) {
  const auto found = tickets_.find(ticket);
  std::vector<store::Seq> gone;
  filling_.reset();
  for (const auto& fate : found->second.fates) {
    auto& item = *fate.item;
    if (fate.delivered || stopped_) {
      for (auto* older : std::exchange(item.absorbed, {})) {
        if (fate.delivered) gone.push_back(older->seq);
        window_.remove(*older, now);
      }
    } else {
      window_.give_back(item, now);
    }
    if (fate.leaves) gone.push_back(item.seq);
    if (!fate.leaves) window_.release(item, fate.not_before, now);
    if (fate.leaves || stopped_) window_.remove(item, now);
  }
  tickets_.erase(found);
  return gone;
}

}  // namespace wardex::deliver
