#include "audit/trail_file.hpp"

#include <limits>
#include <utility>

#include "store/audit_chain.hpp"
#include "store/sqlite/rows.hpp"

namespace wardex::audit {
namespace {

using store::sqlite::Connection;
using store::sqlite::Query;
using store::sqlite::Sql;

// A page is a read of its own; rows never change, so pages fit.
constexpr std::int64_t kPage = 5'000;
constexpr std::int64_t kCheckpoints = 500;
constexpr std::int64_t kNoBound = std::numeric_limits<std::int64_t>::max();

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
std::unique_ptr<Connection> connect(const std::filesystem::path& database) {
  std::error_code missing;
  const bool lone = !std::filesystem::exists(database.string() + "-wal", missing) &&
                    !std::filesystem::exists(database.string() + "-shm", missing);
  return std::make_unique<Connection>(database, Connection::Mode::read_only, std::string(), lone);
}

bool has_table(Connection& connection, const std::string& name) {
  return !connection.value("SELECT 1 FROM sqlite_schema WHERE name = '" + name + "'").empty();
}

}  // namespace

std::variant<TrailFile, std::string> TrailFile::open(const std::filesystem::path& database) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(database, error)) return database.string() + " is no file: name a database";
  try {
    TrailFile file(connect(database));
    if (!has_table(*file.connection_, "audit"))
      return database.string() + " has no audit trail: it is not a gateway's database";
    file.has_checkpoints_ =
        has_table(*file.connection_, "checkpoints") && has_table(*file.connection_, "audit_horizon");
    return file;
  } catch (const store::sqlite::Failure& failure) {
    return database.string() + ": " + failure.what();
  }
}

TrailFile::TrailFile(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
TrailFile::TrailFile(TrailFile&& other) noexcept = default;
TrailFile::~TrailFile() = default;

TrailFile::Start TrailFile::start() {
  const store::sqlite::Snapshot snapshot(*connection_);
  Start found;
  found.horizon = horizon();
  if (has_checkpoints_) {
    Query row = connection_->query(Sql::newest_checkpoint_note);
    if (row.step()) found.newest_checkpoint = StoredCheckpoint{row.integer(0), row.string(1)};
  }
  Query row = connection_->query(Sql::get_meta);
  if (row.with("instance_id").step()) found.instance = row.string(0);
  return found;
}

store::Horizon TrailFile::horizon() {
  store::Horizon none{0, std::string(store::kGenesisHash), {}};
  if (!has_checkpoints_) return none;
  Query row = connection_->query(Sql::load_horizon);
  if (!row.step() || row.integer(0) <= 0) return none;
  return {row.integer(0), row.string(1), from_iso(row.text(2)).value_or(WallTime{})};
}

std::deque<StoredCheckpoint> TrailFile::checkpoints_after(std::int64_t after) {
  std::deque<StoredCheckpoint> found;
  if (!has_checkpoints_) return found;
  Query row = connection_->query(Sql::list_checkpoints);
  row.with(after, kCheckpoints);
  while (row.step()) found.push_back({row.integer(0), row.string(1)});
  return found;
}

void TrailFile::for_each_row(std::int64_t first_id, std::int64_t last_id,
                             const std::function<bool(const RowOrProblem&)>& visit) {
  const std::int64_t before = last_id > 0 ? last_id + 1 : kNoBound;
  // From the smallest id there is, so that a row slipped in before the first one is seen.
  std::int64_t after = first_id > 1 ? first_id - 1 : std::numeric_limits<std::int64_t>::min();
  for (std::int64_t seen = kPage; seen == kPage;) {
    seen = 0;
    Query row = connection_->query(Sql::audit_oldest_first);
    row.with(after, before, "", "", kPage);
    while (row.step()) {
      ++seen;
      const RowOrProblem next = read(row);
      after = next.id;
      if (!visit(next)) return;
    }
  }
}

}  // namespace wardex::audit
