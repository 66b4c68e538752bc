// The three families of webhook signatures, as pure functions over the exact bytes that are sent.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wardex/request.hpp"
#include "webhook/settings.hpp"

namespace wardex::webhook {

/// The key of the standard scheme: base64, with or without the prefix "whsec_"; nullopt when it is not base64.
std::optional<std::string> standard_key(std::string_view secret);

/// The headers that prove the body. `id` contains no '.'; `unix_seconds` is this attempt's time, so that a late retry
/// is not refused as a replay.
std::vector<Header> sign(const Signing& signing, const std::vector<Secret>& secrets, std::string_view id,
                         std::int64_t unix_seconds, std::string_view body);

/// The names sign() uses, for telling them from the user's own headers.
std::vector<std::string> signature_headers(const Signing& signing);

}  // namespace wardex::webhook
