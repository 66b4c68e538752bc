#include "store/sqlite/recovery.hpp"

#include <utility>

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

}  // namespace

std::optional<Error> check_file(Connection& database) {
  std::string verdict;
  try {
    verdict = database.value("PRAGMA quick_check(1)");
  } catch (const Failure& failure) {
    if ((judge(failure).error.fault) != Fault::corrupt) throw;
    verdict = failure.what();
  }
  if (verdict == "ok") return std::nullopt;
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
  constexpr std::int64_t kPage = 10'000;
  if (!from_) {
    const Seq last = newest(*database_);
    const Seq lowest = last >= plan_.max_ids ? last - plan_.max_ids + 1 : 1;
    from_ = first_since(*database_, lowest, last + 1, plan_.oldest_id);
  }
  std::int64_t read = 0;
  Query row = database_->query(Sql::ids_from);
  row.with(*from_, kPage);
  while (row.step()) {
    ++read;
    const Seq seq = static_cast<Seq>(row.integer(0));
    // Known already, when the id had left the window before it was accepted again (the window was smaller then).
    window_.push(hash_id(row.text(1)), seq, optional_time(row.text(2)).value_or(WallTime{}));
    from_ = seq + 1;
  }
  return read < kPage;
}

}  // namespace wardex::store::sqlite
