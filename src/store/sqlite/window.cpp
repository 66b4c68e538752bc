#include "store/sqlite/window.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <utility>

#include "wardex/crypto.hpp"

namespace wardex::store::sqlite {
namespace {

constexpr std::size_t kSmallestRing = 256;

std::uint32_t unix_seconds(WallTime at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(seconds, 0, std::numeric_limits<std::uint32_t>::max()));
}

}  // namespace

IdHash hash_id(std::string_view id) {
  const Sha256 digest = sha256(id);
  IdHash hash;
  std::memcpy(&hash.high, digest.data(), sizeof hash.high);
  std::memcpy(&hash.low, digest.data() + sizeof hash.high, sizeof hash.low);
  return hash;
}

std::size_t Window::slot_of(const IdHash& hash) const {
  std::size_t slot = home(hash);
  while (slots_[slot] != kFree && !(entry(slots_[slot]).hash == hash)) slot = (slot + 1) & (slots_.size() - 1);
  return slot;
}

std::optional<Seq> Window::find(const IdHash& hash) const {
  if (size_ == 0) return std::nullopt;
  const std::size_t slot = slot_of(hash);
  if (slots_[slot] == kFree) return std::nullopt;
  return seq_base_ + entry(slots_[slot]).seq_offset;
}

bool Window::push(const IdHash& hash, Seq seq, WallTime at) {
  make_room(1);
  const std::size_t slot = slot_of(hash);
  if (slots_[slot] != kFree) return false;
  if (size_ == 0) {
    seq_base_ = seq;
  } else if (seq - seq_base_ > std::numeric_limits<std::uint32_t>::max()) {
    // Once in 4 billion events: count from the oldest one again.
    const std::uint32_t shift = entry(first_).seq_offset;
    for (std::size_t i = 0; i < size_; ++i) {
      ring_[(first_ + i) & (ring_.size() - 1)].seq_offset -= shift;
    }
    seq_base_ += shift;
  }
  const auto number = static_cast<std::uint32_t>((first_ + size_) & (ring_.size() - 1));
  ring_[number] = {hash, static_cast<std::uint32_t>(seq - seq_base_), unix_seconds(at)};
  slots_[slot] = number;
  ++size_;
  return true;
}

void Window::pop_newest(std::size_t count) {
  for (; count > 0 && size_ > 0; --count, --size_) {
    unlink(static_cast<std::uint32_t>((first_ + size_ - 1) & (ring_.size() - 1)));
  }
}

void Window::evict(std::size_t max, WallTime oldest_kept) {
  const std::uint32_t cutoff = unix_seconds(oldest_kept);
  const auto ahead = [this](std::size_t ids) {
    return home(entry(static_cast<std::uint32_t>(first_ + std::min(ids, size_ - 1))).hash);
  };
  while (size_ > 0 && (size_ > max || entry(first_).at < cutoff)) {
    __builtin_prefetch(&slots_[ahead(kFar)]);
    fetch_entry((ahead(kNear) + 1) & (slots_.size() - 1));  // what may move up into the hole
    unlink(first_);
    first_ = static_cast<std::uint32_t>((first_ + 1) & (ring_.size() - 1));
    --size_;
  }
}

// Linear probing without tombstones: what follows in the run moves up when that brings it no nearer than its home.
void Window::unlink(std::uint32_t number) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t hole = home(entry(number).hash);
  while (slots_[hole] != number) hole = (hole + 1) & mask;
  std::size_t next = hole;
  for (;;) {
    next = (next + 1) & mask;
    if (slots_[next] == kFree) break;
    const std::size_t wanted = home(entry(slots_[next]).hash);
    if (((next - wanted) & mask) >= ((next - hole) & mask)) {
      slots_[hole] = slots_[next];
      hole = next;
    }
  }
  slots_[hole] = kFree;
}

void Window::make_room(std::size_t count) {
  if (size_ + count > ring_.size()) grow(std::bit_ceil(std::max(kSmallestRing, size_ + count)));
}

void Window::grow(std::size_t ring) {
  std::vector<Entry> larger(ring);
  for (std::size_t i = 0; i < size_; ++i) larger[i] = ring_[(first_ + i) & (ring_.size() - 1)];
  std::vector<std::uint32_t> slots(ring * 2, kFree);
  ring_ = std::move(larger);
  first_ = 0;
  slots_ = std::move(slots);
  for (std::size_t i = 0; i < size_; ++i) slots_[slot_of(ring_[i].hash)] = static_cast<std::uint32_t>(i);
}

std::vector<std::optional<Seq>> KnownIds::remember(const std::vector<NewId>& ids, Seq next) {
  const std::lock_guard lock(mutex_);
  std::vector<std::optional<Seq>> seqs(ids.size());
  window_.each(ids, [&](std::size_t i) {
    if (window_.push(ids[i].hash, next, ids[i].at)) seqs[i] = next++;
  });
  return seqs;
}
KnownIds::Place KnownIds::place(const IdHash& hash) const {
  const std::lock_guard lock(mutex_);
  return {window_.find(hash), window_.oldest()};
}
void KnownIds::pop_newest(std::size_t count) {
  const std::lock_guard lock(mutex_);
  window_.pop_newest(count);
}
void KnownIds::evict(WallTime now) {
  const std::lock_guard lock(mutex_);
  window_.evict(max_, now - keep_);
}
void KnownIds::replace(Window window) {
  const std::lock_guard lock(mutex_);
  window_ = std::move(window);
}
std::size_t KnownIds::size() const {
  const std::lock_guard lock(mutex_);
  return window_.size();
}

}  // namespace wardex::store::sqlite
