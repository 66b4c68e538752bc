// Memory for the bodies of events that wait, shared by all lanes. A lane that keeps up delivers from it; what finds no
// room is read from the store when its turn comes, which costs reading and parsing it again.
#pragma once

#include <cstddef>

namespace wardex::deliver {

class BodyMemory {
 public:
  /// What a lane may hold whatever the others do: enough for its next attempts.
  static constexpr std::size_t kAlways = 1024UL * 1024;
  /// What one lane may hold: several batches of several attempts.
  static constexpr std::size_t kLane = 24UL * 1024 * 1024;
  /// What all lanes together may hold. An event in several lanes counts in each, though they share it.
  static constexpr std::size_t kAll = 48UL * 1024 * 1024;

  /// Whether a lane that holds `lane` may hold so many more. `delivers`: it does, so that what it holds soon goes.
  [[nodiscard]] bool room(std::size_t lane, std::size_t bytes, bool delivers) const {
    return lane + bytes <= kAlways || (delivers && lane + bytes <= kLane && held_ + bytes <= kAll);
  }
  void take(std::size_t bytes) { held_ += bytes; }
  void give(std::size_t bytes) { held_ -= bytes; }
  [[nodiscard]] std::size_t held() const { return held_; }

 private:
  std::size_t held_ = 0;
};

}  // namespace wardex::deliver
