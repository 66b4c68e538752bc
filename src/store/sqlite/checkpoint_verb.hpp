// Signed checkpoints of the audit chain, for the verb and for the pruning of the trail.
#pragma once

#include "store/sqlite/ledger.hpp"

namespace wardex::store::sqlite {

enum class CheckpointReason { interval, prune };
/// Has the chain's head signed and keeps the note. Throws Refused while there is nothing to sign.
Signed sign_head(Ledger& ledger, const Sign& sign, CheckpointReason reason);

}  // namespace wardex::store::sqlite
