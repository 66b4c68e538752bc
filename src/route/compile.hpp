// The routing table in the form that decisions are made with: indices instead of names, conditions instead of YAML.
#pragma once

#include <array>
#include <bitset>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "route/condition.hpp"
#include "route/window.hpp"

namespace wardex::route {

struct Destination {
  std::string id;
  config::Mirror mirror = config::Mirror::both;
  std::bitset<kKinds.size()> accepts;  ///< kinds that its connector can render
  Closing closing = Closing::nothing;
};

struct Rule {
  std::string label;       ///< "route 3 'identity cases'"
  ConditionPtr condition;  ///< null: every event
  std::vector<std::size_t> to;
  std::vector<std::size_t> windows;
  bool goes_on = false;
  bool stops = false;
};

struct Table {
  std::vector<Destination> destinations;
  std::vector<Window> windows;
  std::array<std::vector<std::size_t>, kSeverities.size()> matrix;
  std::vector<Rule> rules;
};

/// nullopt when there was an error. Disabled connectors are left out of every rule, with a warning.
std::optional<Table> compile_table(const config::Config& config, Problems& problems);

}  // namespace wardex::route
