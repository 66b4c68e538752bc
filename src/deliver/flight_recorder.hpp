// What is under way, noted where it outlives the process: so that a start knows which deliveries the last process died
// with, and an event that kills the gateway is found out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.hpp"

namespace wardex::deliver {

class FlightRecorder {
 public:
  using Place = std::uint32_t;
  struct Flight {
    std::string connector;
    store::Seq seq = 0;
  };

  virtual ~FlightRecorder() = default;
  /// What the last process left under way.
  [[nodiscard]] virtual std::vector<Flight> left() const = 0;
  /// False when something else may have been under way as well: no record, or the machine itself went down.
  [[nodiscard]] virtual bool complete() const = 0;
  /// What was left is dealt with.
  virtual void forget_left() = 0;

  virtual Place begin(std::string_view connector, store::Seq seq) = 0;
  virtual void end(Place place) = 0;
};

/// In a file that is mapped into memory and never synced: the page cache survives the process, which is all that is
/// asked of it; a power failure is told by the boot id. A note costs two stores. `directory` is locked by the store.
/// Without room for the file nothing is recorded, and complete() is false at the next start as well.
std::unique_ptr<FlightRecorder> open_flight_file(const std::filesystem::path& directory);

/// Records nothing.
std::unique_ptr<FlightRecorder> no_flight_recorder();

}  // namespace wardex::deliver
