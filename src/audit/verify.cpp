#include "audit/verify.hpp"

#include "audit/rows_of_file.hpp"
#include "store/audit_chain.hpp"

namespace wardex::audit {
namespace {

/// What is wrong with `next` as the row after the report's head; empty: it holds.
std::string judge(const VerifyReport& report, const RowOrProblem& next) {
  const std::int64_t expected = report.head_id + 1;
  if (next.id != expected) {
    if (next.id < expected) return "stands where the trail has no row";
    return (next.id == expected + 1 ? "is" : "to " + std::to_string(next.id - 1) + " are") + " missing";
  }
  if (!next.row) return next.problem;
  if (store::chain_hash(*next.row) != next.row->hash) return "was changed: its hash does not match its content";
  if (next.row->prev_hash != report.head_hash) {
    return "does not continue the row before it (prev_hash): one of the two was replaced";
  }
  return {};
}

}  // namespace

VerifyReport verify(const std::filesystem::path& database) {
  VerifyReport report;
  report.head_hash = store::kGenesisHash;
  const std::string unreadable = for_each_row(database, 1, 0, [&report](const RowOrProblem& next) {
    if (const std::string problem = judge(report, next); !problem.empty()) {
      report.bad_row = next.id < report.head_id + 1 ? next.id : report.head_id + 1;
      report.problem = "row " + std::to_string(report.bad_row) + " " + problem;
      return false;
    }
    if (report.rows++ == 0) report.first_id = next.id;
    report.head_id = next.id;
    report.head_hash = next.row->hash;
    report.head_at = to_iso(next.row->at);
    return true;
  });
  if (report.problem.empty()) report.problem = unreadable;
  report.ok = report.problem.empty();
  return report;
}

}  // namespace wardex::audit
