// The deliveries of one lane that are in memory, in order per subject: of each subject only the first may go; the
// others wait behind it, and other subjects overtake freely. Where states of a case coalesce, a state that waits is set
// aside as soon as a newer one of its case waits as well: it goes when that one goes, as part of it. Pure; O(log n) per
// operation but for cases in which states coalesce.
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

#include "deliver/body_memory.hpp"
#include "deliver/link_cache.hpp"
#include "store/store.hpp"
#include "wardex/event.hpp"

namespace wardex::deliver {

/// A pending delivery as it enters a lane.
struct NewItem {
  store::Seq seq = 0;
  std::string subject;
  Kind kind = Kind::alert;
  Severity severity = Severity::info;
  std::uint32_t attempts = 0;
  MonoTime not_before = MonoTime::min();
  WallTime received_at{};
  std::optional<WallTime> queued_at;   ///< its age counts from here, if not from received_at
  bool unknown = false;                ///< an attempt may have reached the receiver
  bool cold = false;                   ///< left by an earlier process, which may have died in the middle of an attempt
  std::uint32_t deaths = 0;            ///< processes that died while it was under way
  std::string fallback_to{};           ///< the connector that got it as well
  std::string stands_in_for{};         ///< the connectors that did not take it
  std::shared_ptr<const Event> event;  ///< null: to be read from the store when its turn comes
};

class Window {
 public:
  struct Item;
  enum class Place : std::uint8_t { none, ready, suspect, delayed, unloaded, fetching };
  /// One case (or one event without a case) and its queue.
  struct Subject {
    std::string name;
    std::map<store::Seq, Item*> queue;       // those under way included
    std::map<store::Seq, Item*> superseded;  // states for which a newer one waits in the queue
    std::size_t under_way = 0;               // how many of the queue
    std::size_t states = 0;                  // in the queue
    std::size_t covered = 0;                 // of all: the fallback has them
    Place place = Place::none;               // of the first in the queue
    Item* placed = nullptr;
    bool link_known = false;
    std::optional<Link> link;
  };
  struct Item {
    store::Seq seq = 0;
    Subject* subject = nullptr;
    Kind kind = Kind::alert;
    Severity severity = Severity::info;
    std::uint32_t attempts = 0;
    bool unknown = false;
    bool cold = false;
    bool fetching = false;
    bool under_way = false;
    bool superseded = false;
    std::uint32_t deaths = 0;
    std::string fallback_to;
    std::string stands_in_for;
    std::vector<Item*> absorbed;  ///< while under way: the older states that go with it
    std::size_t batch_cap = std::numeric_limits<std::size_t>::max();  ///< goes in batches of at most so many
    WallTime received_at{};
    MonoTime since{};  ///< its age counts from here; monotonic, so ages survive clock jumps
    MonoTime added{};  ///< when it became part of the window
    MonoTime not_before = MonoTime::min();
    std::shared_ptr<const Event> event;
    std::size_t bytes = 0;  ///< of the event's original

    /// A case's state replaces the one before; an alert is a fact of its own, whatever case it belongs to.
    [[nodiscard]] bool is_state() const { return kind == Kind::case_; }
  };

  struct Rules {
    bool ordered_batches = false;  ///< several of one subject may go in one batch
    bool needs_links = false;      ///< an item may only go once its subject's link is known
    bool coalesces = false;        ///< of the states of a case that wait only the newest goes
  };
  Window(const Rules& rules, std::shared_ptr<BodyMemory> memory) : rules_(rules), memory_(std::move(memory)) {}
  ~Window() { memory_->give(held_bytes_); }
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  void configure(const Rules& rules, MonoTime now);

  /// False: already here. `since`: where its age counts from, on the monotonic clock.
  bool add(NewItem item, MonoTime since, MonoTime now);
  [[nodiscard]] bool contains(store::Seq seq) const { return items_.contains(seq); }
  [[nodiscard]] Item* find(store::Seq seq);

