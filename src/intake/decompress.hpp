// Content-Encoding: one layer of gzip or zstd, with a cap on what comes out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "intake/refusal.hpp"

namespace wardex::intake {

enum class Coding : std::uint8_t { identity, gzip, zstd };

/// From the header fields; refused unless it is none, identity, or exactly one that we know.
std::variant<Coding, Refusal> content_coding(const transport::ServerRequest& request);

/// A megabyte from a few bytes is ordinary for JSON of one shape; beyond that, nothing honest shrinks a hundredfold.
inline constexpr std::size_t kRatioFreeBytes = 1024UL * 1024UL;
inline constexpr std::size_t kMaxRatio = 100;

/// The body itself for identity.
std::variant<std::string, Refusal> decompress(Coding coding, std::string body, std::size_t max_bytes);

}  // namespace wardex::intake
