// When the gateway must not take more than it can keep.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "config/config.hpp"
#include "intake/events_endpoint.hpp"
#include "runtime/clock.hpp"
#include "store/store.hpp"

namespace wardex::app {

struct Load {
  std::uint64_t pending = 0;         ///< deliveries waiting
  std::uint64_t database_bytes = 0;  ///< database and WAL, without what is free inside
};
/// Pure: how much room the marks leave. Beyond a mark for critical events only, beyond its reserve for nobody; the
/// reason names the mark that is reached, of several the one that leaves least.
intake::Room room(const config::HighWater& mark, const Load& load);
/// Pure: why less disk is free than the mark allows; empty when it holds.
std::string short_of_disk(const config::HighWater& mark, std::uint64_t free_disk_bytes);

/// Looks at the disk at most four times a second, however often it is itself asked.
class Pressure {
 public:
  Pressure(const store::Store& store, const runtime::Clock& clock, std::filesystem::path directory);
  /// The reason, or empty: store failing or still opening, disk nearly full.
  std::string closed(const config::HighWater& mark);
  intake::Room room(const config::HighWater& mark);

 private:
  void look();

  const store::Store& store_;
  const runtime::Clock& clock_;
  std::filesystem::path directory_;
  MonoTime looked_{};
  bool fresh_ = false;
  std::uint64_t database_bytes_ = 0;
  std::uint64_t free_disk_ = 0;
};

}  // namespace wardex::app
