// The audit hash chain, pure. hash = SHA-256("wardex-audit-v1" NUL, then every field length-framed), so no two
// different rows share canonical bytes; prev_hash is one of the fields, so a row vouches for all before it.
#pragma once

#include <string>

#include "store/store.hpp"
#include "wardex/crypto.hpp"

namespace wardex::store {

inline constexpr std::string_view kGenesisHash = "0000000000000000000000000000000000000000000000000000000000000000";

/// Canonical bytes of a row: domain tag "wardex-audit-v1" and a NUL, then for each field its byte length as 8-byte
/// big-endian and its bytes; an absent optional field is framed as length 2^64-1. Fields, in the order of the table's
/// columns: id, at, actor, action, connector, first_seq, last_seq, count, attempt, outcome, status_code, latency_ms,
/// request_digest, detail, prev_hash. `at` is the stored text (RFC 3339 UTC, milliseconds), numbers are decimal text.
std::string canonical(const AuditRow& row);
/// The hex hash of `row` given its `prev_hash`.
std::string chain_hash(const AuditRow& row);

}  // namespace wardex::store
