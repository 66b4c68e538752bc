#include "store/sqlite/recovery.hpp"

#include <utility>
#include <vector>

#include <sqlite3.h>

#include "store/sqlite/rows.hpp"

namespace wardex::store::sqlite {
namespace {

Seq newest(Connection& database) {
  Query row = database.query(Sql::newest_event);
  return row.step() ? static_cast<Seq>(row.integer(0)) : 0;
}

/// The first event received at or after `cutoff`, by halving: seqs are in the order of acceptance.
Seq first_since(Connection& database, Seq low, Seq high, WallTime cutoff) {
  while (low < high) {
    const Seq middle = low + (high - low) / 2;
    Query row = database.query(Sql::event_at_or_after);
    if (!row.with(middle).step()) {
      high = middle;
      continue;
    }
    if (optional_time(row.text(1)).value_or(WallTime{}) < cutoff) {
      low = static_cast<Seq>(row.integer(0)) + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/// How often damage has to say the same.
constexpr int kAgain = 4;

/// "ok", or what is wrong.
std::string quick_check(Connection& database) {
  try {
    return database.value("PRAGMA quick_check(1)");
  } catch (const Failure& failure) {
    if (judge(failure).error.fault != Fault::corrupt) throw;
    return failure.what();
  }
}

/// Throws Failure when the database, or its WAL, cannot be read from beginning to end.
void read_all(Connection& database, int which) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(database.handle(), "main", which, static_cast<void*>(&file));
  if (file == nullptr || file->pMethods == nullptr) return;
  std::vector<char> chunk(4096);
  sqlite3_int64 size = 0;
  int code = file->pMethods->xFileSize(file, &size);
  for (sqlite3_int64 at = 0; code == SQLITE_OK && at < size; at += static_cast<sqlite3_int64>(chunk.size())) {
    code = file->pMethods->xRead(file, chunk.data(), static_cast<int>(chunk.size()), at);
    if (code == SQLITE_IOERR_SHORT_READ) code = SQLITE_OK;  // its end
  }
  if (code != SQLITE_OK) throw Failure(code, 0, std::string("reading the whole database: ") + sqlite3_errstr(code));
}

}  // namespace

std::optional<Error> check_file(Connection& database) {
  const std::string verdict = quick_check(database);
  if (verdict == "ok") return std::nullopt;
  // A page that cannot be read is a damaged one to quick_check, and a backup restored for a loose cable loses events.
  // Damage says the same again and again, and can be read.
  for (int i = 0; i < kAgain; ++i) {
    const std::string again = quick_check(database);
    if (again == "ok") return std::nullopt;
    if (again == verdict) continue;
    throw Failure(SQLITE_IOERR_READ, 0, "two checks of the database differ: " + verdict + ", then " + again);
  }
  read_all(database, SQLITE_FCNTL_FILE_POINTER);
  read_all(database, SQLITE_FCNTL_JOURNAL_POINTER);
  return Error{Fault::corrupt,
               "the database is damaged (" + verdict +
                   "): stop the gateway, keep the file for analysis, and restore a backup in its place"};
}

Recovery::Recovery(std::unique_ptr<Connection> database, RecoveryPlan plan)
    : database_(std::move(database)), snapshot_(*database_), plan_(plan) {
  newest(*database_);  // a transaction begins with its first read, not with BEGIN
}

Recovery::~Recovery() { stop(); }

void Recovery::start(Workers& workers, Recovered recovered, Failed failed) {
  recovered_ = std::move(recovered);
  failed_ = std::move(failed);
  worker_ = workers.start([this] { return step(); });
}

void Recovery::stop() {
  stopping_ = true;
  if (!worker_) return;
  database_->interrupt();
  worker_->finish();
}

std::optional<MonoTime> Recovery::step() {
  try {
    if (!stopping_ && !work()) return kAtOnce;
  } catch (const Refused& refused) {
    if (!stopping_) failed_(refused.error);
  } catch (const Failure& failure) {
    if (!stopping_) failed_(judge(failure).error);
  }
  return std::nullopt;
}

bool Recovery::work() {
  switch (stage_) {
    case Stage::rows:
      count_rows();
      stage_ = plan_.check ? Stage::file : Stage::ids;
      return false;
    case Stage::file:
      if (auto error = check_file(*database_)) throw Refused{std::move(*error)};
      stage_ = Stage::ids;
      return false;
    case Stage::ids:
      if (!read_ids()) return false;
      database_->rollback();  // lets go of the WAL
      if (!stopping_) recovered_(std::move(window_), std::move(rows_));
      return true;
  }
  return true;
}

void Recovery::count_rows() {
  const auto each = [this](Sql next, Sql count, const auto& book) {
    for (std::string connector; !stopping_;) {
      {
        Query row = database_->query(next);
        if (!row.with(connector).step()) return;
        connector = row.string(0);
      }
      Query row = database_->query(count);
      if (row.with(connector).step()) book(connector, row.integer(0));
    }
  };
  each(Sql::next_connector_pending, Sql::count_pending,
       [this](const std::string& connector, std::int64_t n) { rows_.connectors[connector].pending = n; });
  each(Sql::next_connector_mailbox, Sql::count_mailbox,
       [this](const std::string& connector, std::int64_t n) { rows_.connectors[connector].mailbox = n; });
}

bool Recovery::read_ids() {
  constexpr std::size_t kPage = 10'000;
  if (!from_) {
    const Seq last = newest(*database_);
    const Seq lowest = last >= plan_.max_ids ? last - plan_.max_ids + 1 : 1;
    from_ = first_since(*database_, lowest, last + 1, plan_.oldest_id);
  }
  std::vector<NewId> ids;
  std::vector<Seq> seqs;
  {
    Query row = database_->query(Sql::ids_from);
    row.with(*from_, kPage);
    while (row.step()) {
      seqs.push_back(static_cast<Seq>(row.integer(0)));
      ids.push_back({hash_id(row.text(1)), optional_time(row.text(2)).value_or(WallTime{})});
    }
  }
  // Known already, when the id had left the window before it was accepted again (the window was smaller then).
  window_.each(ids, [&](std::size_t i) { window_.push(ids[i].hash, seqs[i], ids[i].at); });
  if (!seqs.empty()) from_ = seqs.back() + 1;
  return ids.size() < kPage;
}

}  // namespace wardex::store::sqlite
