#include "normalise/identity.hpp"

#include <nlohmann/json.hpp>

#include "wardex/crypto.hpp"

namespace wardex::normalise {

namespace {

/// Length-framed, so that no two different lists of parts have the same bytes.
std::string frame(std::string_view domain, std::initializer_list<std::string_view> parts) {
  std::string bytes(domain);
  for (const auto part : parts) {
    bytes += '\0';
    bytes += std::to_string(part.size());
    bytes += ':';
    bytes += part;
  }
  return bytes;
}

std::string event_id(std::string_view bytes) { return "evt_" + hex(sha256(bytes)).substr(0, 32); }

}  // namespace

std::string content_id(const nlohmann::json& document, std::span<const std::string_view> volatile_members,
                       std::string_view context) {
  // nlohmann keeps members sorted by key, so that dump() is canonical as it is.
  const auto dump = [](const nlohmann::json& value) {
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  };
  if (volatile_members.empty()) return event_id(frame("wardex-event-content-v1", {dump(document), context}));
  auto content = document;
  for (const auto member : volatile_members) content.erase(member);
  return event_id(frame("wardex-event-content-v1", {dump(content), context}));
}

std::string key_id(const Options& options) {
  return event_id(
      frame("wardex-event-key-v1", {options.origin, options.idempotency_key, std::to_string(options.index)}));
}

}  // namespace wardex::normalise
