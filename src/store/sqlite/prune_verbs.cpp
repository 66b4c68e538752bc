// prune, report_pruned and release_space: what leaves the database because its time is over. Every step is bounded, and
// goes on where the one before it ended: nothing is read from its beginning each time.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "store/sqlite/checkpoint_verb.hpp"
#include "store/sqlite/mailbox.hpp"
#include "store/sqlite/rows.hpp"
#include "store/sqlite/verbs.hpp"

namespace wardex::store::sqlite {
namespace {

// Freed pages are overwritten (secure_delete), so large events make a step long, however few they are.
constexpr std::int64_t kMostBytes = 4 << 20;

/// Rows are in the order of their times but where the clock was set. One from the future says nothing about those after
/// it; one whose time is not over yet does.
enum class Age { over, future, young };
Age age_of(WallTime at, WallTime before, WallTime now) {
  if (at < before) return Age::over;
  return at > now ? Age::future : Age::young;
}

class PruneVerb : public Verb<PruneStep> {
 public:
  PruneVerb(Prune what, Done<PruneStep> done) : Verb(std::move(done)), what_(what) {}
  [[nodiscard]] std::size_t weight() const override { return what_.rows; }

 protected:
  virtual PruneStep step(Ledger& ledger) = 0;
  [[nodiscard]] std::int64_t limit() const { return static_cast<std::int64_t>(what_.rows); }

  const Prune what_;

 private:
  PruneStep work(Ledger& ledger) final {
    const PruneStep step_done = step(ledger);
    if (step_done.rows == 0) return step_done;
    ledger.database().query(Sql::count_pruned).run(to_string(what_.what), step_done.rows);
    ledger.delta().pruned[static_cast<std::size_t>(what_.what)] += step_done.rows;
    return step_done;
  }
};

class PruneEvents final : public PruneVerb {
 public:
  using PruneVerb::PruneVerb;

 private:
  PruneStep step(Ledger& ledger) override {
    PruneStep result{.rows = 0, .more = false, .after = what_.after};
    const std::vector<Seq> old = find_old(ledger, result);
    if (old.empty()) return result;
    const std::vector<Seq> needed = find_needed(ledger, old.front(), old.back());
    const auto keep = [&needed](Seq seq) { return std::binary_search(needed.begin(), needed.end(), seq); };
    for (std::size_t begin = 0; begin < old.size();) {
      std::size_t end = begin;
      while (end < old.size() && !keep(old[end])) ++end;
      if (end > begin) {
        ledger.database().query(Sql::delete_events).run(old[begin], old[end - 1]);
        result.rows += static_cast<std::uint64_t>(ledger.database().changes());
      }
      begin = std::max(end, begin + 1);
    }
    return result;
  }

  std::vector<Seq> find_old(Ledger& ledger, PruneStep& result) const {
    const WallTime now = ledger.now();
    const WallTime known_since = ledger.known_since();
    const WallTime before = std::min(what_.before, known_since);
    const Seq newest = ledger.newest_seq();
    const Seq beyond = what_.max_rows > 0 && newest > what_.max_rows ? newest - what_.max_rows : 0;
    std::vector<Seq> old;
    std::int64_t looked_at = 0;
    std::int64_t bytes = 0;
    Query row = ledger.database().query(Sql::old_events);
    row.with(what_.after, limit());
    while (row.step()) {
      const Seq seq = static_cast<Seq>(row.integer(0));
      const WallTime at = optional_time(row.text(1)).value_or(WallTime{});
      const Age age = age_of(at, seq <= beyond ? known_since : before, now);
      if (age == Age::young) return old;
      if (age == Age::over) old.push_back(seq);
      result.after = row.integer(0);
      bytes += row.integer(2);
      if (++looked_at == limit() || bytes > kMostBytes) {
        result.more = true;
        return old;
      }
    }
    return old;
  }

  /// In order: those in the range that some connector still has to deliver, or that somebody has to decide on.
  static std::vector<Seq> find_needed(Ledger& ledger, Seq first, Seq last) {
    std::vector<Seq> needed;
    const auto collect = [&needed](Query row) {
      while (row.step()) needed.push_back(static_cast<Seq>(row.integer(0)));
    };
    for (std::string connector;;) {
      {
        Query row = ledger.database().query(Sql::next_connector_pending);
        if (!row.with(connector).step()) break;
        connector = row.string(0);
      }
      Query row = ledger.database().query(Sql::pending_between);
      row.with(connector, first, last);
      collect(std::move(row));
    }
    Query row = ledger.database().query(Sql::mailbox_between);
    row.with(first, last);
    collect(std::move(row));
    std::sort(needed.begin(), needed.end());
    return needed;
  }
};

class PruneAudit final : public PruneVerb {
 public:
  PruneAudit(Prune what, Sign sign, Done<PruneStep> done) : PruneVerb(what, std::move(done)), sign_(std::move(sign)) {}

 private:
  PruneStep step(Ledger& ledger) override {
    if (!sign_) throw Refused{{Fault::conflict, "the audit trail is not pruned without a key that signs what is gone"}};
    PruneStep result{.rows = 0, .more = false, .after = 0};
    const auto horizon = find_horizon(ledger, result);
    if (!horizon) return result;
    ledger.set_horizon(*horizon);
    ledger.database().query(Sql::delete_audit).run(horizon->row);
    result.rows = static_cast<std::uint64_t>(ledger.database().changes());
    // Nothing is left that they could be compared with.
    ledger.database().query(Sql::delete_checkpoints_upto).run(horizon->row);
    sign_head(ledger, sign_, CheckpointReason::prune);
    ledger.database().query(Sql::delete_checkpoints_of_prunes).run(ledger.chain_head().row);
    return result;
  }

