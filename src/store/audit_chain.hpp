// The audit hash chain, pure. hash = SHA-256("wardex-audit-v1" NUL, then every field length-framed), so no two
// different rows share canonical bytes; prev_hash is one of the fields, so a row vouches for all before it.
#pragma once

#include <string>

#include "store/store.hpp"
#include "wardex/crypto.hpp"

namespace wardex::store {

inline constexpr std::string_view kGenesisHash = "0000000000000000000000000000000000000000000000000000000000000000";

/// Canonical bytes of a row: domain tag, then for each field its byte length as 8-byte big-endian and its bytes; an
/// absent optional field is framed as length 2^64-1. Field order is that of AuditRow: id, at (as stored text), ...
std::string canonical(const AuditRow& row);
/// The hex hash of `row` given its `prev_hash`.
std::string chain_hash(const AuditRow& row);

}  // namespace wardex::store
