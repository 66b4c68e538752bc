// The members that rules and shapes look for, numbered, so that a document is searched for all of them in one go.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace wardex::normalise {

inline constexpr std::array kNames = std::to_array<std::string_view>({"_index",
                                                                      "action",
                                                                      "affected_hosts",
                                                                      "agent_id",
                                                                      "alert_id",
                                                                      "alert_ids",
                                                                      "assignee",
                                                                      "case_id",
                                                                      "category",
                                                                      "comments",
                                                                      "confidence",
                                                                      "created_at",
                                                                      "data",
                                                                      "description",
                                                                      "dest_ip",
                                                                      "destination_ip",
                                                                      "device_id",
                                                                      "domain",
                                                                      "dst_ip",
                                                                      "email",
                                                                      "endpoint_id",
                                                                      "entities",
                                                                      "event_count",
                                                                      "event_id",
                                                                      "event_ids",
                                                                      "event_type",
                                                                      "evidence",
                                                                      "file_hash",
                                                                      "headline",
                                                                      "host",
                                                                      "hostname",
                                                                      "id",
                                                                      "incident_count",
                                                                      "incident_ids",
                                                                      "intel",
                                                                      "ip",
                                                                      "ip_address",
                                                                      "kind",
                                                                      "labels",
                                                                      "level",
                                                                      "md5",
                                                                      "message",
                                                                      "mitre",
                                                                      "mitre_techniques",
                                                                      "name",
                                                                      "narrative",
                                                                      "observables",
                                                                      "occurred_at",
                                                                      "priority",
                                                                      "process",
                                                                      "process_name",
                                                                      "process_names",
                                                                      "reasons",
                                                                      "related_alerts",
                                                                      "remote_ip",
                                                                      "rule",
                                                                      "rule_id",
                                                                      "rule_name",
                                                                      "score",
                                                                      "severity",
                                                                      "sha1",
                                                                      "sha256",
                                                                      "source",
                                                                      "source_ip",
                                                                      "src_ip",
                                                                      "status",
                                                                      "summary",
                                                                      "tactic",
                                                                      "tags",
                                                                      "technique_id",
                                                                      "tenant",
                                                                      "tenant_id",
                                                                      "timeline",
                                                                      "timestamp",
                                                                      "title",
                                                                      "type",
                                                                      "updated_at",
                                                                      "url",
                                                                      "user",
                                                                      "username",
                                                                      "wardex_url"});

inline constexpr std::size_t kUnknownName = kNames.size();

namespace names_detail {

inline constexpr std::size_t kSlots = 256;

constexpr std::size_t slot_of(std::string_view name) {
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(name[i])); };
  return (name.size() * 53 + byte(0) * 7 + byte(name.size() / 2) * 29 + byte(name.size() - 1) * 101) % kSlots;
}

/// Open addressing: a name stands in its slot or in one of those behind it, before the next free one.
inline constexpr auto kTable = [] {
  std::array<std::uint8_t, kSlots> table{};
  table.fill(static_cast<std::uint8_t>(kUnknownName));
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    auto slot = slot_of(kNames[i]);
    while (table[slot] != kUnknownName) slot = (slot + 1) % kSlots;
    table[slot] = static_cast<std::uint8_t>(i);
  }
  return table;
}();
static_assert(kNames.size() < kSlots / 2);

}  // namespace names_detail

/// Its place in kNames, or kUnknownName.
constexpr std::size_t number_of(std::string_view name) {
  if (name.empty()) return kUnknownName;
  for (auto slot = names_detail::slot_of(name);; slot = (slot + 1) % names_detail::kSlots) {
    const std::size_t number = names_detail::kTable[slot];
    if (number == kUnknownName || kNames[number] == name) return number;
  }
}

/// A name in the code; one that is missing in kNames does not compile.
class Name {
 public:
  consteval Name(const char* text) : number_(number_of(text)) {  // NOLINT: a literal is what it stands for
    if (number_ == kUnknownName) throw "add it to kNames";
  }
  [[nodiscard]] constexpr std::size_t number() const { return number_; }

 private:
  std::size_t number_;
};

}  // namespace wardex::normalise
