#include "intake/seen_messages.hpp"

#include "intake/signature.hpp"

namespace wardex::intake {

bool SeenMessages::admit(std::string_view sender, std::string_view message_id, std::string_view idempotency_key,
                         WallTime now) {
  while (!expiries_.empty() && (expiries_.front().at <= now || keys_.size() > capacity_)) {
    keys_.erase(expiries_.front().message);
    expiries_.pop_front();
  }
  // Ids hold no space, so that the two parts cannot run into one another.
  const auto message = std::string(sender) + ' ' + std::string(message_id);
  const auto [entry, fresh] = keys_.try_emplace(message, idempotency_key);
  if (!fresh) return entry->second == idempotency_key;
  // Signed for the end of the tolerance ahead of us, it is fresh until the end of the tolerance after that.
  expiries_.push_back({now + std::chrono::seconds(2 * kToleranceSeconds + 1), message});
  return true;
}

}  // namespace wardex::intake
