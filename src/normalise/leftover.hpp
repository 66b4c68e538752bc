// What no rule took: the sender's other scalars, as labels.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "normalise/draft.hpp"

namespace wardex::normalise {

/// Members of nested objects get dotted names ("sample.cpu_load_pct"). Bounded in number and length: beyond that they
/// are in the original only.
void keep_leftover(const nlohmann::json& document, const std::set<std::string_view>& taken, Draft& draft);

}  // namespace wardex::normalise
