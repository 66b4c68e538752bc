// Text eight bytes at a time, for the loops that every byte of every event goes through.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace wardex::text {

namespace byte_words {

inline constexpr std::uint64_t kOnes = 0x0101010101010101U;
inline constexpr std::uint64_t kHigh = 0x8080808080808080U;

inline std::uint64_t load(const char* from) {
  std::uint64_t word = 0;
  std::memcpy(&word, from, sizeof word);
  return word;
}
/// The high bit of each byte that equals `c`. Bytes above the first one found may be flagged wrongly; the first never.
constexpr std::uint64_t equal(std::uint64_t word, char c) {
  const std::uint64_t differing = word ^ (kOnes * static_cast<unsigned char>(c));
  return (differing - kOnes) & ~differing & kHigh;
}
/// The same for each byte below `limit` (at most 0x80).
constexpr std::uint64_t below(std::uint64_t word, unsigned char limit) {
  return (word - kOnes * limit) & ~word & kHigh;
}

/// How many bytes `text` starts with that `flags` (of a word) and `is_plain` (of a byte) have nothing against.
template <class Flags, class IsPlain>
std::size_t plain_size(std::string_view text, Flags flags, IsPlain is_plain) {
  std::size_t at = 0;
  for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
    const std::uint64_t found = flags(load(text.data() + at));
    if (found == 0) continue;
    if constexpr (std::endian::native == std::endian::little)
      return at + static_cast<std::size_t>(std::countr_zero(found)) / 8;
    break;
  }
  while (at < text.size() && is_plain(static_cast<unsigned char>(text[at]))) ++at;
  return at;
}

}  // namespace byte_words

/// How many ASCII bytes `text` starts with.
inline std::size_t ascii_size(std::string_view text) {
  return byte_words::plain_size(
      text, [](std::uint64_t word) { return word & byte_words::kHigh; }, [](unsigned char c) { return c < 0x80; });
}

/// How many bytes `text` starts with that stand in a JSON string as they are, ASCII only: no quote, backslash or
/// control character.
inline std::size_t json_plain_size(std::string_view text) {
  using namespace byte_words;
  return plain_size(
      text,
      [](std::uint64_t word) {
        return equal(word, '"') | equal(word, '\\') | below(word, 0x20) | (word & byte_words::kHigh);
      },
      [](unsigned char c) { return c >= 0x20 && c < 0x80 && c != '"' && c != '\\'; });
}

}  // namespace wardex::text
