// Which signed messages have been taken lately.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include "wardex/time.hpp"

namespace wardex::intake {

/// A repeated webhook-id is a retry, not an attack: Standard Webhooks senders keep the id over all attempts, and events
/// dedup by their own ids, so a captured request that is sent again has no effect. But event ids may come from the
/// Idempotency-Key header, which the signature does not cover: a captured request under another key would be new
/// events. So an id stays bound to the key it first came with for as long as its signature can be fresh.
class SeenMessages {
 public:
  explicit SeenMessages(std::size_t capacity = 65536) : capacity_(capacity) {}
  /// False: this message came before with another key. Only to be asked about verified messages.
  bool admit(std::string_view sender, std::string_view message_id, std::string_view idempotency_key, WallTime now);
  [[nodiscard]] std::size_t size() const { return keys_.size(); }

 private:
  struct Expiry {
    WallTime at;
    std::string message;
  };
  std::size_t capacity_;
  std::unordered_map<std::string, std::string> keys_;
  std::deque<Expiry> expiries_;  // oldest first
};

}  // namespace wardex::intake
