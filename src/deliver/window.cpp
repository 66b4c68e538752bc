#include "deliver/window.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace wardex::deliver {
namespace {

/// A parsed event weighs about three times its text.
std::size_t weight(const Event& event) { return 1024 + 3 * event.original.size(); }

}  // namespace

void Window::configure(const Rules& rules, MonoTime now) {
  rules_ = rules;
  for (auto& [name, subject] : subjects_) {
    supersede(*subject, now);
    if (subject->under_way == 0) place(*subject, now);
  }
}

bool Window::add(NewItem item, MonoTime since, MonoTime now) {
  auto [entry, added] = items_.try_emplace(item.seq);
  if (!added) return false;
  auto& slot = subjects_[item.subject];
  if (!slot) {
    slot = std::make_unique<Subject>();
    slot->name = std::move(item.subject);
    if (const Link* link = links_.find(slot->name)) {
      slot->link = *link;
      slot->link_known = true;
    }
  }
  Item& added_item = entry->second;
  added_item.seq = item.seq;
  added_item.subject = slot.get();
  added_item.kind = item.kind;
  added_item.severity = item.severity;
  added_item.attempts = item.attempts;
  added_item.unknown = item.unknown;
  added_item.cold = item.cold;
  added_item.deaths = item.deaths;
  added_item.fallback_to = std::move(item.fallback_to);
  added_item.stands_in_for = std::move(item.stands_in_for);
  added_item.received_at = item.received_at;
  added_item.since = since;
  added_item.added = now;
  added_item.not_before = item.not_before;
  if (!added_item.fallback_to.empty()) ++slot->covered;
  // An event of no case is a subject of its own: before its first attempt there can be no link to it.
  if (item.event && item.event->case_id.empty() && item.attempts == 0) slot->link_known = true;
  if (item.event && room_for_bodies(weight(*item.event))) hold(added_item, std::move(item.event));
  enqueue(added_item);
  supersede(*slot, now);
  if (slot->placed == nullptr || item.seq < slot->placed->seq) place(*slot, now);
  return true;
}

Window::Item* Window::find(store::Seq seq) {
  const auto found = items_.find(seq);
  return found == items_.end() ? nullptr : &found->second;
}

bool Window::advance(MonoTime now) {
  bool any = false;
  while (!delayed_.empty() && delayed_.begin()->first <= now) {
    place(*items_.at(delayed_.begin()->second).subject, now);
    any = true;
  }
  return any;
}

std::optional<MonoTime> Window::next_due() const {
  if (delayed_.empty()) return std::nullopt;
  return delayed_.begin()->first;
}

void Window::hasten_first(MonoTime now) {
  if (delayed_.empty()) return;
  Item& item = items_.at(delayed_.begin()->second);
  unplace(*item.subject);  // before its key changes
  item.not_before = now;
  place(*item.subject, now);
}

void Window::hasten_all(MonoTime now) {
  while (!delayed_.empty()) hasten_first(now);
}

Window::Item* Window::first_due() const {
  Item* first = nullptr;
  for (const auto* place : {&ready_, &suspects_, &unloaded_})
    if (!place->empty() && (first == nullptr || place->begin()->first < first->seq)) first = place->begin()->second;
  return first;
}

bool Window::any_upto(store::Seq upto) const {
  return std::any_of(items_.begin(), items_.end(), [upto](const auto& item) { return item.first <= upto; });
}

Window::Pick Window::pick(std::size_t max_events, std::size_t max_bytes, store::Seq upto, MonoTime now) const {
  Pick out;
  std::size_t limit = std::max<std::size_t>(max_events, 1);
  for (auto head = ready_.begin(); head != ready_.end() && !out.full; ++head) {
    for (const auto& [seq, item] : head->second->subject->queue) {
      const bool first = item == head->second;
      if (!within(*item, upto)) break;
      if (!first && (!rules_.ordered_batches || item->event == nullptr || item->not_before > now || item->deaths > 0))
        break;
      if (out.items.size() >= std::min(limit, item->batch_cap)) break;
      if (!out.items.empty() && out.bytes + item->bytes > max_bytes) {
        out.full = true;
        break;
      }
      limit = std::min(limit, item->batch_cap);
      out.bytes += item->bytes;
      out.items.push_back(item);
    }
    out.full = out.full || out.items.size() >= limit;
  }
  if (rules_.ordered_batches)
    std::sort(out.items.begin(), out.items.end(), [](auto* a, auto* b) { return a->seq < b->seq; });
  return out;
}

void Window::take(const std::vector<Item*>& items) {
  for (Item* item : items) {
    Subject& subject = *item->subject;
    unplace(subject);
    ++subject.under_way;
    item->under_way = true;
    if (!item->is_state()) continue;
    for (auto older = subject.superseded.begin(); older != subject.superseded.end() && older->first < item->seq;) {
      older->second->superseded = false;
      older->second->under_way = true;
      item->absorbed.push_back(older->second);
      older = subject.superseded.erase(older);
    }
  }
}

void Window::release(Item& item, MonoTime not_before, MonoTime now) {
  item.not_before = not_before;
  item.deaths = 0;  // an attempt has ended
  // A body is worth its memory while it may go soon; a retry in minutes reads it again.
  if (not_before > now + Millis{1000}) let_go(item);
  item.under_way = false;
  Subject& subject = *item.subject;
  --subject.under_way;
  supersede(subject, now);
  if (subject.under_way == 0) place(subject, now);
}

void Window::enqueue(Item& item) {
  item.subject->queue.emplace(item.seq, &item);
  if (item.is_state()) ++item.subject->states;
}

