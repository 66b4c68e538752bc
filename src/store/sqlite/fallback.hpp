// Handing an event over to a fallback, inside the transaction that says why.
#pragma once

#include <optional>
#include <string>

#include "store/sqlite/ledger.hpp"

namespace wardex::store::sqlite {

struct HandedOver {
  Seq seq = 0;
  std::string connector;  ///< did not take it
  std::string fallback;
  std::string reason;
};

/// Notes that the fallback got the event, with an audit row, and makes its delivery. nullopt: it has or had the event
/// already, by its own route or as somebody else's fallback, or this handing over took place before.
std::optional<Pending> hand_over(Ledger& ledger, const HandedOver& what);

}  // namespace wardex::store::sqlite