  /// The newest row that may go with all before it. The trail's last row stays: the next one continues it. And nothing
  /// goes that was tampered with: it is the evidence.
  std::optional<Horizon> find_horizon(Ledger& ledger, PruneStep& result) const {
    const ChainHead head = ledger.chain_head();
    const auto most = static_cast<std::int64_t>(what_.max_rows);
    const std::int64_t beyond = what_.max_rows > 0 ? head.row - most : 0;
    std::optional<Horizon> found;
    Horizon before = head.pruned;
    std::int64_t looked_at = 0;
    Query rows = ledger.database().query(Sql::old_audit);
    rows.with(head.pruned.row, limit());
    while (rows.step()) {
      AuditRow row = audit_row(rows);
      const Age age = age_of(row.at, what_.before, head.at);
      if (row.id >= head.row || (age == Age::young && row.id > beyond)) return found;
      if (row.id != before.row + 1 || row.prev_hash != before.hash || chain_hash(row) != row.hash)
        throw Refused{{Fault::conflict, "the audit trail is not pruned, because row " + std::to_string(before.row + 1) +
                                            " does not hold; `wardex-gateway audit verify` says more"}};
      before = {row.id, std::move(row.hash), head.at};
      if (age == Age::over || row.id <= beyond) found = before;
      result.more = ++looked_at == limit() && found;
    }
    return found;
  }

  Sign sign_;
};

class PruneLinks final : public PruneVerb {
 public:
  using PruneVerb::PruneVerb;

 private:
  PruneStep step(Ledger& ledger) override {
    ledger.database().query(Sql::delete_old_links).run(to_iso(what_.before), limit());
    const auto gone = ledger.database().changes();
    return {.rows = static_cast<std::uint64_t>(gone), .more = gone == limit(), .after = 0};
  }
};

class PruneMailbox final : public PruneVerb {
 public:
  using PruneVerb::PruneVerb;

 private:
  PruneStep step(Ledger& ledger) override {
    const WallTime now = ledger.now();
    std::vector<MailboxEntry> entries;
    {
      Query row = ledger.database().query(Sql::old_mailbox);
      row.with(what_.after, limit());
      while (row.step()) entries.push_back(mailbox_entry(row));
    }
    PruneStep result{.rows = 0, .more = entries.size() == what_.rows, .after = what_.after};
    std::vector<MailboxEntry> over;
    for (MailboxEntry& entry : entries) {
      const Age age = age_of(entry.at, what_.before, now);
      if (age == Age::young) {
        result.more = false;
        break;
      }
      result.after = entry.id;
      if (age == Age::over) over.push_back(std::move(entry));
    }
    leave_mailbox(ledger, over,
                  {"discard", "gateway", "nobody decided on it for as long as retention.mailbox.keep says", now});
    for (const MailboxEntry& entry : over) ++ledger.delta().of(entry.connector).discarded;
    result.rows = over.size();
    return result;
  }
};

class ReportPruned final : public Verb<Ok> {
 public:
  explicit ReportPruned(Done<Ok> done) : Verb(std::move(done)) {}

 private:
  Ok work(Ledger& ledger) override {
    nlohmann::json counts = nlohmann::json::object();
    {
      Query row = ledger.database().query(Sql::load_pruned);
      while (row.step()) counts[row.string(0)] = row.integer(1);
    }
    if (counts.empty()) return {};
    if (counts.contains("audit")) counts["audit_upto"] = ledger.chain_head().pruned.row;
    ledger.database().query(Sql::clear_pruned).run();
    AuditRecord record;
    record.at = ledger.now();
    record.actor = "gateway";
    record.action = "prune";
    record.outcome = "ok";
    record.detail = counts.dump();
    ledger.append(std::move(record));
    return {};
  }
};

class ReleaseSpace final : public Verb<Ok> {
 public:
  ReleaseSpace(std::size_t pages, Done<Ok> done) : Verb(std::move(done)), pages_(pages) {}
  [[nodiscard]] std::size_t weight() const override { return pages_; }

 private:
  Ok work(Ledger& ledger) override {
    // To its end, which sqlite3_exec does: a single step of the pragma frees a single page.
    ledger.database().script("PRAGMA incremental_vacuum(" + std::to_string(pages_) + ")");
    return {};
  }
  std::size_t pages_;
};

}  // namespace

std::unique_ptr<Operation> prune(Prune what, Sign sign, Done<PruneStep> done) {
  switch (what.what) {
    case Pruning::audit:
      return std::make_unique<PruneAudit>(what, std::move(sign), std::move(done));
    case Pruning::links:
      return std::make_unique<PruneLinks>(what, std::move(done));
    case Pruning::mailbox:
      return std::make_unique<PruneMailbox>(what, std::move(done));
    case Pruning::events:
      break;
  }
  return std::make_unique<PruneEvents>(what, std::move(done));
}

std::unique_ptr<Operation> report_pruned(Done<Ok> done) { return std::make_unique<ReportPruned>(std::move(done)); }

std::unique_ptr<Operation> release_space(std::size_t pages, Done<Ok> done) {
  return std::make_unique<ReleaseSpace>(pages, std::move(done));
}

}  // namespace wardex::store::sqlite
