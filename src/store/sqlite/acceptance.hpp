// Accepting events, for the verb of that name and for those that make events of their own.
#pragma once

#include <vector>

#include "store/sqlite/ledger.hpp"

namespace wardex::store::sqlite {

/// Only in verbs that need the known ids. A target that is not muted after all is changed so in `events`.
Accepted accept_into(Ledger& ledger, std::vector<NewEvent>& events, const AuditRecord& audit);

}  // namespace wardex::store::sqlite
