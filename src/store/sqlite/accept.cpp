// accept: new events, their pending deliveries, the books and one audit row.
#include <map>
#include <nlohmann/json.hpp>

#include "store/sqlite/acceptance.hpp"
#include "store/sqlite/verbs.hpp"

namespace wardex::store::sqlite {
namespace {

bool same(const std::vector<NewTarget>& a, const std::vector<NewTarget>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const NewTarget& x, const NewTarget& y) {
    return x.connector == y.connector && x.why == y.why && x.muted == y.muted && x.closes == y.closes;
  });
}

// `why` quotes rule names and event fields: whatever bytes they hold, the column stays valid JSON.
std::string dump(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string routes_json(const std::vector<NewTarget>& targets) {
  nlohmann::json routes = nlohmann::json::array();
  for (const NewTarget& target : targets) {
    nlohmann::json& route = routes.emplace_back(nlohmann::json{{"to", target.connector}, {"why", target.why}});
    if (!target.muted.empty()) route["muted"] = target.muted;
  }
  return dump(routes);
}

class Acceptance {
 public:
  Acceptance(std::vector<NewEvent>& events, const AuditRecord& audit) : events_(events), audit_(audit) {}

  Accepted apply(Ledger& ledger) {
    Accepted result;
    result.seqs.reserve(events_.size());
    for (NewEvent& item : events_) {
      const IdHash hash = hash_id(item.event->id);
      if (ledger.known(hash)) {
        result.seqs.emplace_back();
        ++result.duplicates;
        continue;
      }
      const Seq seq = ledger.take_seq();
      unmute(ledger, item, result);
      insert(ledger, seq, item);
      ledger.remember(hash, seq, item.event->received_at.at);
      result.seqs.emplace_back(seq);
      if (accepted_++ == 0) first_ = seq;
      last_ = seq;
    }
    Delta& delta = ledger.delta();
    delta.events += accepted_;
    delta.duplicates += static_cast<std::int64_t>(result.duplicates);
    delta.unrouted += unrouted_;
    // Only duplicates: nothing changed, so there is nothing to prove; they are counted in the totals.
    if (accepted_ > 0) ledger.append(audit_row(result.duplicates));
    return result;
  }

 private:
  /// What closes a case goes out in spite of a mute where something of that case is, or is about to be, open. Whether a
  /// delivery that still waits is of the same case is not looked up: one close too many does no harm.
  void unmute(Ledger& ledger, NewEvent& item, Accepted& result) const {
    for (NewTarget& target : item.targets) {
      if (target.muted.empty() || !target.closes) continue;
      const bool linked =
          ledger.database().query(Sql::link_exists).with(target.connector, item.event->subject()).step();
      if (!linked && !ledger.has_pending(target.connector)) continue;
      target.why += "; in spite of " + target.muted + ", because it closes what is open there";
      target.muted.clear();
      result.unmuted.emplace_back(result.seqs.size(), target.connector);
    }
  }

  void insert(Ledger& ledger, Seq seq, const NewEvent& item) {
    const Event& event = *item.event;
    // Events of one request mostly share their routes and their time.
    if (previous_ == nullptr || !same(previous_->targets, item.targets)) routes_ = routes_json(item.targets);
    if (previous_ == nullptr || previous_->event->received_at.at != event.received_at.at) {
      received_at_ = to_iso(event.received_at.at);
    }
    previous_ = &item;
    ledger.database()
        .query(Sql::insert_event)
        .run(seq, event.id, to_string(event.kind), to_string(event.severity), event.case_id, event.tenant, event.origin,
             received_at_, routes_, event.original);
    if (item.targets.empty()) ++unrouted_;
    for (const NewTarget& target : item.targets) {
      AccountDelta& account = ledger.delta().of(target.connector);
      ++account.routed;
      if (!target.muted.empty()) {
        ++account.muted;
        ++muted_[target.connector];
        continue;
      }
      ledger.database().query(Sql::insert_delivery).run(target.connector, seq);
      ++account.pending;
      ++routed_[target.connector];
    }
  }

  AuditRecord audit_row(std::size_t duplicates) const {
    AuditRecord record = audit_;
    record.action = "accept";
    record.outcome = "accepted";
    record.first_seq = first_;
    record.last_seq = last_;
    record.count = static_cast<std::uint32_t>(accepted_);
    nlohmann::json detail{{"duplicates", duplicates}, {"unrouted", unrouted_}, {"routes", routed_}};
    if (!muted_.empty()) detail["muted"] = muted_;
    if (!audit_.detail.empty()) detail["note"] = audit_.detail;
    record.detail = dump(detail);
    return record;
  }

  std::vector<NewEvent>& events_;
  const AuditRecord& audit_;
  const NewEvent* previous_ = nullptr;
  std::string routes_;
  std::string received_at_;
  Seq first_ = 0;
  Seq last_ = 0;
  std::int64_t accepted_ = 0;
  std::int64_t unrouted_ = 0;
  std::map<std::string, std::uint64_t> routed_;
  std::map<std::string, std::uint64_t> muted_;
};

class Accept final : public Verb<Accepted> {
 public:
  Accept(std::vector<NewEvent> events, AuditRecord audit, Done<Accepted> done)
      : Verb(std::move(done)), events_(std::move(events)), audit_(std::move(audit)) {}

  [[nodiscard]] std::size_t weight() const override { return events_.size(); }
  [[nodiscard]] bool needs_known_ids() const override { return true; }

 private:
  Accepted work(Ledger& ledger) override { return accept_into(ledger, events_, audit_); }

  std::vector<NewEvent> events_;
  AuditRecord audit_;
};

}  // namespace

Accepted accept_into(Ledger& ledger, std::vector<NewEvent>& events, const AuditRecord& audit) {
  return Acceptance(events, audit).apply(ledger);
}

std::unique_ptr<Operation> accept(std::vector<NewEvent> events, AuditRecord audit, Done<Accepted> done) {
  return std::make_unique<Accept>(std::move(events), std::move(audit), std::move(done));
}

}  // namespace wardex::store::sqlite
