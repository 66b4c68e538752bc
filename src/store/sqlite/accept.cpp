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
    result.seqs = ledger.take_seqs(ids());
    for (std::size_t i = 0; i < events_.size(); ++i) {
      if (!result.seqs[i]) {
        ++result.duplicates;
        continue;
      }
      const Seq seq = *result.seqs[i];
      unmute(ledger, i, result);
      insert(ledger, seq, events_[i]);
      if (accepted_++ == 0) first_ = seq;
      last_ = seq;
    }
    Delta& delta = ledger.delta();
    for (auto& [connector, books] : connectors_) {
      write_deliveries(ledger, connector, books);
      AccountDelta& account = delta.of(connector);
      account.routed += static_cast<std::int64_t>(books.routed + books.muted);
      account.muted += static_cast<std::int64_t>(books.muted);
      account.pending += static_cast<std::int64_t>(books.routed);
    }
    delta.events += accepted_;
    delta.duplicates += static_cast<std::int64_t>(result.duplicates);
    delta.unrouted += unrouted_;
    // Only duplicates: nothing changed, so there is nothing to prove; they are counted in the totals.
    if (accepted_ > 0) ledger.append(audit_row(result.duplicates));
    return result;
  }

 private:
  /// What one connector gets of the batch.
  struct Books {
    std::uint64_t routed = 0;  ///< that are pending there
    std::uint64_t muted = 0;
    Seq first = 0;  ///< a run of pending ones not yet written ...
    Seq last = 0;   ///< ... 0: none
  };

  [[nodiscard]] std::vector<NewId> ids() const {
    std::vector<NewId> ids;
    ids.reserve(events_.size());
    for (const NewEvent& item : events_) ids.push_back({hash_id(item.event->id), item.event->received_at.at});
    return ids;
  }

  /// What closes a case goes out in spite of a mute where something of that case is, or is about to be, open. Whether a
  /// delivery that still waits is of the same case is not looked up: one close too many does no harm.
  void unmute(Ledger& ledger, std::size_t index, Accepted& result) {
    NewEvent& item = events_[index];
    for (NewTarget& target : item.targets) {
      if (target.muted.empty() || !target.closes) continue;
      const bool linked =
          ledger.database().query(Sql::link_exists).with(target.connector, item.event->subject()).step();
      if (!linked && books_of(target.connector).routed == 0 && !ledger.has_pending(target.connector)) continue;
      target.why += "; in spite of " + target.muted + ", because it closes what is open there";
      target.muted.clear();
      result.unmuted.emplace_back(index, target.connector);
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
        .run(seq, event.id, to_string(event.kind), to_string(event.severity), unless_empty(event.case_id),
             unless_empty(event.tenant), event.origin, received_at_, routes_, event.original);
    if (item.targets.empty()) ++unrouted_;
    for (const NewTarget& target : item.targets) {
      Books& books = books_of(target.connector);
      if (!target.muted.empty()) {
        ++books.muted;
        continue;
      }
      if (books.last != 0 && seq != books.last + 1) write_deliveries(ledger, target.connector, books);
      if (books.last == 0) books.first = seq;
      books.last = seq;
      ++books.routed;
    }
  }

  Books& books_of(std::string_view connector) {
    const auto found = connectors_.find(connector);
    return found != connectors_.end() ? found->second : connectors_[std::string(connector)];
  }

  static void write_deliveries(Ledger& ledger, const std::string& connector, Books& books) {
    if (books.last != 0) ledger.database().query(Sql::insert_deliveries).run(connector, books.first, books.last);
    books.last = 0;
  }

  AuditRecord audit_row(std::size_t duplicates) const {
    AuditRecord record = audit_;
    record.action = "accept";
    record.outcome = "accepted";
    record.first_seq = first_;
    record.last_seq = last_;
    record.count = static_cast<std::uint32_t>(accepted_);
    nlohmann::json routed = nlohmann::json::object();
    nlohmann::json muted = nlohmann::json::object();
    for (const auto& [connector, books] : connectors_) {
      if (books.routed > 0) routed[connector] = books.routed;
      if (books.muted > 0) muted[connector] = books.muted;
    }
    nlohmann::json detail{{"duplicates", duplicates}, {"unrouted", unrouted_}, {"routes", std::move(routed)}};
    if (!muted.empty()) detail["muted"] = std::move(muted);
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
  std::map<std::string, Books, std::less<>> connectors_;
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
