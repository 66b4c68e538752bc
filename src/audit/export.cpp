#include "audit/export.hpp"

#include <stdexcept>
#include <variant>

#include <nlohmann/json.hpp>

#include "audit/trail_file.hpp"

namespace wardex::audit {

nlohmann::json to_json(const store::AuditRow& row) {
  nlohmann::json json{{"id", row.id},
                      {"at", to_iso(row.at)},
                      {"actor", row.actor},
                      {"action", row.action},
                      {"connector", row.connector},
                      {"first_seq", nullptr},
                      {"last_seq", nullptr},
                      {"count", row.count},
                      {"attempt", row.attempt},
                      {"outcome", row.outcome},
                      {"status_code", nullptr},
                      {"latency_ms", nullptr},
                      {"request_digest", row.request_digest},
                      {"detail", row.detail},
                      {"chain", "wardex-audit-v1"},
                      {"prev_hash", row.prev_hash},
                      {"hash", row.hash}};
  if (row.first_seq) json["first_seq"] = *row.first_seq;
  if (row.last_seq) json["last_seq"] = *row.last_seq;
  if (row.status_code) json["status_code"] = *row.status_code;
  if (row.latency_ms) json["latency_ms"] = *row.latency_ms;
  return json;
}

ExportReport export_rows(const std::filesystem::path& database, ExportRange range,
                         const std::function<void(std::string_view line)>& write) {
  ExportReport report;
  auto file = TrailFile::open(database);
  if (auto* why = std::get_if<std::string>(&file)) {
    report.problem = std::move(*why);
    return report;
  }
  try {
    std::get<TrailFile>(file).for_each_row(range.first_id, range.last_id, [&report, &write](const RowOrProblem& next) {
      if (!next.row) {
        report.problem = "row " + std::to_string(next.id) + ": " + next.problem;
        return false;
      }
      // A receiver's answer is quoted in `detail` as it came; JSON needs UTF-8.
      write(to_json(*next.row).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
      ++report.rows;
      return true;
    });
  } catch (const std::runtime_error& failure) {
    report.problem = database.string() + ": " + failure.what();
  }
  report.ok = report.problem.empty();
  return report;
}

}  // namespace wardex::audit
