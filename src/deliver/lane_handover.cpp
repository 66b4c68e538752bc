// How what waits too long goes to the fallback as well.
#include <algorithm>

#include "deliver/lane_runner.hpp"
#include "runtime/log.hpp"

namespace wardex::deliver {
namespace {

/// Rows looked at, and handed over, at a time: some milliseconds of the store's time.
constexpr std::size_t kPage = 256;
constexpr Millis kRetry{1000};

}  // namespace

/// By the wall clock, but never more than can have passed since this process saw it first: a clock that jumps ahead
/// must not send a whole backlog to the fallback, nor to the mailbox.
Millis LaneRunner::age(const store::Pending& row) const {
  const auto& around = *around_;
  const auto before = std::max(std::chrono::nanoseconds{0}, around.started_at - row.since());
  const auto most = before + (now() - around.started);
  const auto age =
      std::clamp<std::chrono::nanoseconds>(around.clock.wall() - row.since(), std::chrono::nanoseconds{0}, most);
  return std::chrono::duration_cast<Millis>(age);
}

void LaneRunner::look_for_handovers() {
  const auto look_at = handover_.next_look();
  if (!look_at || *look_at > now()) return;
  const auto after = handover_.begin_read();
  around_->store.pending(
      config_.connector, after, kPage, [weak = weak_from_this()](store::Result<std::vector<store::Pending>> page) {
        const auto self = weak.lock();
        if (!self || self->abandoned_) return;
        if (page) {
          self->hand_over(*page);
        } else {
          log::error("delivery.read_failed", page.error().message, {{"connector", self->config_.connector}});
          self->handover_.failed({}, self->now() + kRetry);
        }
        self->pump_soon();
      });
}

void LaneRunner::hand_over(const std::vector<store::Pending>& page) {
  auto seqs = handover_.end_read(
      page, kPage, [this](const store::Pending& row) { return age(row); }, now());
  if (seqs.empty() || stopped_ || !config_.policy.fallback) return;
  const auto& fallback = *config_.policy.fallback;
  std::string reason = "not delivered within " + format_duration(fallback.after);
  if (const auto why = lane_.reason(now()); !why.empty())
    reason += " (" + std::string(to_string(state())) + ": " + why + ")";
  log::warning("delivery.fallback", reason,
               {{"connector", config_.connector}, {"fallback", fallback.to}, {"deliveries", seqs.size()}});
  std::vector<store::Settle> settled;
  settled.reserve(seqs.size());
  for (const auto seq : seqs) settled.push_back({seq, {}, store::Settle::HandOver{fallback.to, reason}});
  around_->store.settle(config_.connector, std::move(settled), {},
                        [weak = weak_from_this(), seqs](store::Result<store::Settled> result) {
                          const auto self = weak.lock();
                          if (!self || self->abandoned_) return;
                          if (result) {
                            self->lane_.covered(seqs, self->now());
                            self->around_->handed_over(std::move(result->handed_over));
                          } else {
                            self->handover_.failed(seqs, self->now() + kRetry);
                          }
                          self->pump_soon();
                        });
}

}  // namespace wardex::deliver
