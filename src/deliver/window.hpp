// The deliveries of one lane that are in memory, in order per subject: of each subject only the first may go; the
// others wait behind it, and other subjects overtake freely. Pure; O(log n) per operation.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "deliver/link_cache.hpp"
#include "store/store.hpp"
#include "wardex/event.hpp"

namespace wardex::deliver {

/// A pending delivery as it enters a lane.
struct NewItem {
  store::Seq seq = 0;
  std::string subject;
  Severity severity = Severity::info;
  std::uint32_t attempts = 0;
  MonoTime not_before = MonoTime::min();
  WallTime received_at{};
  bool unknown = false;                ///< an attempt may have reached the receiver
  bool cold = false;                   ///< left by an earlier process, which may have died in the middle of an attempt
  std::shared_ptr<const Event> event;  ///< null: to be read from the store when its turn comes
};

class Window {
 public:
  struct Item;
  enum class Place : std::uint8_t { none, ready, delayed, unloaded, fetching };
  /// One case (or one event without a case) and its queue.
  struct Subject {
    std::string name;
    std::map<store::Seq, Item*> queue;  // those under way included
    std::size_t under_way = 0;          // how many of them
    Place place = Place::none;          // of the first in the queue
    Item* placed = nullptr;
    bool link_known = false;
    std::optional<Link> link;
  };
  struct Item {
    store::Seq seq = 0;
    Subject* subject = nullptr;
    Severity severity = Severity::info;
    std::uint32_t attempts = 0;
    bool unknown = false;
    bool cold = false;
    bool fetching = false;
    bool under_way = false;
    std::size_t batch_cap = std::numeric_limits<std::size_t>::max();  ///< goes in batches of at most so many
    WallTime received_at{};
    MonoTime received{};                   ///< the same on the monotonic clock: ages survive clock jumps
    MonoTime added{};                      ///< when it became part of the window
    MonoTime failed_at = MonoTime::min();  ///< last failure charged to it in this process
    MonoTime not_before = MonoTime::min();
    std::shared_ptr<const Event> event;
    std::size_t bytes = 0;  ///< of the event's original
  };

  /// `ordered_batches`: several of one subject may go in one batch. `needs_links`: an item may only go once its
  /// subject's link is known.
  Window(bool ordered_batches, bool needs_links) : ordered_(ordered_batches), needs_links_(needs_links) {}
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  void configure(bool ordered_batches, bool needs_links, MonoTime now);

  /// False: already here. `received` is the arrival on the monotonic clock.
  bool add(NewItem item, MonoTime received, MonoTime now);
  [[nodiscard]] bool contains(store::Seq seq) const { return items_.contains(seq); }
  [[nodiscard]] Item* find(store::Seq seq);

  /// Moves what has become due; true if anything did.
  bool advance(MonoTime now);
  [[nodiscard]] std::optional<MonoTime> next_due() const;
  /// Makes every waiting retry due now.
  void hasten_all(MonoTime now);
  /// Makes the retry that is due first due now.
  void hasten_first(MonoTime now);

  /// Due, in memory, first of its subject; by seq. Null when there is none.
  [[nodiscard]] Item* first_ready() const { return ready_.empty() ? nullptr : ready_.begin()->second; }
  /// The oldest that is due, in memory or not.
  [[nodiscard]] Item* first_due() const;
  [[nodiscard]] std::size_t ready() const { return ready_.size(); }
  [[nodiscard]] bool anything_due() const { return !ready_.empty() || !unloaded_.empty() || fetching_ > 0; }

  struct Pick {
    std::vector<Item*> items;
    std::size_t bytes = 0;
    bool full = false;  ///< no more would fit
  };
  /// The next batch, still untaken: at least one item if any is ready. By seq.
  [[nodiscard]] Pick pick(std::size_t max_events, std::size_t max_bytes, MonoTime now) const;
  /// Under way from now on: their subjects wait.
  void take(const std::vector<Item*>& items);
  /// No longer under way, to be tried again at `not_before`.
  void release(Item& item, MonoTime not_before, MonoTime now);
  /// No longer pending.
  void remove(Item& item, MonoTime now);
  /// Forgets everything that is not under way.
  void clear(MonoTime now);

  /// Up to `limit` due items whose bodies (or links) are to be read from the store; they count as being fetched until
  /// loaded or failed.
  std::vector<store::Seq> fetch(std::size_t limit);
  void loaded(store::Seq seq, std::shared_ptr<const Event> event, std::optional<Link> link, MonoTime now);
  void fetch_failed(store::Seq seq, MonoTime now);
  void remember_link(Subject& subject, Link link);

  [[nodiscard]] std::size_t size() const { return items_.size(); }
  [[nodiscard]] bool empty() const { return items_.empty(); }
  /// Memory held by bodies, roughly.
  [[nodiscard]] std::size_t held_bytes() const { return held_bytes_; }
  /// Bodies beyond this are not kept when they are offered, but read again when their turn comes.
  static constexpr std::size_t kHeldBytes = 4UL * 1024 * 1024;
  [[nodiscard]] std::optional<WallTime> oldest_received_at() const;

 private:
  [[nodiscard]] bool complete(const Item& item) const {
    return item.event != nullptr && (!needs_links_ || item.subject->link_known);
  }
  void hold(Item& item, std::shared_ptr<const Event> event);
  void let_go(Item& item);
  void place(Subject& subject, MonoTime now);
  void unplace(Subject& subject);
  void leave_queue(Item& item);
  void erase_if_empty(Subject& subject);

  bool ordered_;
  bool needs_links_;
  std::unordered_map<store::Seq, Item> items_;
  std::unordered_map<std::string, std::unique_ptr<Subject>> subjects_;
  // Firsts of their subjects, by what they wait for.
  std::map<store::Seq, Item*> ready_;
  std::map<store::Seq, Item*> unloaded_;
  std::set<std::pair<MonoTime, store::Seq>> delayed_;
  std::size_t fetching_ = 0;
  std::size_t held_bytes_ = 0;
  LinkCache links_;
};

}  // namespace wardex::deliver
