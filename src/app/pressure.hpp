// When the gateway must not take more than it can keep.
#pragma once

#include <filesystem>
#include <string>

#include "config/config.hpp"
#include "runtime/clock.hpp"
#include "store/store.hpp"

namespace wardex::app {

/// Pure: why no events can be taken in now; empty when they can.
std::string refuse_intake(const config::HighWater& mark, std::uint64_t pending, std::uint64_t free_disk_bytes);

/// Asks the store and the disk at most four times a second, however often it is itself asked.
class Pressure {
 public:
  Pressure(const store::Store& store, const runtime::Clock& clock, std::filesystem::path directory);
  /// The reason, or empty: store failing or still opening, backlog over its mark, disk nearly full.
  std::string closed(const config::HighWater& mark);

 private:
  const store::Store& store_;
  const runtime::Clock& clock_;
  std::filesystem::path directory_;
  MonoTime looked_{};
  bool fresh_ = false;
  std::uint64_t pending_ = 0;
  std::uint64_t free_disk_ = 0;
};

}  // namespace wardex::app
