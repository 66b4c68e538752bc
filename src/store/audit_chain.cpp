#include "store/audit_chain.hpp"

#include <cstdint>
#include <limits>

namespace wardex::store {
namespace {

constexpr std::string_view kDomain{"wardex-audit-v1\0", 16};
constexpr std::uint64_t kAbsent = std::numeric_limits<std::uint64_t>::max();

void append_length(std::string& out, std::uint64_t length) {
  for (int shift = 56; shift >= 0; shift -= 8)
    out += static_cast<char>((length >> static_cast<unsigned>(shift)) & 0xff);
}
void append(std::string& out, std::string_view field) {
  append_length(out, field.size());
  out += field;
}
template <class T>
void append_number(std::string& out, const std::optional<T>& number) {
  if (number) {
    append(out, std::to_string(*number));
  } else {
    append_length(out, kAbsent);
  }
}
template <class T>
void append_number(std::string& out, T number) {
  append(out, std::to_string(number));
}

}  // namespace

std::string canonical(const AuditRow& row) {
  std::string out;
  out.reserve(512 + row.detail.size());
  out += kDomain;
  append_number(out, row.id);
  append(out, to_iso(row.at));
  append(out, row.actor);
  append(out, row.action);
  append(out, row.connector);
  append_number(out, row.first_seq);
  append_number(out, row.last_seq);
  append_number(out, row.count);
  append_number(out, row.attempt);
  append(out, row.outcome);
  append_number(out, row.status_code);
  append_number(out, row.latency_ms);
  append(out, row.request_digest);
  append(out, row.detail);
  append(out, row.prev_hash);
  return out;
}

std::string chain_hash(const AuditRow& row) { return hex(sha256(canonical(row))); }

}  // namespace wardex::store
