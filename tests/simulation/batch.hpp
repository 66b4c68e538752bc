// Many lives, in as many processes as there are processors, and what they amount to.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "simulation/faults.hpp"
#include "simulation/world.hpp"

namespace wardex::simulation {

struct Seeds {
  std::uint64_t first = 1;
  std::uint64_t last = 1;
  [[nodiscard]] std::uint64_t count() const { return last - first + 1; }
  /// "17-17", as in WARDEX_SEEDS. Throws std::invalid_argument.
  static Seeds parse(const std::string& text);
};

struct Batch {
  std::uint64_t lives = 0;
  std::uint64_t repeated = 0;  ///< of those, once more, and found the same step for step
  Figures figures;
  Coverage coverage;
  std::vector<std::pair<std::uint64_t, std::string>> wrong;  ///< seed, and what
};

/// One life. What is wrong, or empty.
std::string live(std::uint64_t seed, bool twice, Batch& sum);
/// All of them. Stops early when many fail.
Batch run(const Seeds& seeds);

/// A JSON object named `suite` for the reliability page, in $WARDEX_RELIABILITY_DIR if that is set.
void publish(const std::string& suite, const std::string& title,
             const std::vector<std::pair<std::string, double>>& figures);

}  // namespace wardex::simulation
