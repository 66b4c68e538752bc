// settle: what became of deliveries, with their links, audit rows and the books. A delivery that is no longer pending
// is left alone: the books follow the rows that really changed.
#include <algorithm>

#include "store/fingerprint.hpp"
#include "store/sqlite/verbs.hpp"

namespace wardex::store::sqlite {
namespace {

class SettleVerb final : public Verb<Ok> {
 public:
  SettleVerb(std::string connector, std::vector<Settle> settled, std::vector<AuditRecord> audit, Done<Ok> done)
      : Verb(std::move(done)),
        connector_(std::move(connector)),
        settled_(std::move(settled)),
        audit_(std::move(audit)) {}

  [[nodiscard]] std::size_t weight() const override { return settled_.size() + audit_.size(); }

 private:
  Ok work(Ledger& ledger) override {
    const std::string now = to_iso(ledger.now());
    std::vector<Seq> delivered;
    for (const Settle& item : settled_) {
      if (const auto* done = std::get_if<Settle::Delivered>(&item.what)) {
        delivered.push_back(item.seq);
        if (done->link) {
          ledger.database()
              .query(Sql::upsert_link)
              .run(connector_, item.subject, done->link->external_ref, done->link->url, done->link->state, now);
        }
      } else if (const auto* again = std::get_if<Settle::Again>(&item.what)) {
        const auto next = again->next_attempt_at ? std::optional(to_iso(*again->next_attempt_at)) : std::nullopt;
        ledger.database()
            .query(Sql::update_delivery)
            .run(connector_, item.seq, again->unknown ? "unknown" : "pending", again->attempts, next,
                 again->last_error.empty() ? std::nullopt : std::optional<std::string_view>(again->last_error));
      } else if (remove(ledger, item.seq, item.seq) == 1) {
        to_mailbox(ledger, item.seq, std::get<Settle::Mailbox>(item.what), now);
      }
    }
    const std::int64_t gone = remove_runs(ledger, std::move(delivered));
    ledger.delta().of(connector_).delivered += gone;
    for (AuditRecord& record : audit_) ledger.append(std::move(record));
    return {};
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

  void to_mailbox(Ledger& ledger, Seq seq, const Settle::Mailbox& what, const std::string& now) {
    ledger.database()
        .query(Sql::mailbox_insert)
        .run(connector_, seq, what.cause, what.reason, fingerprint(connector_, what.cause, what.reason), what.attempts,
             now);
    if (ledger.database().changes() != 1) {
      throw Refused{{Fault::corrupt, "event " + std::to_string(seq) + " of a pending delivery is not in `events`"}};
    }
    ++ledger.delta().of(connector_).mailbox;
  }

  std::string connector_;
  std::vector<Settle> settled_;
  std::vector<AuditRecord> audit_;
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
                                  Done<Ok> done) {
  return std::make_unique<SettleVerb>(std::move(connector), std::move(settled), std::move(audit), std::move(done));
}

std::unique_ptr<Operation> append_audit(AuditRecord audit, Done<Ok> done) {
  return std::make_unique<AppendAudit>(std::move(audit), std::move(done));
}

}  // namespace wardex::store::sqlite
