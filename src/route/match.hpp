// The grammar of a route's `match`: a map of field to wanted values, and `and`, `or`, `not` around further such maps.
#pragma once

#include <string>

#include "route/condition.hpp"
#include "wardex/settings.hpp"

namespace wardex::route {

struct Match {
  bool good = true;        ///< false after a problem
  ConditionPtr condition;  ///< null: every event
};
Match parse_match(const Value& value, const std::string& path, Problems& problems);

}  // namespace wardex::route
