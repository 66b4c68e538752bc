#include "store/sqlite/ledger.hpp"

#include <algorithm>
#include <utility>

namespace wardex::store::sqlite {
namespace {
constexpr Seq kWidestRow = 65536;  // the CHECK on `audit` and the statement audit_of_event rely on it
}

std::vector<AuditRecord> split(AuditRecord record) {
  std::vector<AuditRecord> parts;
  if (!record.first_seq || !record.last_seq || *record.last_seq - *record.first_seq < kWidestRow) {
    parts.push_back(std::move(record));
    return parts;
  }
  std::uint32_t left = record.count;
  for (Seq first = *record.first_seq; first <= *record.last_seq; first += kWidestRow) {
    AuditRecord part = record;
    part.first_seq = first;
    part.last_seq = std::min(first + kWidestRow - 1, *record.last_seq);
    part.count = static_cast<std::uint32_t>(std::min<Seq>(left, *part.last_seq - first + 1));
    left -= part.count;
    parts.push_back(std::move(part));
  }
  return parts;
}

Ledger::Ledger(Connection& database, KnownIds& known, Accounts& accounts, std::function<WallTime()> now)
    : database_(database), known_(known), accounts_(accounts), now_(std::move(now)) {}

void Ledger::load() {
  Totals totals;
  {
    Query row = database_.query(Sql::load_totals);
    if (!row.step()) throw Refused{{Fault::corrupt, "the table `totals` has lost its row; restore a backup"}};
    committed_.next_seq = static_cast<Seq>(row.integer(0));
    totals.events = static_cast<std::uint64_t>(row.integer(1));
    totals.unrouted = static_cast<std::uint64_t>(row.integer(2));
  }
  {
    Query row = database_.query(Sql::load_accounts);
    while (row.step()) {
      Account& account = totals.connectors[row.string(0)];
      account.routed = static_cast<std::uint64_t>(row.integer(1));
      account.delivered = static_cast<std::uint64_t>(row.integer(2));
      account.muted = static_cast<std::uint64_t>(row.integer(3));
      account.coalesced = static_cast<std::uint64_t>(row.integer(4));
      account.discarded = static_cast<std::uint64_t>(row.integer(5));
    }
  }
  accounts_.load(totals);
  load_audit();
  state_ = committed_;
  {
    Query row = database_.query(Sql::get_meta);
    if (row.with("instance_id").step()) instance_ = row.string(0);
  }
  page_size_ = std::stoull(database_.value("PRAGMA page_size"));
  count_pages();
}

void Ledger::load_audit() {
  {
    Query row = database_.query(Sql::audit_head);
    if (row.step()) committed_.head = {row.integer(0), row.string(1), from_iso(row.text(2)).value_or(WallTime{})};
  }
  {
    Query row = database_.query(Sql::load_horizon);
    if (!row.step()) throw Refused{{Fault::corrupt, "the table `audit_horizon` has lost its row; restore a backup"}};
    committed_.horizon = {row.integer(0), row.string(1), from_iso(row.text(2)).value_or(WallTime{})};
  }
  Query row = database_.query(Sql::newest_checkpoint);
  if (row.step()) committed_.checkpoint = {row.integer(0), from_iso(row.text(1)).value_or(WallTime{})};
}

void Ledger::count_pages() {
  const auto count = [this](Sql pragma) {
    Query row = database_.query(pragma);
    return row.step() ? static_cast<std::uint64_t>(row.integer(0)) : 0;
  };
  pages_ = count(Sql::page_count);
  free_pages_ = count(Sql::freelist_count);
}

Store::Gauges Ledger::gauges() const {
  Store::Gauges gauges;
  gauges.audit_head_id = committed_.head.id;
  gauges.audit_head_at = committed_.head.at;
  gauges.checkpoint_id = committed_.checkpoint.id;
  gauges.checkpoint_at = committed_.checkpoint.at;
  gauges.pruned_id = committed_.horizon.row;
  gauges.page_bytes = pages_ * page_size_;
  gauges.free_bytes = free_pages_ * page_size_;
  return gauges;
}

ChainHead Ledger::chain_head() const {
  // Times are stored, and signed, to the millisecond.
  return {.instance = instance_,
          .row = state_.head.id,
          .hash = state_.head.hash,
          .at = std::chrono::floor<Millis>(now_()),
          .pruned = state_.horizon};
}

void Ledger::set_horizon(Horizon horizon) {
  database_.query(Sql::set_horizon).run(horizon.row, horizon.hash, to_iso(horizon.at));
  state_.horizon = std::move(horizon);
}

std::vector<std::optional<Seq>> Ledger::take_seqs(const std::vector<NewId>& ids) {
  auto seqs = known_.remember(ids, state_.next_seq);
  const auto taken = seqs.size() - static_cast<std::size_t>(std::count(seqs.begin(), seqs.end(), std::nullopt));
  state_.next_seq += taken;
  state_.remembered += taken;
  return seqs;
}

bool Ledger::has_pending(std::string_view connector) const {
  AccountDelta delta;
  for (const Delta* part : {&cycle_delta_, &verb_delta_}) {
    const auto found = part->connectors.find(connector);
    if (found != part->connectors.end()) delta += found->second;
  }
  return accounts_.after(connector, delta).pending > 0;
}

void Ledger::append(AuditRecord record) {
  for (const AuditRecord& part : split(std::move(record))) append_one(part);
}

void Ledger::append_one(const AuditRecord& record) {
  AuditRow row;
  static_cast<AuditRecord&>(row) = record;
  row.id = state_.head.id + 1;
  row.prev_hash = state_.head.hash;
  row.hash = chain_hash(row);
  database_.query(Sql::insert_audit)
      .run(row.id, to_iso(row.at), row.actor, row.action, row.connector, row.first_seq, row.last_seq, row.count,
           row.attempt, row.outcome, row.status_code, row.latency_ms, row.request_digest, row.detail, row.prev_hash,
           row.hash);
  state_.head = {row.id, std::move(row.hash), row.at};
}

void Ledger::begin() {
  database_.query(Sql::begin).run();
  state_ = committed_;
  state_.remembered = 0;
  cycle_delta_ = {};
}

void Ledger::begin_verb() {
  database_.query(Sql::savepoint).run();
  before_verb_ = state_;
  verb_delta_ = {};
}

void Ledger::keep_verb() {
  database_.query(Sql::release).run();
  cycle_delta_ += verb_delta_;
}

void Ledger::undo_verb() {
  known_.pop_newest(state_.remembered - before_verb_.remembered);
  state_ = before_verb_;
  database_.query(Sql::undo).run();
  database_.query(Sql::release).run();
}

void Ledger::write_books() {
  for (const auto& [connector, delta] : cycle_delta_.connectors) {
    const Account account = accounts_.after(connector, delta);
    database_.query(Sql::upsert_account)
        .run(connector, account.routed, account.delivered, account.muted, account.coalesced, account.discarded);
  }
  if (cycle_delta_.events != 0) {
    const auto [events, unrouted] = accounts_.after_events(cycle_delta_);
    database_.query(Sql::update_totals).run(state_.next_seq, events, unrouted);
  }
}

void Ledger::commit() {
  write_books();
  count_pages();  // before it is durable: what fails afterwards must not look like a failed commit
  database_.query(Sql::commit).run();
  accounts_.book(cycle_delta_);
  committed_ = state_;
  known_.evict(now_());
}

void Ledger::undo() {
  database_.rollback();
  known_.pop_newest(state_.remembered);
  state_ = committed_;
  state_.remembered = 0;
}

}  // namespace wardex::store::sqlite
