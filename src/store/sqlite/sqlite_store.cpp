#include "store/sqlite/sqlite_store.hpp"

#include <utility>

#include "store/sqlite/queries.hpp"

namespace wardex::store::sqlite {

SqliteStore::SqliteStore(Options options, DirectoryLock lock, std::unique_ptr<Connection> database,
                         std::unique_ptr<Recovery> recovery, Connections lane_readers, Connections readers)
    : lock_(std::move(lock)),
      file_(options.directory / kDatabaseName),
      files_(options.files),
      known_(options.idempotency_max, options.idempotency_window),
      writer_(std::move(database), known_, accounts_, health_, options),
      lane_readers_(std::move(lane_readers), options),
      readers_(std::move(readers), options),
      recovery_(std::move(recovery)) {
  writer_.start();
  recovery_->start(
      *options.workers,
      [this](Window window, RowCounts rows) { writer_.recovered(std::move(window), std::move(rows)); },
      [this](const Error& error) { writer_.recovery_failed(error); });
}

SqliteStore::~SqliteStore() { close(); }

void SqliteStore::close() {
  recovery_->stop();
  // Before the writer: its last act is to fold the WAL in, which a reader would prevent.
  lane_readers_.close();
  readers_.close();
  writer_.close();
}

void SqliteStore::accept(std::vector<NewEvent> events, AuditRecord audit, Done<Accepted> done) {
  writer_.submit(sqlite::accept(std::move(events), std::move(audit), std::move(done)));
}
void SqliteStore::settle(std::string connector, std::vector<Settle> settled, std::vector<AuditRecord> audit,
                         Done<Settled> done) {
  writer_.submit(sqlite::settle(std::move(connector), std::move(settled), std::move(audit), std::move(done)));
}
void SqliteStore::append_audit(AuditRecord audit, Done<Ok> done) {
  writer_.submit(sqlite::append_audit(std::move(audit), std::move(done)));
}
void SqliteStore::replay(std::vector<std::int64_t> ids, std::string actor, WallTime at,
                         Done<std::vector<std::pair<std::string, Pending>>> done) {
  writer_.submit(sqlite::replay(std::move(ids), std::move(actor), at, std::move(done)));
}
void SqliteStore::discard(std::vector<std::int64_t> ids, std::string actor, std::string reason, WallTime at,
                          Done<std::size_t> done) {
  writer_.submit(sqlite::discard(std::move(ids), std::move(actor), std::move(reason), at, std::move(done)));
}
void SqliteStore::control(Control control, Done<Control> done) {
  writer_.submit(sqlite::control(std::move(control), std::move(done)));
}
void SqliteStore::resume(std::string connector, std::string actor, std::string reason, WallTime at, Done<Ok> done) {
  writer_.submit(sqlite::resume(std::move(connector), std::move(actor), std::move(reason), at, std::move(done)));
}
void SqliteStore::checkpoint(Sign sign, Done<Checkpoint> done) {
  writer_.submit(sqlite::checkpoint(std::move(sign), std::move(done)));
}
void SqliteStore::prune(Prune what, Sign sign, Done<PruneStep> done) {
  writer_.submit(sqlite::prune(what, std::move(sign), std::move(done)));
}
void SqliteStore::report_pruned(Done<Ok> done) { writer_.submit(sqlite::report_pruned(std::move(done))); }
void SqliteStore::release_space(std::size_t pages, Done<Ok> done) {
  writer_.submit(sqlite::release_space(pages, std::move(done)));
}
void SqliteStore::backup(std::string path, Done<Ok> done) { writer_.backup(std::move(path), std::move(done)); }

void SqliteStore::pending(std::string connector, Seq after, std::size_t limit, Done<std::vector<Pending>> done) {
  lane_readers_.read<std::vector<Pending>>(std::move(done),
                                           [connector = std::move(connector), after, limit](Connection& database) {
                                             return read_pending(database, connector, after, limit);
                                           });
}
void SqliteStore::events_for(std::string connector, std::vector<Seq> seqs, Done<std::vector<EventAndLink>> done) {
  lane_readers_.read<std::vector<EventAndLink>>(
      std::move(done), [connector = std::move(connector), seqs = std::move(seqs)](Connection& database) {
        return read_events_for(database, connector, seqs);
      });
}
void SqliteStore::controls(Done<std::vector<Control>> done) {
  readers_.read<std::vector<Control>>(std::move(done), [](Connection& database) { return read_controls(database); });
}
void SqliteStore::events(EventFilter filter, Done<std::vector<EventSummary>> done) {
  readers_.read<std::vector<EventSummary>>(std::move(done), [this, filter = std::move(filter)](Connection& database) {
    return read_events(database, filter, known_.place(hash_id(filter.id)));
  });
}
void SqliteStore::trail(std::string event_id, Done<EventTrail> done) {
  readers_.read<EventTrail>(std::move(done), [this, event_id = std::move(event_id)](Connection& database) {
    return read_trail(database, event_id, known_.place(hash_id(event_id)));
  });
}
void SqliteStore::mailbox(MailboxFilter filter, Done<MailboxPage> done) {
  readers_.read<MailboxPage>(std::move(done), [this, filter = std::move(filter)](Connection& database) {
    return read_mailbox(database, filter, known_.place(hash_id(filter.event_id)));
  });
}
void SqliteStore::mailbox_sum(MailboxFilter filter, Done<MailboxSum> done) {
  readers_.read<MailboxSum>(std::move(done), [this, filter = std::move(filter)](Connection& database) {
    return read_mailbox_sum(database, filter, known_.place(hash_id(filter.event_id)));
  });
}
void SqliteStore::mailbox_groups(MailboxGroupFilter filter, Done<MailboxGroups> done) {
  readers_.read<MailboxGroups>(std::move(done), [filter = std::move(filter)](Connection& database) {
    return read_mailbox_groups(database, filter);
  });
}
void SqliteStore::mailbox_oldest(Done<std::map<std::string, WallTime>> done) {
  readers_.read<std::map<std::string, WallTime>>(std::move(done), &read_mailbox_oldest);
}
void SqliteStore::audit(AuditFilter filter, Done<std::vector<AuditRow>> done) {
  readers_.read<std::vector<AuditRow>>(
      std::move(done), [filter = std::move(filter)](Connection& database) { return read_audit(database, filter); });
}

Store::Gauges SqliteStore::gauges() const {
  Gauges gauges = health_.gauges();
  gauges.database_bytes = files_->size(file_);
  gauges.wal_bytes = files_->size(file_.string() + "-wal");
  gauges.known_ids = known_.size();
  return gauges;
}

}  // namespace wardex::store::sqlite
