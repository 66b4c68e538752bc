// What a checkpoint of the audit chain speaks of.
#pragma once

#include <cstdint>
#include <string>

#include "wardex/time.hpp"

namespace wardex::store {

/// Up to where retention has removed the audit trail's oldest rows.
struct Horizon {
  std::int64_t row = 0;  ///< the newest that is gone; 0: none is
  std::string hash;      ///< its hash, which the first row left continues
  WallTime at{};         ///< when it went
  bool operator==(const Horizon&) const = default;
};

struct ChainHead {
  std::string instance;  ///< the database's own id
  std::int64_t row = 0;
  std::string hash;
  WallTime at{};  ///< now, not the row's time
  Horizon pruned;
  bool operator==(const ChainHead&) const = default;
};

}  // namespace wardex::store
