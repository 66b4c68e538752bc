#include "utf8.hpp"

#include "wardex/byte_words.hpp"
#include "wardex/text.hpp"

namespace wardex::text {
namespace {

constexpr std::string_view kEllipsis = "\xE2\x80\xA6";  // "…"

std::uint8_t byte_at(std::string_view bytes, std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); }

/// Joins the character before it: combining marks, variation selectors, skin tones, ZWJ.
bool extends(char32_t c) {
  return (c >= 0x300 && c <= 0x36F) || (c >= 0x1AB0 && c <= 0x1AFF) || (c >= 0x1DC0 && c <= 0x1DFF) || c == 0x200D ||
         (c >= 0x20D0 && c <= 0x20FF) || (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xFE20 && c <= 0xFE2F) ||
         (c >= 0x1F3FB && c <= 0x1F3FF) || (c >= 0xE0100 && c <= 0xE01EF);
}

/// Where the last character of valid UTF-8 begins.
std::size_t last_start(std::string_view valid) {
  std::size_t i = valid.size();
  while (i > 0 && (byte_at(valid, --i) & 0xC0U) == 0x80U) {
  }
  return i;
}

/// Moves a cut to the left while it would part what is seen as one character. Bounded: a text of nothing but
/// combining marks must not vanish.
std::size_t whole_character(std::string_view valid, std::size_t cut) {
  const std::size_t asked = cut;
  for (int steps = 0; steps < 8; ++steps) {
    if (cut == 0 || cut == valid.size()) return cut == 0 ? asked : cut;
    const auto before = last_start(valid.substr(0, cut));
    const bool joined = decode(valid.substr(before)).code_point == 0x200D;
    if (!extends(decode(valid.substr(cut)).code_point) && !joined) return cut;
    cut = before;
  }
  return asked;
}

/// Byte offset behind the first `count` characters.
std::size_t offset_of(std::string_view valid, std::size_t count) {
  std::size_t at = 0;
  while (count > 0 && at < valid.size()) {
    const auto ascii = ascii_size(valid.substr(at, count));
    at += ascii;
    count -= ascii;
    if (count == 0 || at == valid.size()) break;
    at += decode(valid.substr(at)).size;
    --count;
  }
  return at;
}

/// Moves a cut to before an entity ("&amp;", "&#39;", "&#x1F600;") that it would part.
std::size_t whole_entity(std::string_view escaped, std::size_t cut) {
  constexpr std::size_t kLongestEntity = 10;
  const auto from = cut > kLongestEntity ? cut - kLongestEntity : 0;
  const auto start = escaped.substr(0, cut).rfind('&');
  if (start == std::string_view::npos || start < from) return cut;
  const auto end =
      escaped.find_first_not_of("#ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", start + 1);
  const bool entity =
      end != std::string_view::npos && escaped[end] == ';' && end > start + 1 && end - start <= kLongestEntity;
  return entity && end >= cut ? start : cut;
}

/// How many bytes `bytes` starts with that are valid UTF-8. Most text is ASCII all through.
std::size_t valid_size(std::string_view bytes) {
  std::size_t at = 0;
  while ((at += ascii_size(bytes.substr(at))) < bytes.size()) {
    const auto next = decode(bytes.substr(at));
    if (!next.valid) return at;
    at += next.size;
  }
  return at;
}

template <class Adjust>
std::string truncated(std::string valid, std::size_t max, Adjust adjust) {
  if (valid.size() <= max || length(valid) <= max) return valid;
  if (max == 0) return {};
  valid.resize(adjust(valid, offset_of(valid, max - 1)));
  return valid.append(kEllipsis);
}

}  // namespace

Decoded decode(std::string_view bytes) {
  const auto lead = byte_at(bytes, 0);
  if (lead < 0x80) return {lead, 1, true};
  std::size_t size = 0;
  // The second byte's range rules out overlong forms, surrogates and everything above U+10FFFF (Unicode table 3-7).
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    size = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    size = 3;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    size = 4;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  } else {
    return {kReplacement, 1, false};
  }
  char32_t code_point = lead & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if (i >= bytes.size() || byte_at(bytes, i) < low || byte_at(bytes, i) > high) return {kReplacement, i, false};
    code_point = (code_point << 6U) | (byte_at(bytes, i) & 0x3FU);
    low = 0x80;
    high = 0xBF;
  }
  return {code_point, size, true};
}

bool is_valid_utf8(std::string_view bytes) { return valid_size(bytes) == bytes.size(); }

std::string valid_utf8(std::string_view bytes) {
  const auto valid = valid_size(bytes);
  std::string out(bytes.substr(0, valid));
  if (valid == bytes.size()) return out;
  for_each_character(bytes.substr(valid), [&out](char32_t, std::string_view character) { out += character; });
  return out;
}

std::size_t length(std::string_view utf8) {
  std::size_t count = 0;
  while (!utf8.empty()) {
    const auto ascii = ascii_size(utf8);
    count += ascii;
    utf8.remove_prefix(ascii);
    if (utf8.empty()) break;
    const auto next = decode(utf8);
    count += next.valid ? 1 : next.size;
    utf8.remove_prefix(next.size);
  }
  return count;
}

std::string truncate(std::string_view utf8, std::size_t max) {
  return truncated(valid_utf8(utf8), max,
                   [](std::string_view valid, std::size_t cut) { return whole_character(valid, cut); });
}

std::string truncate_escaped(std::string_view utf8, std::size_t max) {
  return truncated(valid_utf8(utf8), max, [](std::string_view valid, std::size_t cut) {
    return whole_entity(valid, whole_character(valid, cut));
  });
}

std::string truncate_bytes(std::string_view utf8, std::size_t max) {
  std::string valid = valid_utf8(utf8);
  if (valid.size() <= max) return valid;
  const bool room = max >= kEllipsis.size();
  std::size_t cut = room ? max - kEllipsis.size() : max;
  while (cut > 0 && (byte_at(valid, cut) & 0xC0U) == 0x80U) --cut;
  valid.resize(whole_character(valid, cut));
  if (room) valid.append(kEllipsis);
  return valid;
}

}  // namespace wardex::text
