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

void Recovery::start(Recovered recovered, Failed failed) {
  thread_ = std::thread([this, recovered = std::move(recovered), failed = std::move(failed)] {
    try {
      RowCounts rows = count_rows();
      if (plan_.check) {
        if (auto error = check_file(*database_)) return failed(std::move(*error));
      }
      Window window = read_ids();
      database_->rollback();  // lets go of the WAL
      if (!stopping_) recovered(std::move(window), std::move(rows));
    } catch (const Failure& failure) {
      if (!stopping_) failed(judge(failure).error);
    }
  });
}

void Recovery::stop() {
  stopping_ = true;
  if (!thread_.joinable()) return;
  database_->interrupt();
  thread_.join();
}

RowCounts Recovery::count_rows() {
  RowCounts counts;
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
       [&counts](const std::string& connector, std::int64_t n) { counts.connectors[connector].pending = n; });
  each(Sql::next_connector_mailbox, Sql::count_mailbox,
       [&counts](const std::string& connector, std::int64_t n) { counts.connectors[connector].mailbox = n; });
  return counts;
}

Window Recovery::read_ids() {
  constexpr std::int64_t kPage = 10'000;
  Window window;
  const Seq last = newest(*database_);
  const Seq lowest = last >= plan_.max_ids ? last - plan_.max_ids + 1 : 1;
  Seq from = first_since(*database_, lowest, last + 1, plan_.oldest_id);
  for (std::int64_t read = kPage; read == kPage && !stopping_;) {
    read = 0;
    Query row = database_->query(Sql::ids_from);
    row.with(from, kPage);
    while (row.step()) {
      ++read;
      const Seq seq = static_cast<Seq>(row.integer(0));
      const IdHash hash = hash_id(row.text(1));
      // Twice, when the id had left the window before it was accepted again (the window was smaller then).
      if (!window.find(hash)) window.push(hash, seq, optional_time(row.text(2)).value_or(WallTime{}));
      from = seq + 1;
    }
  }
  return window;
}

}  // namespace wardex::store::sqlite
