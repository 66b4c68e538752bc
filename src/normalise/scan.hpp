// The skeleton of a JSON text: brackets, commas and strings with their offsets. No values, no recursion.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace wardex::normalise {

struct Mark {
  char kind = 0;           ///< one of { } [ ] , or '"' for a whole string
  std::size_t offset = 0;  ///< of its first byte
};

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  /// The next mark; nullopt at the end of the text or inside a string that never ends (see open_string()).
  std::optional<Mark> next();
  /// Where the string starts that the text ends in, if it does.
  [[nodiscard]] std::optional<std::size_t> open_string() const { return open_string_; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::optional<std::size_t> open_string_;
};

inline bool is_json_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace wardex::normalise
