// A store of which a test decides when it commits, and whether.
#pragma once

#include <deque>
#include <set>

#include "store/store.hpp"

namespace wardex::intake {

class FakeStore final : public store::Store {
 public:
  struct Call {
    std::vector<store::NewEvent> events;
    store::AuditRecord audit;
    store::Done<store::Accepted> done;
  };

  std::deque<Call> waiting;               ///< not committed yet
  std::vector<Call> committed;            ///< `done` spent
  std::optional<store::Error> fail_with;  ///< every commit fails so
  bool hold = false;                      ///< commits wait for commit_next()

  void accept(std::vector<store::NewEvent> events, store::AuditRecord audit,
              store::Done<store::Accepted> done) override {
    waiting.push_back({std::move(events), std::move(audit), std::move(done)});
    if (!hold) commit_next();
  }
  void commit_next() {
    Call call = std::move(waiting.front());
    waiting.pop_front();
    auto done = std::move(call.done);
    if (fail_with) return done(*fail_with);
    store::Accepted accepted;
    for (const auto& item : call.events) {
      if (ids_.insert(item.event->id).second) {
        accepted.seqs.emplace_back(++last_seq_);
      } else {
        accepted.seqs.emplace_back();
        ++accepted.duplicates;
      }
    }
    committed.push_back(std::move(call));
    done(std::move(accepted));
  }
  /// All events of all commits, in order, duplicates included.
  [[nodiscard]] std::vector<const Event*> events() const {
    std::vector<const Event*> out;
    for (const auto& call : committed)
      for (const auto& item : call.events) out.push_back(item.event.get());
    return out;
  }

  // Intake calls none of these.
  void settle(std::string, std::vector<store::Settle>, std::vector<store::AuditRecord>,
              store::Done<store::Ok>) override {
    std::abort();
  }
  void append_audit(store::AuditRecord, store::Done<store::Ok>) override { std::abort(); }
  void replay(store::MailboxFilter, std::string, WallTime,
              store::Done<std::vector<std::pair<std::string, store::Pending>>>) override {
    std::abort();
  }
  void discard(store::MailboxFilter, std::string, std::string, WallTime, store::Done<std::size_t>) override {
    std::abort();
  }
  void backup(std::string, store::Done<store::Ok>) override { std::abort(); }
  void pending(std::string, store::Seq, std::size_t, store::Done<std::vector<store::Pending>>) override {
    std::abort();
  }
  void events_for(std::string, std::vector<store::Seq>,
                  store::Done<std::vector<std::pair<store::StoredEvent, std::optional<Link>>>>) override {
    std::abort();
  }
  void events(store::EventFilter, store::Done<std::vector<store::EventSummary>>) override { std::abort(); }
  void trail(std::string, store::Done<store::EventTrail>) override { std::abort(); }
  void mailbox(store::MailboxFilter, store::Done<std::vector<store::MailboxEntry>>) override { std::abort(); }
  void audit(store::AuditFilter, store::Done<std::vector<store::AuditRow>>) override { std::abort(); }
  [[nodiscard]] store::Totals totals() const override { return {}; }
  [[nodiscard]] std::optional<store::Error> fault() const override { return std::nullopt; }
  [[nodiscard]] bool ready() const override { return true; }
  [[nodiscard]] Gauges gauges() const override { return {}; }
  void close() override {}

 private:
  std::set<std::string> ids_;
  store::Seq last_seq_ = 0;
};

}  // namespace wardex::intake
