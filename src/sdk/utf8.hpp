// Walking through UTF-8 that may be hostile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wardex::text {

inline constexpr char32_t kReplacement = U'\uFFFD';

struct Decoded {
  char32_t code_point = kReplacement;
  std::size_t size = 0;  ///< bytes taken; for an invalid sequence its maximal well-formed prefix (Unicode 3.9, W3C)
  bool valid = false;
};

/// The first character of `bytes`, which must not be empty.
Decoded decode(std::string_view bytes);

/// Calls `use(code_point, bytes)` for each character; what is invalid arrives as U+FFFD.
template <class Use>
void for_each_character(std::string_view bytes, Use use) {
  constexpr std::string_view kReplacementBytes = "\xEF\xBF\xBD";
  while (!bytes.empty()) {
    const auto lead = static_cast<unsigned char>(bytes.front());
    const auto next = lead < 0x80 ? Decoded{lead, 1, true} : decode(bytes);
    use(next.code_point, next.valid ? bytes.substr(0, next.size) : kReplacementBytes);
    bytes.remove_prefix(next.size);
  }
}

}  // namespace wardex::text
