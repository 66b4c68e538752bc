// settle: what became of deliveries, with their links, audit rows and the books. A delivery that is no longer pending
// is left alone: the books follow the rows that really changed.
#include <algorithm>

#include "store/fingerprint.hpp"
#include "store/sqlite/fallback.hpp"
#include "store/sqlite/rows.hpp"
#include "store/sqlite/verbs.hpp"

namespace wardex::store::sqlite {
namespace {

class SettleVerb final : public Verb<Settled> {
 public:
  SettleVerb(std::string connector, std::vector<Settle> settled, std::vector<AuditRecord> audit, Done<Settled> done)
      : Verb(std::move(done)),
        connector_(std::move(connector)),
        settled_(std::move(settled)),
        audit_(std::move(audit)) {}

  [[nodiscard]] std::size_t weight() const override { return settled_.size() + audit_.size(); }

 private:
  Settled work(Ledger& ledger) override {
    now_ = to_iso(ledger.now());
    // The attempts first: what follows from them refers to them.
    for (AuditRecord& record : audit_) ledger.append(std::move(record));
    for (const Settle& item : settled_) std::visit([&](const auto& what) { apply(ledger, item, what); }, item.what);
    ledger.delta().of(connector_).delivered += remove_runs(ledger, std::move(delivered_));
    coalesce(ledger);
    return std::move(result_);
  }

  void apply(Ledger& ledger, const Settle& item, const Settle::Delivered& what) {
    delivered_.push_back(item.seq);
    if (!what.link) return;
    ledger.database()
        .query(Sql::upsert_link)
        .run(connector_, item.subject, what.link->external_ref, what.link->url, what.link->state, now_);
  }
  void apply(Ledger& ledger, const Settle& item, const Settle::Again& what) {
    const auto next = what.next_attempt_at ? std::optional(to_iso(*what.next_attempt_at)) : std::nullopt;
    ledger.database()
        .query(Sql::update_delivery)
        .run(connector_, item.seq, what.unknown ? "unknown" : "pending", what.attempts, next,
             unless_empty(what.last_error));
  }
  void apply(Ledger& ledger, const Settle& item, const Settle::Mailbox& what) {
    if (remove(ledger, item.seq, item.seq) != 1) return;
    to_mailbox(ledger, item.seq, what);
    fall_back(ledger, item.seq, what.fallback, what.cause + ": " + what.reason);
  }
  void apply(Ledger&, const Settle& item, const Settle::Coalesced& what) {
    coalesced_.emplace_back(item.seq, what.into);
  }
  void apply(Ledger& ledger, const Settle& item, const Settle::HandOver& what) {
    if (pending(ledger, item.seq)) fall_back(ledger, item.seq, what.fallback, what.reason);
  }
  void apply(Ledger& ledger, const Settle& item, const Settle::Died& what) {
    static constexpr std::string_view kDied = "the gateway died while this delivery was under way";
    ledger.database().query(Sql::count_death).run(connector_, item.seq, kDied);
    if (ledger.database().changes() == 0) return;
    const auto delivery = pending(ledger, item.seq);
    if (!delivery) return;
    AuditRecord record = about(ledger, item.seq, "deliver", "unknown", std::string(kDied));
    record.attempt = delivery->attempts;
    ledger.append(std::move(record));
    if (delivery->deaths < what.quarantine_at) return;
    const bool falls_back = what.fallback && what.fallback->takes(delivery->kind, delivery->severity);
    const Settle::Mailbox poison{"poison",
                                 "the gateway died " + std::to_string(delivery->deaths) +
                                     " times while this delivery was under way; replay it if the cause was another",
                                 delivery->attempts, falls_back ? what.fallback->to : ""};
    ledger.append(about(ledger, item.seq, "mailbox", poison.cause, poison.reason));
    apply(ledger, item, poison);
  }

  [[nodiscard]] AuditRecord about(Ledger& ledger, Seq seq, std::string action, std::string outcome,
                                  std::string detail) const {
    AuditRecord record;
    record.at = ledger.now();
    record.actor = "gateway";
    record.action = std::move(action);
    record.connector = connector_;
    record.first_seq = record.last_seq = seq;
    record.count = 1;
    record.outcome = std::move(outcome);
    record.detail = std::move(detail);
    return record;
  }

