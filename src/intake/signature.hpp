// Standard Webhooks 1.0.0, the receiving side. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"

namespace wardex::intake {

struct SignedMessage {
  std::string_view id;         ///< webhook-id
  std::string_view timestamp;  ///< webhook-timestamp: Unix seconds
  std::string_view signature;  ///< webhook-signature: "v1,BASE64 v1,BASE64"
  std::string_view body;       ///< the bytes as sent, before any decompression
};

/// How far a signed timestamp may be from our clock, either way (the specification's own figure).
inline constexpr std::int64_t kToleranceSeconds = 300;

enum class Validity : std::uint8_t { valid, stale, invalid };
struct Verified {
  Validity validity = Validity::invalid;
  std::string sender;  ///< whose secret it was; empty when invalid
};

/// Compares every secret of every sender with every `v1` signature, whichever matches first. Only the holder of a
/// secret is told that its timestamp is off.
Verified verify(const std::vector<config::HmacSender>& senders, const SignedMessage& message, WallTime now);

}  // namespace wardex::intake
