// YAML -> Value tree. The only place that includes yaml-cpp.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "wardex/settings.hpp"

namespace wardex::config {

struct YamlLimits {
  std::size_t bytes = 1024UL * 1024UL;
  std::size_t nodes = 100'000;  ///< counted as an alias expands, so that a few lines cannot grow into gigabytes
  std::size_t depth = 64;
};

/// The one document in `text`; positions count from 1. An empty text is null. Scalars stay text: `on` and `no` are
/// words until a setting asks for a boolean. nullopt after a syntax error or an exceeded limit (then the problem is the
/// last one reported); duplicate keys are all reported and the tree is still returned.
std::optional<Value> parse_yaml(std::string_view text, std::string_view file, Problems& problems,
                                const YamlLimits& limits = {});

}  // namespace wardex::config
