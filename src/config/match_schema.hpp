#pragma once

#include <nlohmann/json_fwd.hpp>

namespace wardex::config {

/// Schema of a route's `match`, of which src/route owns the grammar (a test holds the two together).
nlohmann::json match_schema();

}  // namespace wardex::config
