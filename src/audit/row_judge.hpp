// One row after another against the hash chain. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "audit/trail_file.hpp"
#include "audit/verify.hpp"

namespace wardex::audit {

/// The last row that holds.
struct ChainEnd {
  std::int64_t id = 0;
  std::string hash;
};
/// What is wrong with `next` as the row after `end`, if anything is.
std::optional<Finding> judge_row(const ChainEnd& end, const RowOrProblem& next);

}  // namespace wardex::audit
