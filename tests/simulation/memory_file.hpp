// A file as power failures and failed syncs know it: what readers see (the page cache), what is surely on the disk, and
// what was written in between. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/random.hpp"

namespace wardex::simulation {

class MemoryFile {
 public:
  /// The unit that is written whole or not at all. Bytes beside those written are safe, as SQLite assumes of disks
  /// (SQLITE_IOCAP_POWERSAFE_OVERWRITE).
  static constexpr std::size_t kSector = 512;

  [[nodiscard]] const std::string& seen() const { return seen_; }
  [[nodiscard]] const std::string& on_disk() const { return disk_; }
  void write(std::size_t at, std::string_view bytes);
  void truncate(std::size_t size);

  void sync();
  /// As Linux does it: of what was written since the last sync each sector has reached the disk or has not, and the
  /// kernel takes all of it for clean. Readers still see it, and no later sync writes it; only writing it again does.
  void fail_sync(Random& random);
  /// The kernel drops clean pages from memory, at random: what a failed sync did not write is seen no more.
  void drop_clean(Random& random);
  /// The machine goes down. Of what was written since the last sync each sector survives with this probability.
  void lose_power(Random& random, double survives);

 private:
  struct Change {
    std::size_t at = 0;
    std::string bytes;
    std::optional<std::size_t> truncated_to;
  };
  static void apply(std::string& image, const Change& change);
  /// Sector by sector, at random.
  static void apply_some(std::string& image, const Change& change, Random& random, double chance);

  std::string seen_;
  std::string disk_;
  std::vector<Change> unsynced_;
  std::set<std::size_t> lost_;  ///< sectors that are clean, and on the disk or not
};

}  // namespace wardex::simulation