  /// Moves what has become due; true if anything did.
  bool advance(MonoTime now);
  [[nodiscard]] std::optional<MonoTime> next_due() const;
  /// Makes every waiting retry due now.
  void hasten_all(MonoTime now);
  /// Makes the retry that is due first due now.
  void hasten_first(MonoTime now);

  /// Due, in memory, first of its subject, and no suspect; by seq. Null when there is none.
  [[nodiscard]] Item* first_ready() const { return ready_.empty() ? nullptr : ready_.begin()->second; }
  /// The same among those that were under way when a process died.
  [[nodiscard]] Item* first_suspect() const { return suspects_.empty() ? nullptr : suspects_.begin()->second; }
  /// The oldest that is due, in memory or not.
  [[nodiscard]] Item* first_due() const;
  [[nodiscard]] std::size_t ready() const { return ready_.size(); }
  [[nodiscard]] bool anything_due() const {
    return !ready_.empty() || !suspects_.empty() || !unloaded_.empty() || fetching_ > 0;
  }

  struct Pick {
    std::vector<Item*> items;
    std::size_t bytes = 0;
    bool full = false;  ///< no more would fit
  };
  /// The next batch, still untaken, of items up to `upto`: at least one if such an item is ready. By seq.
  [[nodiscard]] Pick pick(std::size_t max_events, std::size_t max_bytes, store::Seq upto, MonoTime now) const;
  /// Whether it may go when nothing beyond `upto` may: a newer state stands for the older ones it replaces.
  [[nodiscard]] static bool within(const Item& item, store::Seq upto);
  /// Anything up to `upto`, wherever it stands. O(n).
  [[nodiscard]] bool any_upto(store::Seq upto) const;
  /// Under way from now on, with what they absorb: their subjects wait.
  void take(const std::vector<Item*>& items);
  /// Older states that went with it did not arrive: they wait again.
  void give_back(Item& item, MonoTime now);
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
  /// The fallback got these as well.
  void covered(const std::vector<store::Seq>& seqs, const std::string& fallback, MonoTime now);

  [[nodiscard]] std::size_t size() const { return items_.size(); }
  [[nodiscard]] bool empty() const { return items_.empty(); }
  /// Whether another body may be held: otherwise it is read again when its turn comes.
  [[nodiscard]] bool room_for_bodies(std::size_t bytes = 1) const {
    return memory_->room(held_bytes_, bytes, delivers_);
  }
  /// Memory held by bodies, roughly.
  [[nodiscard]] std::size_t held_bytes() const { return held_bytes_; }
  /// This one is not needed any more.
  void let_go(Item& item);
  /// Whether the lane delivers. When it no longer does, nobody knows for how long: it lets go of what is not under way,
  /// and holds little from then on.
  void delivers(bool does, MonoTime now);
  [[nodiscard]] std::optional<WallTime> oldest_received_at() const;

 private:
  [[nodiscard]] bool complete(const Item& item) const {
    return item.event != nullptr && (!rules_.needs_links || item.subject->link_known);
  }
  void hold(Item& item, std::shared_ptr<const Event> event);
  void place(Subject& subject, MonoTime now);
  void unplace(Subject& subject);
  void enqueue(Item& item);
  void dequeue(Item& item);
  void forget(Item& item);
  void supersede(Subject& subject, MonoTime now);
  void reinstate(Subject& subject, MonoTime now);
  void erase_if_empty(Subject& subject);

  Rules rules_;
  std::unordered_map<store::Seq, Item> items_;
  std::unordered_map<std::string, std::unique_ptr<Subject>> subjects_;
  // Firsts of their subjects, by what they wait for.
  std::map<store::Seq, Item*> ready_;
  std::map<store::Seq, Item*> suspects_;
  std::map<store::Seq, Item*> unloaded_;
  std::set<std::pair<MonoTime, store::Seq>> delayed_;
  std::size_t fetching_ = 0;
  std::shared_ptr<BodyMemory> memory_;
  std::size_t held_bytes_ = 0;
  bool delivers_ = true;
  LinkCache links_;
};

}  // namespace wardex::deliver
