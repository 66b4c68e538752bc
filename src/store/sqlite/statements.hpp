// Every SQL statement of the running store, named, in one place: a test asks EXPLAIN QUERY PLAN of each and forbids
// scans of the big tables. Migrations and pragmas are elsewhere.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace wardex::store::sqlite {

enum class Sql : std::size_t {
  begin,
  commit,
  rollback,
  savepoint,
  release,
  undo,
  insert_event,
  insert_deliveries,
  insert_queued_delivery,
  delete_deliveries,
  update_delivery,
  count_death,
  insert_fallback,
  is_fallback,
  event_routes,
  upsert_control,
  delete_control,
  link_exists,
  mailbox_insert,
  mailbox_delete,
  upsert_link,
  insert_audit,
  upsert_account,
  update_totals,
  set_meta,
  delete_meta,
  get_meta,
  load_accounts,
  load_totals,
  audit_head,
  load_horizon,
  set_horizon,
  newest_checkpoint,
  upsert_checkpoint,
  delete_checkpoints_upto,
  delete_checkpoints_of_prunes,
  old_audit,
  delete_audit,
  old_events,
  delete_events,
  pending_between,
  mailbox_between,
  delete_old_links,
  old_mailbox,
  count_pruned,
  load_pruned,
  clear_pruned,
  page_count,
  freelist_count,
  begin_read,
  commit_read,
  pending,
  pending_one,
  event_by_seq,
  link_for,
  fallbacks_of_event,
  list_controls,
  list_events,
  event_summary,
  find_event,
  delivery_state,
  mailbox_of_event,
  list_mailbox,
  list_mailbox_by_connector,
  list_mailbox_by_fingerprint,
  list_mailbox_by_seq,
  mailbox_by_id,
  next_mailbox_group,
  count_mailbox_group,
  oldest_in_mailbox,
  audit_newest_first,
  audit_oldest_first,
  audit_of_event,
  newest_checkpoint_note,
  list_checkpoints,
  next_connector_pending,
  count_pending,
  next_connector_mailbox,
  count_mailbox,
  newest_event,
  event_at_or_after,
  ids_from,
  count_,
};

enum class Side { writer, reader };

struct NamedSql {
  Sql id;
  std::string_view name;
  Side side;
  std::string_view sql;
};

#define WARDEX_EVENT_COLUMNS "seq, id, coalesce(case_id, ''), origin, routes, received_at, body"
#define WARDEX_SUMMARY_COLUMNS \
  "seq, id, kind, severity, coalesce(case_id, ''), coalesce(tenant, ''), routes, received_at"
#define WARDEX_PENDING_COLUMNS                                                                                      \
  "d.seq, coalesce(e.case_id, e.id), e.severity, d.attempts, d.next_attempt_at, e.received_at, d.state, e.kind, "   \
  "d.queued_at, d.deaths, (SELECT f.fallback FROM fallbacks f WHERE f.seq = d.seq AND f.connector = d.connector), " \
  "(SELECT group_concat(f.connector, ', ') FROM fallbacks f WHERE f.seq = d.seq AND f.fallback = d.connector AND "  \
  "f.stands_in = 1)"
#define WARDEX_MAILBOX_COLUMNS \
  "id, connector, seq, event_id, coalesce(case_id, ''), severity, cause, reason, fingerprint, attempts, at"
#define WARDEX_AUDIT_COLUMNS                                                                                  \
  "id, at, actor, action, connector, first_seq, last_seq, count, attempt, outcome, status_code, latency_ms, " \
  "request_digest, detail, prev_hash, hash"

