#include "normalise/identity.hpp"

#include <numeric>

#include "normalise/canonical.hpp"
#include "wardex/crypto.hpp"

namespace wardex::normalise {

namespace {

/// Length-framed, so that no two different lists of parts have the same bytes.
std::string frame(std::string_view domain, std::initializer_list<std::string_view> parts) {
  constexpr std::size_t kDigits = 24;  // and what stands around them
  std::string bytes;
  bytes.reserve(std::accumulate(parts.begin(), parts.end(), domain.size(),
                                [](std::size_t sum, std::string_view part) { return sum + kDigits + part.size(); }));
  bytes += domain;
  for (const auto part : parts) {
    bytes += '\0';
    bytes += std::to_string(part.size());
    bytes += ':';
    bytes += part;
  }
  return bytes;
}

std::string event_id(std::string_view bytes) {
  const auto digest = sha256(bytes);
  return "evt_" + hex({reinterpret_cast<const char*>(digest.data()), digest.size() / 2});
}

}  // namespace

std::string content_id(const Node& document, std::span<const std::string_view> volatile_members,
                       std::string_view context) {
  const auto content = canonical_json(document, volatile_members);
  return event_id(frame("wardex-event-content-v1", {content, context}));
}

std::string key_id(const Options& options) {
  return event_id(
      frame("wardex-event-key-v1", {options.origin, options.idempotency_key, std::to_string(options.index)}));
}

}  // namespace wardex::normalise
