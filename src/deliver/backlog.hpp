// Which pending deliveries a lane knows of, and which it still has to read from the store. Pure.
//
// While a lane keeps up, committed deliveries come straight from memory. Once its window is full they are left to the
// store and read back in pages, in order. Nothing may be missed and nothing taken twice, though a page is a snapshot
// that may be older than what memory brought meanwhile; the store's promise that seqs are committed in ascending order
// is what decides.
#pragma once

#include <optional>
#include <unordered_set>
#include <vector>

#include "store/store.hpp"

namespace wardex::deliver {

class Backlog {
 public:
  /// There is (or may be) more in the store than in the window.
  [[nodiscard]] bool behind() const { return behind_; }
  [[nodiscard]] bool reading() const { return reading_; }

  /// Everything up to this seq has been read, if it is pending.
  [[nodiscard]] bool read_upto(store::Seq seq) const { return !behind_ || (!reading_ && cursor_ >= seq); }

  /// A freshly committed delivery: true if it may enter the window now. `room`: the window has room.
  bool admit(store::Seq seq, bool room);
  /// One that became pending again (replay), whose seq may be lower than all others.
  bool admit_again(store::Seq seq, bool room);
  /// These are no longer pending.
  void left(const std::vector<store::Seq>& seqs);

  /// The `after` of the next page to read.
  store::Seq begin_read();
  /// The page without what left meanwhile; rows that are in the window already are for the caller to skip.
  std::vector<store::Pending> end_read(std::vector<store::Pending> page, std::size_t limit);
  void read_failed() { reading_ = false; }
  /// Everything is to be read anew (the lane was stopped).
  void restart();

 private:
  void rewind_to(store::Seq seq);

  bool behind_ = true;
  bool reading_ = false;
  store::Seq cursor_ = 0;      // while behind: everything up to here is known
  store::Seq paged_to_ = 0;    // what is offered up to here was seen in a page
  store::Seq offered_to_ = 0;  // highest seq offered
  // Noted while a page is being read:
  store::Seq missed_ = 0;             // highest that was offered and not admitted
  std::optional<store::Seq> rewind_;  // lowest that became pending again and was not admitted
  std::unordered_set<store::Seq> left_;
};

}  // namespace wardex::deliver
