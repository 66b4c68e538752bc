// Questions to the configuration tree, for messages that point at the right place.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "wardex/settings.hpp"

namespace wardex::config {

/// The node at `keys`, or the deepest one on the way that exists.
const Value& nearest_node(const Value& root, std::initializer_list<std::string_view> keys);
/// ", did you mean 'x'?" or, when nothing is near, "; known are a, b".
std::string suggestion(std::string_view word, const std::vector<std::string>& known);

}  // namespace wardex::config
