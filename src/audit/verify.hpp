// Checks the audit chain of a database, offline: on a copy, a backup, or the live file. Reads row by row.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace wardex::audit {

struct VerifyReport {
  bool ok = false;
  std::string problem;       ///< empty when ok; "row 17: ..." or why the file cannot be read
  std::int64_t bad_row = 0;  ///< id of the first row that does not hold; 0: none, or the file itself is the problem
  std::uint64_t rows = 0;    ///< rows that were checked and hold
  std::int64_t first_id = 0;
  std::int64_t head_id = 0;  ///< last row that holds: compare it with an anchor kept elsewhere, because nothing inside
  std::string head_hash;     ///< the file can show that its newest rows were cut off
  std::string head_at;
};

VerifyReport verify(const std::filesystem::path& database);

}  // namespace wardex::audit
