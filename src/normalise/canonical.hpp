// Nodes -> the one JSON text that stands for them.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "normalise/node.hpp"

namespace wardex::normalise {

/// Compact, members sorted by name, those of `left_out` missing at the top. Ids in databases are made from it: not a
/// byte of it may change.
std::string canonical_json(const Node& value, std::span<const std::string_view> left_out = {});

}  // namespace wardex::normalise
