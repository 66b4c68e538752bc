// The audit trail as JSON Lines, for a SIEM or an auditor: every field of a row plus what proves it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "store/store.hpp"

namespace wardex::audit {

/// One row with its proof: `prev_hash`, `hash`, and `chain` naming how the hash is made.
nlohmann::json to_json(const store::AuditRow& row);

struct ExportRange {
  std::int64_t first_id = 1;
  std::int64_t last_id = 0;  ///< 0: to the end
};
struct ExportReport {
  bool ok = false;
  std::string problem;
  std::uint64_t rows = 0;
};
/// Streams the rows of a database file, oldest first, one JSON document and a newline at a time.
ExportReport export_rows(const std::filesystem::path& database, ExportRange range,
                         const std::function<void(std::string_view line)>& write);

}  // namespace wardex::audit
