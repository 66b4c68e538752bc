// When the gateway must not take more than it can keep.
#pragma once

#include <filesystem>
#include <string>

#include "config/config.hpp"
#include "runtime/clock.hpp"
#include "store/store.hpp"

namespace wardex::app {

/// Pure: why more is waiting, or less disk is free, than the marks allow; empty when they hold.
std::string over_backlog(const config::HighWater& mark, std::uint64_t pending);
std::string short_of_disk(const config::HighWater& mark, std::uint64_t free_disk_bytes);

/// Asks the store and the disk at most four times a second, however often it is itself asked.
class Pressure {
 public:
  Pressure(const store::Store& store, const runtime::Clock& clock, std::filesystem::path directory);
  /// The reason, or empty: store failing or still opening, disk nearly full.
  std::string closed(const config::HighWater& mark);
  /// The reason, or empty: more deliveries are waiting than the mark allows.
  std::string backlog(const config::HighWater& mark);

 private:
  void look();

  const store::Store& store_;
  const runtime::Clock& clock_;
  std::filesystem::path directory_;
  MonoTime looked_{};
  bool fresh_ = false;
  std::uint64_t pending_ = 0;
  std::uint64_t free_disk_ = 0;
};

}  // namespace wardex::app
