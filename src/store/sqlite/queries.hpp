// The read verbs, each one function over a read-only connection.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/sqlite/database.hpp"
#include "store/sqlite/window.hpp"

namespace wardex::store::sqlite {

using EventAndLink = std::pair<StoredEvent, std::optional<Link>>;

std::vector<Pending> read_pending(Connection& database, const std::string& connector, Seq after, std::size_t limit);
std::vector<EventAndLink> read_events_for(Connection& database, const std::string& connector,
                                          const std::vector<Seq>& seqs);
std::vector<Control> read_controls(Connection& database);
/// `place`: what the window of known ids says about filter.id (or the trail's id). An id it has forgotten is searched
/// for in the million events before those it knows.
std::vector<EventSummary> read_events(Connection& database, const EventFilter& filter, const KnownIds::Place& place);
EventTrail read_trail(Connection& database, const std::string& event_id, const KnownIds::Place& place);
// In mailbox_queries.cpp; `place` as above, of filter.event_id.
MailboxPage read_mailbox(Connection& database, const MailboxFilter& filter, const KnownIds::Place& place);
MailboxSum read_mailbox_sum(Connection& database, const MailboxFilter& filter, const KnownIds::Place& place);
MailboxGroups read_mailbox_groups(Connection& database, const MailboxGroupFilter& filter);
std::map<std::string, WallTime> read_mailbox_oldest(Connection& database);
/// The seq of the event with this id, searched for as read_events does.
std::optional<Seq> find_event(Connection& database, const std::string& id, const KnownIds::Place& place);
std::vector<AuditRow> read_audit(Connection& database, const AuditFilter& filter);

}  // namespace wardex::store::sqlite
