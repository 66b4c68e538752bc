// What no rule took: the sender's other scalars, as labels.
#pragma once

#include <span>

#include "normalise/draft.hpp"

namespace wardex::normalise {

/// Members of nested objects get dotted names ("sample.cpu_load_pct"). Bounded in number and length: beyond that they
/// are in the original only. `taken`: the nodes whose value is in a field now, sorted by address.
void keep_leftover(const Node& document, std::span<const Node* const> taken, Draft& draft);

}  // namespace wardex::normalise
