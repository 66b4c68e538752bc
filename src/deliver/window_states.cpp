// The states of a case: which of them are set aside because a newer one waits, and which come back.
#include <iterator>

#include "deliver/window.hpp"

namespace wardex::deliver {

bool Window::within(const Item& item, store::Seq upto) {
  const auto& older = item.subject->superseded;
  return item.seq <= upto || (item.is_state() && !older.empty() && older.begin()->first <= upto);
}

void Window::give_back(Item& item, MonoTime now) {
  for (Item* older : item.absorbed) {
    older->under_way = false;
    older->superseded = true;
    item.subject->superseded.emplace(older->seq, older);
  }
  item.absorbed.clear();
  reinstate(*item.subject, now);
}

/// Sets aside every waiting state for which a newer one waits. Those that the fallback has got are stale in any lane.
void Window::supersede(Subject& subject, MonoTime now) {
  if (subject.states < 2 || (!rules_.coalesces && subject.covered == 0)) return;
  bool newest = true;
  std::vector<Item*> stale;
  for (auto entry = subject.queue.rbegin(); entry != subject.queue.rend(); ++entry) {
    Item& item = *entry->second;
    if (!item.is_state() || item.under_way) continue;
    if (!newest && (rules_.coalesces || !item.fallback_to.empty())) stale.push_back(&item);
    newest = false;
  }
  if (stale.empty()) return;
  unplace(subject);
  for (Item* item : stale) {
    dequeue(*item);
    let_go(*item);
    item->fetching = false;
    item->superseded = true;
    subject.superseded.emplace(item->seq, item);
  }
  if (subject.under_way == 0) place(subject, now);
}

/// The reverse: what no newer state waits for any more takes its place in the queue again.
void Window::reinstate(Subject& subject, MonoTime now) {
  if (subject.superseded.empty()) return;
  store::Seq newest = 0;
  for (const auto& [seq, item] : subject.queue)
    if (item->is_state()) newest = seq;
  const auto last = std::prev(subject.superseded.end());
  if (last->first < newest) return;
  Item& item = *last->second;
  subject.superseded.erase(last);
  item.superseded = false;
  unplace(subject);
  enqueue(item);
  if (subject.under_way == 0) place(subject, now);
}

void Window::covered(const std::vector<store::Seq>& seqs, const std::string& fallback, MonoTime now) {
  for (const auto seq : seqs) {
    Item* item = find(seq);
    if (item == nullptr || !item->fallback_to.empty()) continue;
    item->fallback_to = fallback;
    ++item->subject->covered;
    supersede(*item->subject, now);
  }
}

}  // namespace wardex::deliver
