#include "deliver/backlog.hpp"

#include <algorithm>

namespace wardex::deliver {

bool Backlog::admit(store::Seq seq, bool room) {
  if (seq < offered_to_) {
    // Out of order, which the store's callbacks never are; if they ever were, nothing may be lost for it.
    rewind_to(seq);
    return false;
  }
  offered_to_ = seq;
  if (seq <= paged_to_) return false;  // was in that page: whatever is below a committed seq is committed
  if (!behind_ && room) return true;
  if (!behind_) {
    behind_ = true;
    cursor_ = seq - 1;
  }
  if (reading_) missed_ = seq;
  return false;
}

bool Backlog::admit_again(store::Seq seq, bool room) {
  // Ahead of the cursor it must wait for its page, or it would overtake older events of its case.
  const bool ahead = behind_ && seq > cursor_;
  if (room && !ahead) return true;
  rewind_to(seq);
  return false;
}

void Backlog::rewind_to(store::Seq seq) {
  if (reading_) {
    rewind_ = std::min(rewind_.value_or(seq), seq);
  } else if (!behind_ || seq <= cursor_) {
    cursor_ = seq - 1;
  }
  behind_ = true;
}

void Backlog::left(const std::vector<store::Seq>& seqs) {
  if (reading_) left_.insert(seqs.begin(), seqs.end());
}

store::Seq Backlog::begin_read() {
  reading_ = true;
  missed_ = 0;
  rewind_.reset();
  left_.clear();
  return cursor_;
}

std::vector<store::Pending> Backlog::end_read(std::vector<store::Pending> page, std::size_t limit) {
  reading_ = false;
  const bool last = page.size() < limit;
  if (!page.empty()) cursor_ = page.back().seq;
  behind_ = !last || missed_ > cursor_;
  if (rewind_) {
    // What lies before the rest of this page must be read first, or the rest would overtake it.
    std::erase_if(page, [this](const store::Pending& row) { return row.seq >= *rewind_; });
    cursor_ = std::min(cursor_, *rewind_ - 1);
    behind_ = true;
  }
  paged_to_ = std::max(paged_to_, cursor_);
  std::erase_if(page, [this](const store::Pending& row) { return left_.contains(row.seq); });
  left_.clear();
  return page;
}

void Backlog::restart() {
  behind_ = true;
  if (reading_)
    rewind_ = 1;  // the page under way does not begin at the beginning
  else
    cursor_ = 0;
}

}  // namespace wardex::deliver
