#include "intake/signature.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "wardex/crypto.hpp"

namespace wardex::intake {

namespace {

/// A rotation needs two; more than this is somebody making us compare.
constexpr std::size_t kMaxSignatures = 16;
constexpr std::size_t kMaxIdBytes = 255;

std::vector<std::string_view> v1_signatures(std::string_view header) {
  std::vector<std::string_view> out;
  while (!header.empty() && out.size() < kMaxSignatures) {
    const auto end = std::min(header.find(' '), header.size());
    const auto one = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    if (one.starts_with("v1,"))
      out.push_back(one.substr(3));  // other versions are skipped, as the specification has it
  }
  return out;
}

/// No '.': with one, "a.1" at time 2 and "a" at time 1 could be the same signed bytes.
bool is_message_id(std::string_view id) {
  return !id.empty() && id.size() <= kMaxIdBytes && id.find('.') == std::string_view::npos &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

std::optional<std::int64_t> unix_seconds(std::string_view text) {
  std::int64_t value = 0;
  if (text.empty() || text.size() > 12 || text.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string key_of(const Secret& secret) {
  auto text = secret.reveal();
  if (text.starts_with("whsec_")) text.remove_prefix(6);
  return base64_decode(text).value_or("");
}

}  // namespace

Verified verify(const std::vector<config::HmacSender>& senders, const SignedMessage& message, WallTime now) {
  const auto at = unix_seconds(message.timestamp);
  const auto offered = v1_signatures(message.signature);
  if (!is_message_id(message.id) || !at || offered.empty()) return {};

  std::string content;
  content.reserve(message.id.size() + message.timestamp.size() + message.body.size() + 2);
  content.append(message.id).append(".").append(message.timestamp).append(".").append(message.body);
  Verified result;
  for (const auto& sender : senders) {
    for (const auto& secret : sender.secrets) {
      const auto key = key_of(secret);
      if (key.empty()) continue;  // an empty key would be everybody's
      const auto expected = base64(hmac_sha256(key, content));
      for (const auto signature : offered)
        if (constant_time_equals(expected, signature) && result.sender.empty()) result.sender = sender.name;
    }
  }
  if (result.sender.empty()) return {};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  const auto distance = *at > seconds ? *at - seconds : seconds - *at;
  result.validity = distance <= kToleranceSeconds ? Validity::valid : Validity::stale;
  return result;
}

}  // namespace wardex::intake
