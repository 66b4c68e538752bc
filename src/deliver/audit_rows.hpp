// What an attempt leaves in the audit trail. Pure.
#pragma once

#include <string>
#include <vector>

#include "deliver/lane.hpp"
#include "deliver/report.hpp"
#include "store/store.hpp"

namespace wardex::deliver {

/// One row for the attempt (streaming) or one per event; and one for each event that went to the mailbox.
/// `sent` and `settled` belong to each other, item by item.
std::vector<store::AuditRecord> audit_rows(const std::string& connector, bool streaming,
                                           const std::vector<Start::Item>& sent, const AttemptReport& report,
                                           const std::vector<store::Settle>& settled, WallTime at);
/// Rows for events that were given up without another attempt.
std::vector<store::AuditRecord> mailbox_rows(const std::string& connector, const std::vector<store::Settle>& settled,
                                             WallTime at);

}  // namespace wardex::deliver
