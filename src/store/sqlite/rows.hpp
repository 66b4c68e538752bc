// Result rows of the named statements -> the structs of store.hpp, for readers and for verbs alike.
#pragma once

#include "store/sqlite/database.hpp"

namespace wardex::store::sqlite {

std::optional<WallTime> optional_time(std::string_view iso);
StoredEvent stored_event(const Query& row);
EventSummary event_summary(const Query& row);
Pending pending_delivery(const Query& row);
MailboxEntry mailbox_entry(const Query& row);
Control control_row(const Query& row);
/// Throws Refused when a column is not what the gateway writes: an audit row that was tampered with.
AuditRow audit_row(const Query& row);

}  // namespace wardex::store::sqlite
