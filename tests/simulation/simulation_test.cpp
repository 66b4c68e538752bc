// Whole lives of the gateway, each from a seed. docs/explanation/testing.md says how to replay one.
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <iostream>

#include "runtime/log.hpp"
#include "simulation/data_directory.hpp"
#include "simulation/world.hpp"

namespace wardex::simulation {
namespace {

TEST(Simulation, Lives) {
  const char* asked = std::getenv("WARDEX_SIMULATION_SEEDS");
  const char* first = std::getenv("WARDEX_SIMULATION_FIRST");
  const std::uint64_t begin = first != nullptr ? std::stoull(first) : 1;
  const std::uint64_t count = asked != nullptr ? std::stoull(asked) : 50;
  if (std::getenv("WARDEX_SIMULATION_LOG") == nullptr) {
    log::configure(log::Level::error, log::Format::json);
    log::redirect([](std::string_view) {});
  } else
    log::configure(log::Level::debug, log::Format::text);
  Coverage coverage;
  Figures all;
  const auto cpu = std::clock();
  int bad = 0;
  for (std::uint64_t seed = begin; seed < begin + count; ++seed) {
    World world(seed, Plan(seed, data_directory()), coverage);
    const auto wrong = world.run();
    all += world.figures();
    if (!wrong.empty()) {
      ADD_FAILURE() << "seed " << seed << ": " << wrong;
      if (++bad > 20) break;
    }
  }
  const double seconds = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
  std::cout << coverage.table() << coverage.missing();
  std::cout << "cpu " << seconds * 1000 / static_cast<double>(count) << " ms/seed; acked " << all.events_acknowledged
            << " requests " << all.requests << " ambiguous " << all.ambiguous << " dups " << all.duplicates << " kills "
            << all.kills << " power " << all.power_failures << " drains " << all.drains << " ops "
            << all.disk_operations << " checks " << all.commits_checked << " simdays "
            << static_cast<double>(all.simulated_ms) / 86400e3 << " slowest " << all.slowest_healthy_ms << " mailbox "
            << all.mailbox << " recovery " << all.recovery_ms << "\n";
}

}  // namespace
}  // namespace wardex::simulation
