#include "wardex/json_writer.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include <nlohmann/json.hpp>

#include "utf8.hpp"
#include "wardex/byte_words.hpp"

namespace wardex {
namespace {

/// 0: as it is; 1: control character; 2: beyond ASCII; else the letter after the backslash.
constexpr auto kEscape = [] {
  std::array<char, 256> table{};
  for (std::size_t c = 0; c < 0x20; ++c) table[c] = 1;
  for (std::size_t c = 0x80; c < 0x100; ++c) table[c] = 2;
  table['"'] = '"';
  table['\\'] = '\\';
  table['\b'] = 'b';
  table['\f'] = 'f';
  table['\n'] = 'n';
  table['\r'] = 'r';
  table['\t'] = 't';
  return table;
}();

}  // namespace

void JsonWriter::quote(std::string_view text) {
  out_ += '"';
  while (!text.empty()) {
    const auto plain = text::json_plain_size(text);
    out_.append(text.data(), plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto byte = static_cast<unsigned char>(text.front());
    switch (const char escape = kEscape[byte]) {
      case 1: {
        constexpr std::string_view kHex = "0123456789abcdef";
        out_ += "\\u00";
        out_ += kHex[byte >> 4U];
        out_ += kHex[byte & 15U];
        text.remove_prefix(1);
        break;
      }
      case 2: {
        const auto character = text::decode(text);
        out_ += character.valid ? text.substr(0, character.size) : std::string_view("\xEF\xBF\xBD");
        text.remove_prefix(character.size);
        break;
      }
      default:
        out_ += '\\';
        out_ += escape;
        text.remove_prefix(1);
    }
  }
  out_ += '"';
}

void JsonWriter::integer(std::int64_t number) {
  std::array<char, 24> digits{};
  out_.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

void JsonWriter::integer(std::uint64_t number) {
  std::array<char, 24> digits{};
  out_.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

JsonWriter& JsonWriter::value(double number) {
  if (!std::isfinite(number)) return null();
  separate();
  // The library's notation, exponents and all: a payload must not depend on which of the two wrote it.
  std::array<char, 64> digits{};
  out_.append(digits.data(), nlohmann::detail::to_chars(digits.data(), digits.data() + digits.size(), number));
  return *this;
}

}  // namespace wardex
