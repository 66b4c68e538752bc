// replay and discard: the two ways out of the failure mailbox.
#include <algorithm>
#include <set>
#include <tuple>

#include "store/sqlite/mailbox.hpp"
#include "store/sqlite/rows.hpp"
#include "store/sqlite/verbs.hpp"

namespace wardex::store::sqlite {
namespace {

/// One audit row per connector and run of consecutive events, so that a row never speaks of an event it is not about.
void append_runs(Ledger& ledger, std::vector<MailboxEntry> entries, const LeaveMailbox& step) {
  std::sort(entries.begin(), entries.end(), [](const MailboxEntry& a, const MailboxEntry& b) {
    return std::tie(a.connector, a.seq) < std::tie(b.connector, b.seq);
  });
  for (std::size_t begin = 0; begin < entries.size();) {
    std::size_t end = begin + 1;
    while (end < entries.size() && entries[end].connector == entries[begin].connector &&
           entries[end].seq == entries[end - 1].seq + 1) {
      ++end;
    }
    AuditRecord record;
    record.at = step.at;
    record.actor = step.actor;
    record.action = step.action;
    record.connector = entries[begin].connector;
    record.first_seq = entries[begin].seq;
    record.last_seq = entries[end - 1].seq;
    record.count = static_cast<std::uint32_t>(end - begin);
    record.outcome = "ok";
    record.detail = step.reason;
    ledger.append(std::move(record));
    begin = end;
  }
}

class MailboxVerb {
 public:
  MailboxVerb(std::vector<std::int64_t> ids, LeaveMailbox step) : ids_(std::move(ids)), step_(std::move(step)) {
    if (ids_.size() > kMostMoved) ids_.resize(kMostMoved);
  }

  /// Takes the entries out of the mailbox. That all of them are gone is a conflict: someone was faster.
  std::vector<MailboxEntry> take(Ledger& ledger) {
    std::vector<MailboxEntry> entries;
    std::set<std::int64_t> seen;
    for (const std::int64_t id : ids_) {
      Query row = ledger.database().query(Sql::mailbox_by_id);
      if (seen.insert(id).second && row.with(id).step()) entries.push_back(mailbox_entry(row));
    }
    if (entries.empty() && !ids_.empty()) {
      throw Refused{{Fault::conflict, "no such entry in the mailbox: it was replayed or discarded already"}};
    }
    leave_mailbox(ledger, entries, step_);
    return entries;
  }
  [[nodiscard]] std::size_t weight() const { return ids_.size(); }

 private:
  std::vector<std::int64_t> ids_;
  LeaveMailbox step_;
};

using Replayed = std::vector<std::pair<std::string, Pending>>;

class Replay final : public Verb<Replayed> {
 public:
  Replay(MailboxVerb mailbox, Done<Replayed> done) : Verb(std::move(done)), mailbox_(std::move(mailbox)) {}
  [[nodiscard]] std::size_t weight() const override { return mailbox_.weight(); }

 private:
  Replayed work(Ledger& ledger) override {
    Replayed replayed;
    const std::string now = to_iso(ledger.now());
    for (const MailboxEntry& entry : mailbox_.take(ledger)) {
      ledger.database().query(Sql::insert_queued_delivery).run(entry.connector, entry.seq, now);
      ++ledger.delta().of(entry.connector).pending;
      Query row = ledger.database().query(Sql::pending_one);
      if (row.with(entry.connector, entry.seq).step()) replayed.emplace_back(entry.connector, pending_delivery(row));
    }
    return replayed;
  }
  MailboxVerb mailbox_;
};

class Discard final : public Verb<std::size_t> {
 public:
  Discard(MailboxVerb mailbox, Done<std::size_t> done) : Verb(std::move(done)), mailbox_(std::move(mailbox)) {}
  [[nodiscard]] std::size_t weight() const override { return mailbox_.weight(); }
  [[nodiscard]] bool frees_space() const override { return true; }

 private:
  std::size_t work(Ledger& ledger) override {
    const std::vector<MailboxEntry> entries = mailbox_.take(ledger);
    for (const MailboxEntry& entry : entries) ++ledger.delta().of(entry.connector).discarded;
    return entries.size();
  }
  MailboxVerb mailbox_;
};

}  // namespace

void leave_mailbox(Ledger& ledger, const std::vector<MailboxEntry>& entries, const LeaveMailbox& step) {
  for (const MailboxEntry& entry : entries) {
    ledger.database().query(Sql::mailbox_delete).run(entry.id);
    --ledger.delta().of(entry.connector).mailbox;
  }
  append_runs(ledger, entries, step);
}

std::unique_ptr<Operation> replay(std::vector<std::int64_t> ids, std::string actor, WallTime at, Done<Replayed> done) {
  return std::make_unique<Replay>(MailboxVerb(std::move(ids), {"replay", std::move(actor), "", at}), std::move(done));
}

std::unique_ptr<Operation> discard(std::vector<std::int64_t> ids, std::string actor, std::string reason, WallTime at,
                                   Done<std::size_t> done) {
  return std::make_unique<Discard>(MailboxVerb(std::move(ids), {"discard", std::move(actor), std::move(reason), at}),
                                   std::move(done));
}

}  // namespace wardex::store::sqlite