void Window::dequeue(Item& item) {
  if (item.subject->queue.erase(item.seq) > 0 && item.is_state()) --item.subject->states;
}

/// Out of memory altogether; its place in the queue is given up before.
void Window::forget(Item& item) {
  let_go(item);
  if (!item.fallback_to.empty()) --item.subject->covered;
  items_.erase(item.seq);
}

void Window::erase_if_empty(Subject& subject) {
  if (!subject.queue.empty() || !subject.superseded.empty()) return;
  const auto found = subjects_.find(subject.name);
  subjects_.erase(found);
}

void Window::remove(Item& item, MonoTime now) {
  Subject& subject = *item.subject;
  if (item.superseded) {
    subject.superseded.erase(item.seq);
  } else {
    if (item.under_way && subject.queue.contains(item.seq)) --subject.under_way;
    unplace(subject);
    dequeue(item);
  }
  forget(item);
  reinstate(subject, now);
  if (subject.under_way == 0 && !subject.queue.empty()) place(subject, now);
  erase_if_empty(subject);
}

void Window::clear(MonoTime now) {
  for (auto entry = subjects_.begin(); entry != subjects_.end();) {
    Subject& subject = *entry->second;
    unplace(subject);
    for (const auto& [seq, item] : std::exchange(subject.superseded, {})) forget(*item);
    for (auto item = subject.queue.begin(); item != subject.queue.end();) {
      Item& candidate = *item->second;
      ++item;
      if (candidate.under_way) continue;
      dequeue(candidate);
      forget(candidate);
    }
    if (subject.queue.empty()) {
      entry = subjects_.erase(entry);
    } else {
      place(subject, now);
      ++entry;
    }
  }
}

std::vector<store::Seq> Window::fetch(std::size_t limit) {
  std::vector<store::Seq> out;
  while (out.size() < limit && !unloaded_.empty()) {
    Subject& subject = *unloaded_.begin()->second->subject;
    for (const auto& [seq, item] : subject.queue) {
      const bool first = item == subject.placed;
      if (!first && (!rules_.ordered_batches || out.size() >= limit || item->event != nullptr || item->fetching)) break;
      item->fetching = true;
      out.push_back(seq);
    }
    unplace(subject);
    subject.place = Place::fetching;
    subject.placed = subject.queue.begin()->second;
    ++fetching_;
  }
  return out;
}

void Window::loaded(store::Seq seq, std::shared_ptr<const Event> event, std::optional<Link> link, MonoTime now) {
  Item* item = find(seq);
  if (item == nullptr) return;
  item->fetching = false;
  Subject& subject = *item->subject;
  if (!item->event && !item->superseded) hold(*item, std::move(event));
  if (!subject.link_known) {
    subject.link_known = true;
    subject.link = std::move(link);
  }
  if (subject.under_way == 0) place(subject, now);
}

void Window::fetch_failed(store::Seq seq, MonoTime now) {
  Item* item = find(seq);
  if (item == nullptr) return;
  item->fetching = false;
  if (item->subject->under_way == 0) place(*item->subject, now);
}

void Window::remember_link(Subject& subject, Link link) {
  subject.link = link;
  subject.link_known = true;
  links_.put(subject.name, std::move(link));
}

std::optional<WallTime> Window::oldest_received_at() const {
  std::optional<WallTime> oldest;
  for (const auto& [seq, item] : items_)
    if (!oldest || item.received_at < *oldest) oldest = item.received_at;
  return oldest;
}

void Window::hold(Item& item, std::shared_ptr<const Event> event) {
  item.event = std::move(event);
  item.bytes = item.event->original.size();
  held_bytes_ += weight(*item.event);
  memory_->take(weight(*item.event));
}

void Window::let_go(Item& item) {
  if (!item.event) return;
  held_bytes_ -= weight(*item.event);
  memory_->give(weight(*item.event));
  item.event.reset();
}

void Window::delivers(bool does, MonoTime now) {
  if (std::exchange(delivers_, does) == does || does) return;
  for (auto& [seq, item] : items_)
    if (!item.under_way) let_go(item);
  for (auto& [name, subject] : subjects_)
    if (subject->under_way == 0) place(*subject, now);
}

void Window::place(Subject& subject, MonoTime now) {
  unplace(subject);
  if (subject.under_way > 0 || subject.queue.empty()) return;
  Item& first = *subject.queue.begin()->second;
  subject.placed = &first;
  if (first.not_before > now) {
    subject.place = Place::delayed;
    delayed_.emplace(first.not_before, first.seq);
  } else if (complete(first)) {
    subject.place = first.deaths > 0 ? Place::suspect : Place::ready;
    (first.deaths > 0 ? suspects_ : ready_).emplace(first.seq, &first);
  } else if (first.fetching) {
    subject.place = Place::fetching;
    ++fetching_;
  } else {
    subject.place = Place::unloaded;
    unloaded_.emplace(first.seq, &first);
  }
}

void Window::unplace(Subject& subject) {
  switch (subject.place) {
    case Place::none:
      break;
    case Place::ready:
      ready_.erase(subject.placed->seq);
      break;
    case Place::suspect:
      suspects_.erase(subject.placed->seq);
      break;
    case Place::delayed:
      delayed_.erase({subject.placed->not_before, subject.placed->seq});
      break;
    case Place::unloaded:
      unloaded_.erase(subject.placed->seq);
      break;
    case Place::fetching:
      --fetching_;
      break;
  }
  subject.place = Place::none;
  subject.placed = nullptr;
}

}  // namespace wardex::deliver