  std::int64_t remove(Ledger& ledger, Seq first, Seq last) {
    ledger.database().query(Sql::delete_deliveries).run(connector_, first, last);
    const std::int64_t gone = ledger.database().changes();
    ledger.delta().of(connector_).pending -= gone;
    return gone;
  }

  // A batch is mostly a run of consecutive seqs: one range delete instead of a statement per row.
  std::int64_t remove_runs(Ledger& ledger, std::vector<Seq> seqs) {
    std::sort(seqs.begin(), seqs.end());
    std::int64_t gone = 0;
    for (std::size_t begin = 0; begin < seqs.size();) {
      std::size_t end = begin + 1;
      while (end < seqs.size() && seqs[end] <= seqs[end - 1] + 1) ++end;
      gone += remove(ledger, seqs[begin], seqs[end - 1]);
      begin = end;
    }
    return gone;
  }

  std::optional<Pending> pending(Ledger& ledger, Seq seq) const {
    Query row = ledger.database().query(Sql::pending_one);
    return row.with(connector_, seq).step() ? std::optional(pending_delivery(row)) : std::nullopt;
  }

  void to_mailbox(Ledger& ledger, Seq seq, const Settle::Mailbox& what) {
    ledger.database()
        .query(Sql::mailbox_insert)
        .run(connector_, seq, what.cause, what.reason, fingerprint(connector_, what.cause, what.reason), what.attempts,
             now_);
    if (ledger.database().changes() != 1) {
      throw Refused{{Fault::corrupt, "event " + std::to_string(seq) + " of a pending delivery is not in `events`"}};
    }
    ++ledger.delta().of(connector_).mailbox;
  }

  void fall_back(Ledger& ledger, Seq seq, const std::string& fallback, const std::string& reason) {
    if (fallback.empty()) return;
    if (auto delivery = hand_over(ledger, {seq, connector_, fallback, reason}))
      result_.handed_over.emplace_back(fallback, std::move(*delivery));
  }

  /// One audit row for a run of consecutive events that went into the same one.
  void coalesce(Ledger& ledger) {
    std::sort(coalesced_.begin(), coalesced_.end());
    for (std::size_t begin = 0; begin < coalesced_.size();) {
      const auto [first, into] = coalesced_[begin];
      std::size_t end = begin + 1;
      while (end < coalesced_.size() && coalesced_[end] == std::pair(first + (end - begin), into)) ++end;
      const Seq last = first + (end - begin) - 1;
      begin = end;
      const std::int64_t gone = remove(ledger, first, last);
      if (gone == 0) continue;
      ledger.delta().of(connector_).coalesced += gone;
      AuditRecord record = about(ledger, first, "coalesce", "coalesced",
                                 "the newer state of the case was delivered: event " + std::to_string(into));
      record.last_seq = last;
      record.count = static_cast<std::uint32_t>(gone);
      ledger.append(std::move(record));
    }
  }

  std::string connector_;
  std::vector<Settle> settled_;
  std::vector<AuditRecord> audit_;
  std::string now_;
  std::vector<Seq> delivered_;
  std::vector<std::pair<Seq, Seq>> coalesced_;  ///< (event, into)
  Settled result_;
};

class AppendAudit final : public Verb<Ok> {
 public:
  AppendAudit(AuditRecord audit, Done<Ok> done) : Verb(std::move(done)), audit_(std::move(audit)) {}

 private:
  Ok work(Ledger& ledger) override {
    ledger.append(std::move(audit_));
    return {};
  }
  AuditRecord audit_;
};

}  // namespace

std::unique_ptr<Operation> settle(std::string connector, std::vector<Settle> settled, std::vector<AuditRecord> audit,
                                  Done<Settled> done) {
  return std::make_unique<SettleVerb>(std::move(connector), std::move(settled), std::move(audit), std::move(done));
}

std::unique_ptr<Operation> append_audit(AuditRecord audit, Done<Ok> done) {
  return std::make_unique<AppendAudit>(std::move(audit), std::move(done));
}

}  // namespace wardex::store::sqlite
