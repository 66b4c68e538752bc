#include "simulation/memory_file.hpp"

#include <algorithm>
#include <utility>

namespace wardex::simulation {

void MemoryFile::apply(std::string& image, const Change& change) {
  if (change.truncated_to) return image.resize(*change.truncated_to);
  if (image.size() < change.at + change.bytes.size()) image.resize(change.at + change.bytes.size());
  image.replace(change.at, change.bytes.size(), change.bytes);
}

void MemoryFile::apply_some(std::string& image, const Change& change, Random& random, double chance) {
  if (change.truncated_to) {
    if (random.chance(chance)) apply(image, change);
    return;
  }
  for (std::size_t from = 0; from < change.bytes.size();) {
    const std::size_t to = std::min(change.bytes.size(), (((change.at + from) / kSector) + 1) * kSector - change.at);
    if (random.chance(chance)) apply(image, {change.at + from, change.bytes.substr(from, to - from), std::nullopt});
    from = to;
  }
}

void MemoryFile::write(std::size_t at, std::string_view bytes) {
  if (bytes.empty()) return;
  Change change{at, std::string(bytes), std::nullopt};
  apply(seen_, change);
  unsynced_.push_back(std::move(change));
  const auto first = lost_.lower_bound(at / kSector);
  const auto last = lost_.upper_bound((at + bytes.size() - 1) / kSector);
  // Any byte written makes its page dirty, and all of a page is written.
  for (auto sector = first; sector != last; ++sector)
    unsynced_.push_back({*sector * kSector, seen_.substr(*sector * kSector, kSector), std::nullopt});
  lost_.erase(first, last);
}

void MemoryFile::truncate(std::size_t size) {
  if (size == seen_.size()) return;
  Change change{0, {}, size};
  apply(seen_, change);
  unsynced_.push_back(std::move(change));
  lost_.erase(lost_.lower_bound((size + kSector - 1) / kSector), lost_.end());
}

void MemoryFile::sync() {
  for (const Change& change : unsynced_) apply(disk_, change);
  unsynced_.clear();
}

void MemoryFile::fail_sync(Random& random) {
  for (const Change& change : unsynced_) {
    apply_some(disk_, change, random, 0.5);
    for (std::size_t at = change.at; at < change.at + change.bytes.size(); at = (at / kSector + 1) * kSector)
      if (at < seen_.size()) lost_.insert(at / kSector);
  }
  unsynced_.clear();
}

void MemoryFile::drop_clean(Random& random) {
  for (const std::size_t sector : lost_) {
    if (random.chance(0.5)) continue;
    const std::size_t at = sector * kSector;
    std::string was = at < disk_.size() ? disk_.substr(at, kSector) : std::string();
    was.resize(std::min(kSector, seen_.size() - at));
    seen_.replace(at, was.size(), was);
  }
  lost_.clear();
}

void MemoryFile::lose_power(Random& random, double survives) {
  for (const Change& change : unsynced_) apply_some(disk_, change, random, survives);
  unsynced_.clear();
  lost_.clear();
  seen_ = disk_;
}

}  // namespace wardex::simulation
