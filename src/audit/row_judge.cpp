#include "audit/row_judge.hpp"

#include <algorithm>

#include "store/audit_chain.hpp"

namespace wardex::audit {
namespace {

/// How far a row is looked for under another number; each is a hash.
constexpr std::int64_t kReach = 1'000;

/// The number under which the row's content fits its hash.
std::optional<std::int64_t> number_before(const store::AuditRow& row) {
  store::AuditRow moved = row;
  for (std::int64_t distance = 1; distance <= kReach; ++distance) {
    for (const std::int64_t id : {row.id + distance, row.id - distance}) {
      if (id < 1) continue;
      moved.id = id;
      if (store::chain_hash(moved) == row.hash) return id;
    }
  }
  return std::nullopt;
}

Finding finding(Flaw flaw, std::int64_t row, const std::string& words) {
  return {flaw, row, "row " + std::to_string(row) + " " + words};
}

}  // namespace

std::optional<Finding> judge_row(const ChainEnd& end, const RowOrProblem& next) {
  const std::int64_t expected = end.id + 1;
  if (next.id < expected) return finding(Flaw::inserted, next.id, "stands where the trail has no row");
  if (next.id > expected) {
    const bool one = next.id == expected + 1;
    return finding(Flaw::deleted, expected,
                   (one ? "is" : "to " + std::to_string(next.id - 1) + " are") + std::string(" missing"));
  }
  if (!next.row) return finding(Flaw::edited, expected, next.problem);
  if (store::chain_hash(*next.row) != next.row->hash) {
    if (const auto before = number_before(*next.row))
      return finding(Flaw::reordered, expected,
                     "is what was row " + std::to_string(*before) + ": rows were moved or renumbered");
    return finding(Flaw::edited, expected, "was changed: its hash does not match its content");
  }
  if (next.row->prev_hash != end.hash)
    return finding(Flaw::replaced, expected,
                   "does not continue the row before it (prev_hash): one of the two was replaced");
  return std::nullopt;
}

}  // namespace wardex::audit
