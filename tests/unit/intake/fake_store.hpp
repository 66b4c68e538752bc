// A store of which a test decides when it commits, and whether.
#pragma once

#include <deque>
#include <set>

#include "fakes/unused_store.hpp"

namespace wardex::intake {

class FakeStore final : public wardex::test::UnusedStore {
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
  [[nodiscard]] std::vector<const Event*> committed_events() const {
    std::vector<const Event*> out;
    for (const auto& call : committed)
      for (const auto& item : call.events) out.push_back(item.event.get());
    return out;
  }

 private:
  std::set<std::string> ids_;
  store::Seq last_seq_ = 0;
};

}  // namespace wardex::intake
