// The ids accepted lately, as 128-bit hashes in memory: what recognises a repeated event without a random-order index
// on disk. First in, first out, by count and by age.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "store/store.hpp"
#include "wardex/time.hpp"

namespace wardex::store::sqlite {

struct IdHash {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  bool operator==(const IdHash&) const = default;
};
/// The first half of the id's SHA-256: senders choose ids, so a hash they could make collide would let one sender
/// suppress another's events.
IdHash hash_id(std::string_view id);

struct NewId {
  IdHash hash;
  WallTime at{};
};

/// 24 bytes an id in a ring, plus a table of ring positions (open addressing, at most half full). Not thread-safe.
class Window {
 public:
  [[nodiscard]] std::optional<Seq> find(const IdHash& hash) const;
  /// False: it is known already. `seq` must be above all before it, and less than 2^32 above the oldest.
  bool push(const IdHash& hash, Seq seq, WallTime at);
  /// The next `count` pushes need no memory.
  void make_room(std::size_t count);
  /// Calls push(i) for each id while the places of those after it are on their way to the processor's cache: with a
  /// million ids a look-up is little but waiting for memory.
  template <class Push>
  void each(const std::vector<NewId>& ids, Push push) {
    make_room(ids.size());
    for (std::size_t i = 0; i < std::min(kFar, ids.size()); ++i) fetch_slot(ids[i].hash);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (i + kFar < ids.size()) fetch_slot(ids[i + kFar].hash);
      if (i + kNear < ids.size()) fetch_entry(home(ids[i + kNear].hash));
      push(i);
    }
  }
  /// Forgets the newest `count`: their transaction was not committed.
  void pop_newest(std::size_t count);
  /// Forgets the oldest: all beyond `max`, and those before `oldest_kept`.
  void evict(std::size_t max, WallTime oldest_kept);
  [[nodiscard]] std::size_t size() const { return size_; }
  /// Of the oldest id; 0 when there is none.
  [[nodiscard]] Seq oldest() const { return size_ == 0 ? 0 : seq_base_ + entry(first_).seq_offset; }

 private:
  struct Entry {
    IdHash hash;
    std::uint32_t seq_offset;
    std::uint32_t at;  ///< Unix seconds
  };
  [[nodiscard]] const Entry& entry(std::uint32_t number) const { return ring_[number & (ring_.size() - 1)]; }
  [[nodiscard]] std::size_t home(const IdHash& hash) const { return hash.low & (slots_.size() - 1); }
  /// The slot that holds `hash`, or the free slot where it belongs.
  [[nodiscard]] std::size_t slot_of(const IdHash& hash) const;
  void unlink(std::uint32_t number);
  void fetch_slot(const IdHash& hash) const { __builtin_prefetch(&slots_[home(hash)]); }
  void fetch_entry(std::size_t slot) const {
    if (slots_[slot] != kFree) __builtin_prefetch(&ring_[slots_[slot]]);
  }
  void grow(std::size_t ring);

  static constexpr std::size_t kFar = 16;  // ids between a slot's fetching and its use ...
  static constexpr std::size_t kNear = 8;  // ... and between that of the entry it leads to and its use
  static constexpr std::uint32_t kFree = 0xffffffff;
  std::vector<Entry> ring_;
  std::vector<std::uint32_t> slots_;  ///< entry numbers modulo the ring's size
  std::uint32_t first_ = 0;           ///< number of the oldest entry; wraps around
  std::size_t size_ = 0;
  Seq seq_base_ = 0;
};

/// The window shared by the writer, who alone changes it, and readers who look an id up.
class KnownIds {
 public:
  KnownIds(std::size_t max, Millis keep) : max_(max), keep_(keep) {}
  /// The new ones become known, numbered from `next` on in their order; nullopt: known, or twice among them.
  [[nodiscard]] std::vector<std::optional<Seq>> remember(const std::vector<NewId>& ids, Seq next);
  /// For readers: where the event is, or else below which seq it can only be (0: anywhere).
  struct Place {
    std::optional<Seq> seq;
    Seq below = 0;
  };
  [[nodiscard]] Place place(const IdHash& hash) const;
  void pop_newest(std::size_t count);
  void evict(WallTime now);
  void replace(Window window);
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::size_t max() const { return max_; }
  [[nodiscard]] Millis keep() const { return keep_; }

 private:
  const std::size_t max_;
  const Millis keep_;
  mutable std::mutex mutex_;
  Window window_;
};

}  // namespace wardex::store::sqlite
