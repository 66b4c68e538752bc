// Reads the audit rows of a database file, wherever it came from, one at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "store/store.hpp"

namespace wardex::audit {

/// A row, or (with its id) why it is none.
struct RowOrProblem {
  std::int64_t id = 0;
  std::optional<store::AuditRow> row;
  std::string problem;
};

/// Calls `visit` for the rows first_id..last_id (0: to the end), oldest first, until it returns false. Returns why the
/// file could not be read (further), or an empty string.
std::string for_each_row(const std::filesystem::path& database, std::int64_t first_id, std::int64_t last_id,
                         const std::function<bool(const RowOrProblem&)>& visit);

}  // namespace wardex::audit
