// Which waiting deliveries are due for the fallback. Pure.
//
// The lane's window holds the oldest few thousand only, and all that wait too long must be handed over, however long
// the backlog: so this walks the pending rows of the store, in pages, behind a cursor. What lies before the cursor is
// handed over already or never will be, and is not looked at again.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "deliver/policy.hpp"
#include "store/store.hpp"

namespace wardex::deliver {

class Handover {
 public:
  /// A changed policy looks at everything anew.
  void configure(std::optional<FallbackPolicy> policy, MonoTime now);
  /// A delivery became pending (`again`: one whose seq may be lower than the cursor).
  void added(MonoTime now);
  void added_again(store::Seq seq, MonoTime now);

  /// When to read the next page; nullopt: nothing waits, or one is being read.
  [[nodiscard]] std::optional<MonoTime> next_look() const { return reading_ ? std::nullopt : look_at_; }
  /// The `after` of the page to read now.
  store::Seq begin_read();
  /// Those of the page that are to be handed over now. `age` says how long a row has waited.
  std::vector<store::Seq> end_read(const std::vector<store::Pending>& page, std::size_t limit,
                                   const std::function<Millis(const store::Pending&)>& age, MonoTime now);
  /// The read, or the handing over, did not work out: again from the first of `seqs` (or where it was) at `at`.
  void failed(const std::vector<store::Seq>& seqs, MonoTime at);

 private:
  std::optional<FallbackPolicy> policy_;
  std::optional<MonoTime> look_at_;
  store::Seq cursor_ = 0;
  bool reading_ = false;
  // Noted while a page is being read:
  bool added_ = false;
  std::optional<store::Seq> rewind_;
};

}  // namespace wardex::deliver
