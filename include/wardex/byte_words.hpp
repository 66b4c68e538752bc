// Text many bytes at a time, for the loops that every byte of every event goes through.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace wardex::text {

namespace byte_words {

#ifdef __SSE2__
/// Sixteen bytes; a mask has a bit for each.
struct Word {
  static constexpr std::size_t kSize = 16;
  static constexpr std::size_t kBitsPerByte = 1;
  using Mask = std::uint32_t;

  explicit Word(const char* from) : bytes(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))) {}
  [[nodiscard]] Mask equal(char c) const { return mask(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c))); }
  [[nodiscard]] Mask not_ascii() const { return mask(bytes); }
  [[nodiscard]] Mask control() const { return mask(_mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes)); }

 private:
  static Mask mask(__m128i flags) { return static_cast<Mask>(_mm_movemask_epi8(flags)); }
  __m128i bytes;
};
#else
/// Eight bytes; a mask has eight bits for each. Of the flags it holds the lowest is right; ones above may be wrong.
struct Word {
  static_assert(std::endian::native == std::endian::little, "flags are counted from the first byte");
  static constexpr std::size_t kSize = 8;
  static constexpr std::size_t kBitsPerByte = 8;
  using Mask = std::uint64_t;

  explicit Word(const char* from) { std::memcpy(&bytes, from, sizeof bytes); }
  [[nodiscard]] Mask equal(char c) const {
    const std::uint64_t differing = bytes ^ (kOnes * static_cast<unsigned char>(c));
    return (differing - kOnes) & ~differing & kHigh;
  }
  [[nodiscard]] Mask not_ascii() const { return bytes & kHigh; }
  [[nodiscard]] Mask control() const { return (bytes - kOnes * 0x20) & ~bytes & kHigh; }

 private:
  static constexpr std::uint64_t kOnes = 0x0101010101010101U;
  static constexpr std::uint64_t kHigh = 0x8080808080808080U;
  std::uint64_t bytes = 0;
};
#endif

/// How many bytes `text` starts with that `flags` (of a Word) and `is_plain` (of a byte) have nothing against.
template <class Flags, class IsPlain>
std::size_t plain_size(std::string_view text, Flags flags, IsPlain is_plain) {
  std::size_t at = 0;
  for (; at + Word::kSize <= text.size(); at += Word::kSize)
    if (const auto found = flags(Word(text.data() + at)); found != 0)
      return at + static_cast<std::size_t>(std::countr_zero(found)) / Word::kBitsPerByte;
  while (at < text.size() && is_plain(static_cast<unsigned char>(text[at]))) ++at;
  return at;
}

}  // namespace byte_words

/// How many ASCII bytes `text` starts with.
inline std::size_t ascii_size(std::string_view text) {
  return byte_words::plain_size(
      text, [](byte_words::Word word) { return word.not_ascii(); }, [](unsigned char c) { return c < 0x80; });
}

/// How many bytes `text` starts with that stand in a JSON string as they are, ASCII only: no quote, backslash or
/// control character.
inline std::size_t json_plain_size(std::string_view text) {
  return byte_words::plain_size(
      text,
      [](byte_words::Word word) { return word.equal('"') | word.equal('\\') | word.control() | word.not_ascii(); },
      [](unsigned char c) { return c >= 0x20 && c < 0x80 && c != '"' && c != '\\'; });
}

/// How many bytes `text` starts with that neither end a JSON string nor begin an escape.
inline std::size_t json_text_size(std::string_view text) {
  return byte_words::plain_size(
      text, [](byte_words::Word word) { return word.equal('"') | word.equal('\\'); },
      [](unsigned char c) { return c != '"' && c != '\\'; });
}

}  // namespace wardex::text
