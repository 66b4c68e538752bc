// A store none of whose verbs may be called: tests override those that their subject uses.
#pragma once

#include <cstdlib>

#include "store/store.hpp"

namespace wardex::test {

class UnusedStore : public store::Store {
 public:
  void accept(std::vector<store::NewEvent>, store::AuditRecord, store::Done<store::Accepted>) override { std::abort(); }
  void settle(std::string, std::vector<store::Settle>, std::vector<store::AuditRecord>,
              store::Done<store::Settled>) override {
    std::abort();
  }
  void append_audit(store::AuditRecord, store::Done<store::Ok>) override { std::abort(); }
  void replay(std::vector<std::int64_t>, std::string, WallTime,
              store::Done<std::vector<std::pair<std::string, store::Pending>>>) override {
    std::abort();
  }
  void discard(std::vector<std::int64_t>, std::string, std::string, WallTime, store::Done<std::size_t>) override {
    std::abort();
  }
  void control(store::Control, store::Done<store::Control>) override { std::abort(); }
  void resume(std::string, std::string, std::string, WallTime, store::Done<store::Ok>) override { std::abort(); }
  void checkpoint(store::Sign, store::Done<store::Checkpoint>) override { std::abort(); }
  void prune(store::Prune, store::Sign, store::Done<store::PruneStep>) override { std::abort(); }
  void report_pruned(store::Done<store::Ok>) override { std::abort(); }
  void release_space(std::size_t, store::Done<store::Ok>) override { std::abort(); }
  void backup(std::string, store::Done<store::Ok>) override { std::abort(); }
  void pending(std::string, store::Seq, std::size_t, store::Done<std::vector<store::Pending>>) override {
    std::abort();
  }
  void events_for(std::string, std::vector<store::Seq>,
                  store::Done<std::vector<std::pair<store::StoredEvent, std::optional<Link>>>>) override {
    std::abort();
  }
  void controls(store::Done<std::vector<store::Control>>) override { std::abort(); }
  void events(store::EventFilter, store::Done<std::vector<store::EventSummary>>) override { std::abort(); }
  void trail(std::string, store::Done<store::EventTrail>) override { std::abort(); }
  void mailbox(store::MailboxFilter, store::Done<store::MailboxPage>) override { std::abort(); }
  void mailbox_sum(store::MailboxFilter, store::Done<store::MailboxSum>) override { std::abort(); }
  void mailbox_groups(store::MailboxGroupFilter, store::Done<store::MailboxGroups>) override { std::abort(); }
  void mailbox_oldest(store::Done<std::map<std::string, WallTime>>) override { std::abort(); }
  void audit(store::AuditFilter, store::Done<std::vector<store::AuditRow>>) override { std::abort(); }
  [[nodiscard]] store::Totals totals() const override { return {}; }
  [[nodiscard]] std::optional<store::Error> fault() const override { return std::nullopt; }
  [[nodiscard]] bool ready() const override { return true; }
  [[nodiscard]] Gauges gauges() const override { return {}; }
  void close() override {}
};

}  // namespace wardex::test
