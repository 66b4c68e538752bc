// How a lane that is behind reads its deliveries (in pages) and their bodies (in chunks) from the store.
#include <algorithm>
#include <exception>

#include "deliver/excerpt.hpp"
#include "deliver/lane_runner.hpp"
#include "runtime/log.hpp"

namespace wardex::deliver {
namespace {

constexpr std::size_t kPage = 1024;
constexpr std::size_t kMostBodies = 128;
/// Parsing a chunk holds up the loop, and its bytes are held in memory: both stay small.
constexpr std::size_t kChunkBytes = 512UL * 1024;
constexpr Millis kReadRetry{1000};

}  // namespace

void LaneRunner::add(store::Pending row) {
  const auto wall = around_->clock.wall();
  const auto looked_at = row.since() + age(row);  // the wall clock, unless that jumped ahead
  NewItem item;
  item.seq = row.seq;
  item.subject = std::move(row.subject);
  item.kind = row.kind;
  item.severity = row.severity;
  item.attempts = row.attempts;
  item.received_at = row.received_at;
  item.queued_at = row.queued_at;
  item.unknown = row.last_unknown;
  item.cold = around_->lost_track && row.received_at <= around_->started_at;
  item.deaths = row.deaths;
  item.fallback_to = std::move(row.fallback_to);
  item.stands_in_for = std::move(row.stands_in_for);
  if (row.next_attempt_at) {
    // A wall clock that jumped may put this anywhere; the schedule itself never waits longer than retry.max.
    const auto wait = std::clamp<std::chrono::nanoseconds>(*row.next_attempt_at - wall, std::chrono::nanoseconds{0},
                                                           config_.policy.retry.max);
    item.not_before = now() + wait;
  }
  lane_.add(std::move(item), now(), looked_at);
}

void LaneRunner::read_more() {
  const auto at = now();
  if (read_again_at_ && *read_again_at_ > at) return;
  read_again_at_.reset();
  if (backlog_.behind() && !backlog_.reading() && lane_.size() <= lane_.room()) {
    const auto limit = std::clamp<std::size_t>(lane_.room(), 1, kPage);
    const auto after = backlog_.begin_read();
    around_->store.pending(config_.connector, after, limit,
                           [weak = weak_from_this(), limit](store::Result<std::vector<store::Pending>> page) {
                             const auto self = weak.lock();
                             if (self && !self->abandoned_) self->on_page(limit, std::move(page));
                           });
  }
  if (fetching_) return;
  auto seqs = lane_.wanted(chunk_, at);
  if (seqs.empty()) return;
  fetching_ = true;
  around_->store.events_for(config_.connector, seqs, [weak = weak_from_this(), seqs](store::Result<Bodies> bodies) {
    const auto self = weak.lock();
    if (self && !self->abandoned_) self->on_bodies(seqs, std::move(bodies));
  });
}

void LaneRunner::on_page(std::size_t limit, store::Result<std::vector<store::Pending>> page) {
  if (!page) {
    backlog_.read_failed();
    log::error("delivery.read_failed", page.error().message, {{"connector", config_.connector}});
    read_again_at_ = now() + kReadRetry;
    return pump_soon();
  }
  for (auto& row : backlog_.end_read(std::move(*page), limit))
    if (!stopped_) add(std::move(row));
  pump_soon();
}

void LaneRunner::on_bodies(const std::vector<store::Seq>& seqs, store::Result<Bodies> bodies) {
  fetching_ = false;
  if (!bodies) {
    bodies_failed(seqs, bodies.error());
    return pump_soon();
  }
  std::size_t bytes = 1;
  for (auto& [stored, link] : *bodies) {
    bytes += stored.body.size();
    take_body(stored, std::move(link));
  }
  const std::size_t fitting = std::max<std::size_t>(1, kChunkBytes * seqs.size() / bytes);
  chunk_ = std::min({2 * chunk_, fitting, kMostBodies});
  pump_soon();
}

void LaneRunner::take_body(const store::StoredEvent& stored, std::optional<Link> link) {
  // Reading it may be what kills the process.
  const auto flight = around_->flights.begin(config_.connector, stored.seq);
  try {
    auto event = std::make_shared<const Event>(around_->restore(stored));
    lane_.loaded(stored.seq, std::move(event), std::move(link), now());
  } catch (const std::exception& error) {
    log::error("delivery.unreadable", error.what(), {{"connector", config_.connector}, {"seq", stored.seq}});
    lane_.unreadable(stored.seq, excerpt("the stored event cannot be read: " + std::string(error.what()), nullptr),
                     now());
  }
  around_->flights.end(flight);
}

void LaneRunner::bodies_failed(const std::vector<store::Seq>& seqs, const store::Error& error) {
  for (const auto seq : seqs) lane_.load_failed(seq, now());
  if (error.fault != store::Fault::not_found) {
    log::error("delivery.read_failed", error.message, {{"connector", config_.connector}});
    read_again_at_ = now() + kReadRetry;
  } else if (seqs.size() > 1) {
    chunk_ = 1;  // find out which
  } else {
    // A pending row without its event: nothing can be delivered, and the mailbox could not refer to it either. It stays
    // pending in the books, where a human sees it.
    log::error("delivery.event_missing", error.message, {{"connector", config_.connector}, {"seq", seqs.front()}});
    lane_.forget(seqs.front(), now());
  }
}

}  // namespace wardex::deliver