inline constexpr std::array<NamedSql, static_cast<std::size_t>(Sql::count_)> kStatements{{
    {Sql::begin, "begin", Side::writer, "BEGIN IMMEDIATE"},
    {Sql::commit, "commit", Side::writer, "COMMIT"},
    {Sql::rollback, "rollback", Side::writer, "ROLLBACK"},
    {Sql::savepoint, "savepoint", Side::writer, "SAVEPOINT op"},
    {Sql::release, "release", Side::writer, "RELEASE op"},
    {Sql::undo, "undo", Side::writer, "ROLLBACK TO op"},

    {Sql::insert_event, "insert_event", Side::writer,
     "INSERT INTO events (seq, id, kind, severity, case_id, tenant, origin, received_at, routes, body) "
     "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"},
    // For a run of events that are all there: a statement a run costs half of a statement a row.
    {Sql::insert_deliveries, "insert_deliveries", Side::writer,
     "INSERT INTO deliveries (connector, seq) SELECT ?1, seq FROM events WHERE seq BETWEEN ?2 AND ?3"},
    {Sql::insert_queued_delivery, "insert_queued_delivery", Side::writer,
     "INSERT INTO deliveries (connector, seq, queued_at) VALUES (?1, ?2, ?3)"},
    {Sql::delete_deliveries, "delete_deliveries", Side::writer,
     "DELETE FROM deliveries WHERE connector = ?1 AND seq BETWEEN ?2 AND ?3"},
    {Sql::update_delivery, "update_delivery", Side::writer,
     "UPDATE deliveries SET state = ?3, attempts = ?4, next_attempt_at = ?5, last_error = ?6, deaths = 0 "
     "WHERE connector = ?1 AND seq = ?2"},
    {Sql::count_death, "count_death", Side::writer,
     "UPDATE deliveries SET state = 'unknown', attempts = attempts + 1, deaths = deaths + 1, last_error = ?3 "
     "WHERE connector = ?1 AND seq = ?2"},
    {Sql::insert_fallback, "insert_fallback", Side::writer,
     "INSERT INTO fallbacks (seq, connector, fallback, stands_in, reason, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
     "ON CONFLICT (seq, connector) DO NOTHING"},
    {Sql::is_fallback, "is_fallback", Side::writer,
     "SELECT 1 FROM fallbacks WHERE seq = ?1 AND fallback = ?2 AND connector <> ?3"},
    {Sql::event_routes, "event_routes", Side::writer, "SELECT routes FROM events WHERE seq = ?1"},
    {Sql::upsert_control, "upsert_control", Side::writer,
     "INSERT INTO controls (connector, mode, upto_seq, actor, reason, at, until) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
     "ON CONFLICT (connector) DO UPDATE SET mode = excluded.mode, upto_seq = excluded.upto_seq, "
     "actor = excluded.actor, reason = excluded.reason, at = excluded.at, until = excluded.until"},
    {Sql::delete_control, "delete_control", Side::writer, "DELETE FROM controls WHERE connector = ?1"},
    {Sql::link_exists, "link_exists", Side::writer, "SELECT 1 FROM links WHERE connector = ?1 AND subject = ?2"},
    {Sql::mailbox_insert, "mailbox_insert", Side::writer,
     "INSERT INTO mailbox (connector, seq, event_id, case_id, severity, cause, reason, fingerprint, attempts, at) "
     "SELECT ?1, seq, id, case_id, severity, ?3, ?4, ?5, ?6, ?7 FROM events WHERE seq = ?2"},
    {Sql::mailbox_delete, "mailbox_delete", Side::writer, "DELETE FROM mailbox WHERE id = ?1"},
    {Sql::upsert_link, "upsert_link", Side::writer,
     "INSERT INTO links (connector, subject, external_ref, url, state, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
     "ON CONFLICT (connector, subject) DO UPDATE SET external_ref = excluded.external_ref, url = excluded.url, "
     "state = excluded.state, updated_at = excluded.updated_at"},
    {Sql::insert_audit, "insert_audit", Side::writer,
     "INSERT INTO audit (" WARDEX_AUDIT_COLUMNS
     ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)"},
    {Sql::upsert_account, "upsert_account", Side::writer,
     "INSERT INTO accounts (connector, routed, delivered, muted, coalesced, discarded) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
     "ON CONFLICT (connector) DO UPDATE SET routed = excluded.routed, delivered = excluded.delivered, "
     "muted = excluded.muted, coalesced = excluded.coalesced, discarded = excluded.discarded"},
    {Sql::update_totals, "update_totals", Side::writer,
     "UPDATE totals SET next_seq = ?1, events = ?2, unrouted = ?3 WHERE only_row = 1"},
    {Sql::set_meta, "set_meta", Side::writer,
     "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value"},
    {Sql::delete_meta, "delete_meta", Side::writer, "DELETE FROM meta WHERE key = ?1"},
    {Sql::get_meta, "get_meta", Side::writer, "SELECT value FROM meta WHERE key = ?1"},
    {Sql::load_accounts, "load_accounts", Side::writer,
     "SELECT connector, routed, delivered, muted, coalesced, discarded FROM accounts"},
    {Sql::load_totals, "load_totals", Side::writer, "SELECT next_seq, events, unrouted FROM totals WHERE only_row = 1"},
    {Sql::audit_head, "audit_head", Side::writer,
     "SELECT id, hash, at FROM audit WHERE id = (SELECT max(id) FROM audit)"},

    {Sql::load_horizon, "load_horizon", Side::writer,
     "SELECT audit_id, hash, at FROM audit_horizon WHERE only_row = 1"},
    {Sql::set_horizon, "set_horizon", Side::writer,
     "UPDATE audit_horizon SET audit_id = ?1, hash = ?2, at = ?3 WHERE only_row = 1"},
    {Sql::newest_checkpoint, "newest_checkpoint", Side::writer,
     "SELECT audit_id, at FROM checkpoints WHERE reason = 'interval' ORDER BY audit_id DESC LIMIT 1"},
    // Whatever else it is, a checkpoint made for its time stays one.
    {Sql::upsert_checkpoint, "upsert_checkpoint", Side::writer,
     "INSERT INTO checkpoints (audit_id, reason, at, hash, key, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
     "ON CONFLICT (audit_id) DO UPDATE SET reason = iif(reason = 'interval', reason, excluded.reason), "
     "at = excluded.at, hash = excluded.hash, key = excluded.key, note = excluded.note"},
    {Sql::delete_checkpoints_upto, "delete_checkpoints_upto", Side::writer,
     "DELETE FROM checkpoints WHERE audit_id <= ?1"},
    {Sql::delete_checkpoints_of_prunes, "delete_checkpoints_of_prunes", Side::writer,
     "DELETE FROM checkpoints WHERE reason = 'prune' AND audit_id < ?1"},
    {Sql::old_audit, "old_audit", Side::writer,
     "SELECT " WARDEX_AUDIT_COLUMNS " FROM audit WHERE id > ?1 ORDER BY id LIMIT ?2"},
    {Sql::delete_audit, "delete_audit", Side::writer, "DELETE FROM audit WHERE id <= ?1"},
    {Sql::old_events, "old_events", Side::writer,
     "SELECT seq, received_at, length(body) FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2"},
    {Sql::delete_events, "delete_events", Side::writer, "DELETE FROM events WHERE seq BETWEEN ?1 AND ?2"},
    {Sql::pending_between, "pending_between", Side::writer,
     "SELECT seq FROM deliveries WHERE connector = ?1 AND seq BETWEEN ?2 AND ?3"},
    {Sql::mailbox_between, "mailbox_between", Side::writer, "SELECT seq FROM mailbox WHERE seq BETWEEN ?1 AND ?2"},
    {Sql::delete_old_links, "delete_old_links", Side::writer,
     "DELETE FROM links WHERE (connector, subject) IN (SELECT connector, subject FROM links INDEXED BY links_by_age "
     "WHERE updated_at < ?1 ORDER BY updated_at LIMIT ?2)"},
    {Sql::old_mailbox, "old_mailbox", Side::writer,
     "SELECT " WARDEX_MAILBOX_COLUMNS " FROM mailbox WHERE id > ?1 ORDER BY id LIMIT ?2"},
    {Sql::count_pruned, "count_pruned", Side::writer,
     "INSERT INTO pruned (what, rows) VALUES (?1, ?2) ON CONFLICT (what) DO UPDATE SET rows = rows + excluded.rows"},
    {Sql::load_pruned, "load_pruned", Side::writer, "SELECT what, rows FROM pruned"},
    {Sql::clear_pruned, "clear_pruned", Side::writer, "DELETE FROM pruned"},
    {Sql::page_count, "page_count", Side::writer, "PRAGMA page_count"},
    {Sql::freelist_count, "freelist_count", Side::writer, "PRAGMA freelist_count"},

    {Sql::begin_read, "begin_read", Side::reader, "BEGIN"},
    {Sql::commit_read, "commit_read", Side::reader, "COMMIT"},
    {Sql::pending, "pending", Side::reader,
     "SELECT " WARDEX_PENDING_COLUMNS
     " FROM deliveries d CROSS JOIN events e ON e.seq = d.seq WHERE d.connector = ?1 AND d.seq > ?2 "
     "ORDER BY d.seq LIMIT ?3"},
    {Sql::pending_one, "pending_one", Side::writer,
     "SELECT " WARDEX_PENDING_COLUMNS
     " FROM deliveries d CROSS JOIN events e ON e.seq = d.seq WHERE d.connector = ?1 AND d.seq = ?2"},
    {Sql::event_by_seq, "event_by_seq", Side::reader, "SELECT " WARDEX_EVENT_COLUMNS " FROM events WHERE seq = ?1"},
    {Sql::link_for, "link_for", Side::reader,
     "SELECT external_ref, url, state FROM links WHERE connector = ?1 AND subject = ?2"},
    {Sql::fallbacks_of_event, "fallbacks_of_event", Side::reader,
     "SELECT connector, fallback, stands_in FROM fallbacks WHERE seq = ?1"},
    {Sql::list_controls, "list_controls", Side::reader,
     "SELECT connector, mode, upto_seq, actor, reason, at, until FROM controls"},
    {Sql::list_events, "list_events", Side::reader,
     "SELECT " WARDEX_SUMMARY_COLUMNS
     " FROM events WHERE seq < ?1 AND seq >= ?2 AND (?3 = '' OR case_id = ?3) ORDER BY seq DESC LIMIT ?4"},
    {Sql::event_summary, "event_summary", Side::reader, "SELECT " WARDEX_SUMMARY_COLUMNS " FROM events WHERE seq = ?1"},
    // Only for ids that the window no longer knows; the caller pages through seq ranges under a deadline.
    {Sql::find_event, "find_event", Side::reader,
     "SELECT seq FROM events WHERE seq < ?1 AND seq >= ?2 AND id = ?3 ORDER BY seq DESC LIMIT 1"},
    {Sql::delivery_state, "delivery_state", Side::reader,
     "SELECT attempts, next_attempt_at, last_error FROM deliveries WHERE connector = ?1 AND seq = ?2"},
    {Sql::mailbox_of_event, "mailbox_of_event", Side::reader,
     "SELECT attempts, reason FROM mailbox WHERE seq = ?1 AND connector = ?2"},
    // The walks through the mailbox end where their reader has seen enough: mailbox_queries.cpp bounds them.
    {Sql::list_mailbox, "list_mailbox", Side::reader,
     "SELECT " WARDEX_MAILBOX_COLUMNS " FROM mailbox WHERE id > ?1 AND id <= ?2 ORDER BY id"},
    {Sql::list_mailbox_by_connector, "list_mailbox_by_connector", Side::reader,
     "SELECT " WARDEX_MAILBOX_COLUMNS
     " FROM mailbox INDEXED BY mailbox_by_connector WHERE connector = ?3 AND id > ?1 AND id <= ?2 ORDER BY id"},
    {Sql::list_mailbox_by_fingerprint, "list_mailbox_by_fingerprint", Side::reader,
     "SELECT " WARDEX_MAILBOX_COLUMNS
     " FROM mailbox INDEXED BY mailbox_by_fingerprint WHERE fingerprint = ?3 AND id > ?1 AND id <= ?2 ORDER BY id"},
    // An event has an entry per connector at most, so that sorting them is nothing.
    {Sql::list_mailbox_by_seq, "list_mailbox_by_seq", Side::reader,
     "SELECT " WARDEX_MAILBOX_COLUMNS " FROM mailbox WHERE seq = ?3 AND id > ?1 AND id <= ?2 ORDER BY id"},
    {Sql::mailbox_by_id, "mailbox_by_id", Side::reader, "SELECT " WARDEX_MAILBOX_COLUMNS " FROM mailbox WHERE id = ?1"},
    // From one (connector, fingerprint, severity) to the next, and how many it has: along one index, no row is read.
    {Sql::next_mailbox_group, "next_mailbox_group", Side::reader,
     "SELECT connector, fingerprint, severity FROM mailbox INDEXED BY mailbox_by_group "
     "WHERE (connector, fingerprint, severity) > (?1, ?2, ?3) ORDER BY connector, fingerprint, severity LIMIT 1"},
    {Sql::count_mailbox_group, "count_mailbox_group", Side::reader,
     "SELECT count(*), (SELECT min(id) FROM mailbox INDEXED BY mailbox_by_group "
     "WHERE connector = ?1 AND fingerprint = ?2 AND severity = ?3), "
     "(SELECT max(id) FROM mailbox INDEXED BY mailbox_by_group "
     "WHERE connector = ?1 AND fingerprint = ?2 AND severity = ?3) FROM mailbox INDEXED BY mailbox_by_group "
     "WHERE connector = ?1 AND fingerprint = ?2 AND severity = ?3"},
    {Sql::oldest_in_mailbox, "oldest_in_mailbox", Side::reader,
     "SELECT at FROM mailbox INDEXED BY mailbox_by_connector WHERE connector = ?1 ORDER BY id LIMIT 1"},
    {Sql::audit_newest_first, "audit_newest_first", Side::reader,
     "SELECT " WARDEX_AUDIT_COLUMNS
     " FROM audit WHERE id > ?1 AND id < ?2 AND (?3 = '' OR connector = ?3) AND (?4 = '' OR action = ?4) "
     "ORDER BY id DESC LIMIT ?5"},
    {Sql::audit_oldest_first, "audit_oldest_first", Side::reader,
     "SELECT " WARDEX_AUDIT_COLUMNS
     " FROM audit WHERE id > ?1 AND id < ?2 AND (?3 = '' OR connector = ?3) AND (?4 = '' OR action = ?4) "
     "ORDER BY id LIMIT ?5"},
    // A row spans at most 65536 events, so a row about event ?6 starts at most 65535 before it. The index alone
    // decides.
    {Sql::audit_of_event, "audit_of_event", Side::reader,
     "SELECT " WARDEX_AUDIT_COLUMNS
     " FROM audit INDEXED BY audit_by_event WHERE first_seq <= ?6 AND first_seq >= ?6 - 65535 AND last_seq >= ?6 "
     "AND id > ?1 AND id < ?2 AND (?3 = '' OR connector = ?3) AND (?4 = '' OR action = ?4) ORDER BY id DESC LIMIT ?5"},

    {Sql::newest_checkpoint_note, "newest_checkpoint_note", Side::reader,
     "SELECT audit_id, note FROM checkpoints WHERE audit_id = (SELECT max(audit_id) FROM checkpoints)"},
    {Sql::list_checkpoints, "list_checkpoints", Side::reader,
     "SELECT audit_id, note FROM checkpoints WHERE audit_id > ?1 ORDER BY audit_id LIMIT ?2"},

    // The recount after a start hops from connector to connector along the key instead of grouping every row.
    {Sql::next_connector_pending, "next_connector_pending", Side::reader,
     "SELECT connector FROM deliveries WHERE connector > ?1 ORDER BY connector LIMIT 1"},
    {Sql::count_pending, "count_pending", Side::reader, "SELECT count(*) FROM deliveries WHERE connector = ?1"},
    {Sql::next_connector_mailbox, "next_connector_mailbox", Side::reader,
     "SELECT connector FROM mailbox WHERE connector > ?1 ORDER BY connector LIMIT 1"},
    {Sql::count_mailbox, "count_mailbox", Side::reader, "SELECT count(*) FROM mailbox WHERE connector = ?1"},
    {Sql::newest_event, "newest_event", Side::reader, "SELECT coalesce(max(seq), 0) FROM events"},
    {Sql::event_at_or_after, "event_at_or_after", Side::reader,
     "SELECT seq, received_at FROM events WHERE seq >= ?1 ORDER BY seq LIMIT 1"},
    {Sql::ids_from, "ids_from", Side::reader,
     "SELECT seq, id, received_at FROM events WHERE seq >= ?1 ORDER BY seq LIMIT ?2"},
}};

#undef WARDEX_EVENT_COLUMNS
#undef WARDEX_SUMMARY_COLUMNS
#undef WARDEX_PENDING_COLUMNS
#undef WARDEX_MAILBOX_COLUMNS
#undef WARDEX_AUDIT_COLUMNS

constexpr const NamedSql& named(Sql id) { return kStatements[static_cast<std::size_t>(id)]; }

static_assert(
    [] {
      for (std::size_t i = 0; i < kStatements.size(); ++i) {
        if (static_cast<std::size_t>(kStatements[i].id) != i) return false;
      }
      return true;
    }(),
    "kStatements must be in the order of enum Sql");

}  // namespace wardex::store::sqlite
