// The quick way from JSON text to nodes, in one pass: no copies but of texts with escapes, no allocation per value.
#pragma once

#include <optional>
#include <string_view>

#include "normalise/arena.hpp"

namespace wardex::normalise {

/// The root, or nullopt for anything that is not plainly JSON within the limits: an error, a depth above `max_depth`, a
/// repeated key, a byte or an escape that is no Unicode, an integer beyond 64 bits. What it takes, parse_json() takes
/// to the same effect.
std::optional<Node> quick_parse(std::string_view text, std::size_t max_depth, Arena& arena);

}  // namespace wardex::normalise
