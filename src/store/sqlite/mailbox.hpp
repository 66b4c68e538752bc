// How entries leave the failure mailbox.
#pragma once

#include <string>
#include <vector>

#include "store/sqlite/ledger.hpp"

namespace wardex::store::sqlite {

struct LeaveMailbox {
  std::string action;  ///< replay | discard
  std::string actor;
  std::string reason;
  WallTime at;
};
/// With audit rows; what they are counted as from then on is the caller's.
void leave_mailbox(Ledger& ledger, const std::vector<MailboxEntry>& entries, const LeaveMailbox& step);

}  // namespace wardex::store::sqlite
