#include "audit/rows_of_file.hpp"

#include <limits>

#include "store/sqlite/rows.hpp"

namespace wardex::audit {
namespace {

using store::sqlite::Connection;
using store::sqlite::Query;
using store::sqlite::Sql;

// A page is a read of its own, so that verifying a live database does not pin its WAL; rows never change, so pages fit.
constexpr std::int64_t kPage = 5'000;

RowOrProblem read(const Query& row) {
  RowOrProblem result;
  result.id = row.integer(0);
  try {
    result.row = store::sqlite::audit_row(row);
  } catch (const store::sqlite::Refused& refused) {
    result.problem = refused.error.message;
  }
  return result;
}

/// A file with neither WAL nor shared memory beside it is nobody's live database: nothing need be created to read it.
Connection open(const std::filesystem::path& database) {
  std::error_code missing;
  const bool lone = !std::filesystem::exists(database.string() + "-wal", missing) &&
                    !std::filesystem::exists(database.string() + "-shm", missing);
  return Connection(database, Connection::Mode::read_only, {}, lone);
}

}  // namespace

std::string for_each_row(const std::filesystem::path& database, std::int64_t first_id, std::int64_t last_id,
                         const std::function<bool(const RowOrProblem&)>& visit) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(database, error)) return database.string() + " is no file: name a database";
  try {
    Connection connection = open(database);
    if (connection.value("SELECT 1 FROM sqlite_schema WHERE name = 'audit'").empty()) {
      return database.string() + " has no audit trail: it is not a gateway's database";
    }
    const std::int64_t before = last_id > 0 ? last_id + 1 : std::numeric_limits<std::int64_t>::max();
    // From the smallest id there is, so that a row slipped in before the first one is seen.
    std::int64_t after = first_id > 1 ? first_id - 1 : std::numeric_limits<std::int64_t>::min();
    for (std::int64_t seen = kPage; seen == kPage;) {
      seen = 0;
      Query row = connection.query(Sql::audit_oldest_first);
      row.with(after, before, "", "", kPage);
      while (row.step()) {
        ++seen;
        const RowOrProblem next = read(row);
        after = next.id;
        if (!visit(next)) return {};
      }
    }
    return {};
  } catch (const store::sqlite::Failure& failure) {
    return database.string() + ": " + failure.what();
  }
}

}  // namespace wardex::audit
