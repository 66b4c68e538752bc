// The few primitives that payload signing needs, over OpenSSL; nothing of our own.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace wardex {

using Sha256 = std::array<unsigned char, 32>;

Sha256 sha256(std::string_view bytes);
Sha256 hmac_sha256(std::string_view key, std::string_view bytes);
std::string hex(std::string_view bytes);
std::string hex(const Sha256& digest);
/// RFC 4648 with padding.
std::string base64(std::string_view bytes);
std::string base64(const Sha256& digest);
/// Standard or URL-safe alphabet, padding optional; nullopt for anything else.
std::optional<std::string> base64_decode(std::string_view text);
/// Equal in constant time for equal lengths (CRYPTO_memcmp).
bool constant_time_equals(std::string_view a, std::string_view b);

}  // namespace wardex
