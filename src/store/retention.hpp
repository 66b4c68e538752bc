// What may go when its time is over, and how much of it in one step.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "wardex/time.hpp"

namespace wardex::store {

/// The tables that retention applies to, by their names.
enum class Pruning : std::uint8_t { events, audit, links, mailbox };
inline constexpr std::array kPrunings{Pruning::events, Pruning::audit, Pruning::links, Pruning::mailbox};
std::string_view to_string(Pruning what);

/// One bounded step through one table, oldest rows first.
struct Prune {
  Pruning what = Pruning::events;
  WallTime before{};           ///< what is older may go; events never within the window of known ids
  std::uint64_t max_rows = 0;  ///< events, audit: what is beyond the newest so many may go as well; 0: no such limit
  std::int64_t after = 0;      ///< events: only those after this seq; where the step before ended
  std::size_t rows = 500;      ///< looked at, at most
};
struct PruneStep {
  std::uint64_t rows = 0;  ///< removed
  bool more = false;       ///< there may be more to remove
  std::int64_t after = 0;  ///< for the next step
};

}  // namespace wardex::store
