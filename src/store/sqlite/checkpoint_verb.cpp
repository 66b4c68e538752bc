// checkpoint: the head of the chain, signed, and the event that carries the note elsewhere, in one transaction.
#include "store/sqlite/checkpoint_verb.hpp"

#include "store/sqlite/acceptance.hpp"
#include "store/sqlite/verbs.hpp"

namespace wardex::store::sqlite {
namespace {

class MakeCheckpoint final : public Verb<Checkpoint> {
 public:
  MakeCheckpoint(Sign sign, Done<Checkpoint> done) : Verb(std::move(done)), sign_(std::move(sign)) {}
  /// The anchor is an event like others, and may be a repeated one.
  [[nodiscard]] bool needs_known_ids() const override { return true; }

 private:
  Checkpoint work(Ledger& ledger) override {
    Checkpoint made;
    made.head = ledger.chain_head();
    Signed signed_head = sign_head(ledger, sign_, CheckpointReason::interval);
    made.key = std::move(signed_head.key);
    if (signed_head.anchor) accept(ledger, std::move(*signed_head.anchor), made);
    return made;
  }

  static void accept(Ledger& ledger, NewEvent anchor, Checkpoint& made) {
    AuditRecord audit;
    audit.at = made.head.at;
    audit.actor = "gateway";
    audit.detail = "the audit checkpoint of row " + std::to_string(made.head.row);
    std::vector<NewEvent> events;
    events.push_back(std::move(anchor));
    const Accepted accepted = accept_into(ledger, events, audit);
    made.anchor = accepted.seqs.front();
    if (!made.anchor) return;
    made.event = events.front().event;
    for (const NewTarget& target : events.front().targets)
      if (target.muted.empty()) made.connectors.push_back(target.connector);
  }

  Sign sign_;
};

}  // namespace

Signed sign_head(Ledger& ledger, const Sign& sign, CheckpointReason reason) {
  const ChainHead head = ledger.chain_head();
  if (head.row == 0) throw Refused{{Fault::conflict, "the audit trail is empty: there is nothing to sign"}};
  Signed signed_head = sign(head);
  const bool in_its_time = reason == CheckpointReason::interval;
  ledger.database()
      .query(Sql::upsert_checkpoint)
      .run(head.row, in_its_time ? "interval" : "prune", to_iso(head.at), head.hash, signed_head.key, signed_head.note);
  if (in_its_time) ledger.mark_checkpoint(head);
  return signed_head;
}

std::unique_ptr<Operation> checkpoint(Sign sign, Done<Checkpoint> done) {
  return std::make_unique<MakeCheckpoint>(std::move(sign), std::move(done));
}

}  // namespace wardex::store::sqlite
