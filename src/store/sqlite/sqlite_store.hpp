// The Store over SQLite: hands writes to the writer, reads to the readers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/sqlite/accounts.hpp"
#include "store/sqlite/health.hpp"
#include "store/sqlite/lock.hpp"
#include "store/sqlite/open.hpp"
#include "store/sqlite/readers.hpp"
#include "store/sqlite/recovery.hpp"
#include "store/sqlite/window.hpp"
#include "store/sqlite/writer.hpp"

namespace wardex::store::sqlite {

class SqliteStore final : public Store {
 public:
  using Connections = std::vector<std::unique_ptr<Connection>>;
  SqliteStore(Options options, DirectoryLock lock, std::unique_ptr<Connection> database,
              std::unique_ptr<Recovery> recovery, Connections lane_readers, Connections readers);
  ~SqliteStore() override;

  void accept(std::vector<NewEvent> events, AuditRecord audit, Done<Accepted> done) override;
  void settle(std::string connector, std::vector<Settle> settled, std::vector<AuditRecord> audit,
              Done<Settled> done) override;
  void append_audit(AuditRecord audit, Done<Ok> done) override;
  void replay(std::vector<std::int64_t> ids, std::string actor, WallTime at,
              Done<std::vector<std::pair<std::string, Pending>>> done) override;
  void discard(std::vector<std::int64_t> ids, std::string actor, std::string reason, WallTime at,
               Done<std::size_t> done) override;
  void control(Control control, Done<Control> done) override;
  void resume(std::string connector, std::string actor, std::string reason, WallTime at, Done<Ok> done) override;
  void checkpoint(Sign sign, Done<Checkpoint> done) override;
  void prune(Prune what, Sign sign, Done<PruneStep> done) override;
  void report_pruned(Done<Ok> done) override;
  void release_space(std::size_t pages, Done<Ok> done) override;
  void backup(std::string path, Done<Ok> done) override;

  void pending(std::string connector, Seq after, std::size_t limit, Done<std::vector<Pending>> done) override;
  void events_for(std::string connector, std::vector<Seq> seqs,
                  Done<std::vector<std::pair<StoredEvent, std::optional<Link>>>> done) override;
  void controls(Done<std::vector<Control>> done) override;
  void events(EventFilter filter, Done<std::vector<EventSummary>> done) override;
  void trail(std::string event_id, Done<EventTrail> done) override;
  void mailbox(MailboxFilter filter, Done<MailboxPage> done) override;
  void mailbox_sum(MailboxFilter filter, Done<MailboxSum> done) override;
  void mailbox_groups(MailboxGroupFilter filter, Done<MailboxGroups> done) override;
  void mailbox_oldest(Done<std::map<std::string, WallTime>> done) override;
  void audit(AuditFilter filter, Done<std::vector<AuditRow>> done) override;

  [[nodiscard]] Totals totals() const override { return accounts_.totals(); }
  [[nodiscard]] std::optional<Error> fault() const override { return health_.fault(); }
  [[nodiscard]] bool ready() const override { return health_.ready && !health_.fault(); }
  [[nodiscard]] Gauges gauges() const override;
  void close() override;

 private:
  DirectoryLock lock_;  // let go of last
  const std::filesystem::path file_;
  const std::shared_ptr<Files> files_;
  KnownIds known_;
  Accounts accounts_;
  Health health_;
  Writer writer_;
  Readers lane_readers_;  // apart, so that somebody's slow search does not hold deliveries up
  Readers readers_;
  std::unique_ptr<Recovery> recovery_;
};

}  // namespace wardex::store::sqlite
