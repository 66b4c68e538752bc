// What happens, line by line, for whoever replays a seed: WARDEX_SIMULATION_LOG=1.
#pragma once

#include <cstdlib>
#include <iostream>
#include <string>

#include "virtual_time/clock.hpp"

namespace wardex::simulation {

inline bool narrating() {
  static const bool wanted = std::getenv("WARDEX_SIMULATION_LOG") != nullptr;
  return wanted;
}

/// `text` is only made when somebody listens.
template <class Text>
void narrate(const wardex::test::VirtualClock& clock, const Text& text) {
  if (!narrating()) return;
  std::cout << to_iso(clock.wall()) << " +"
            << std::chrono::duration_cast<Millis>(clock.mono().time_since_epoch() - std::chrono::hours{1000}).count()
            << "ms " << text() << "\n";
}

}  // namespace wardex::simulation
