#include "deliver/handover.hpp"

#include <algorithm>
#include <utility>

namespace wardex::deliver {

void Handover::configure(std::optional<FallbackPolicy> policy, MonoTime now) {
  if (policy == policy_) return;
  policy_ = std::move(policy);
  cursor_ = 0;
  look_at_ = policy_ ? std::optional(now) : std::nullopt;
}

void Handover::added(MonoTime now) {
  if (!policy_) return;
  added_ = true;
  if (!look_at_) look_at_ = now + policy_->after;
}

void Handover::added_again(store::Seq seq, MonoTime now) {
  if (reading_)
    rewind_ = std::min(rewind_.value_or(seq - 1), seq - 1);
  else
    cursor_ = std::min(cursor_, seq - 1);
  added(now);
}

store::Seq Handover::begin_read() {
  reading_ = true;
  added_ = false;
  rewind_.reset();
  return cursor_;
}

std::vector<store::Seq> Handover::end_read(const std::vector<store::Pending>& page, std::size_t limit,
                                           const std::function<Millis(const store::Pending&)>& age, MonoTime now) {
  reading_ = false;
  std::vector<store::Seq> due;
  if (!policy_) return due;
  std::optional<Millis> soonest;
  if (added_) soonest = policy_->after;
  bool passing = true;  // the cursor stops at the first that may still become due
  for (const auto& row : page) {
    if (row.fallback_to.empty() && policy_->takes(row.kind, row.severity)) {
      const Millis left = policy_->after - age(row);
      if (left > Millis{0}) {
        soonest = std::min(soonest.value_or(left), left);
        passing = false;
        continue;
      }
      due.push_back(row.seq);
    }
    if (passing) cursor_ = row.seq;
  }
  if (rewind_) cursor_ = std::min(cursor_, *rewind_);
  if (page.size() == limit && passing)
    look_at_ = now;
  else if (soonest)
    look_at_ = now + *soonest;
  else
    look_at_.reset();
  return due;
}

void Handover::failed(const std::vector<store::Seq>& seqs, MonoTime at) {
  reading_ = false;
  if (!seqs.empty()) cursor_ = std::min(cursor_, seqs.front() - 1);
  look_at_ = at;
}

}  // namespace wardex::deliver
