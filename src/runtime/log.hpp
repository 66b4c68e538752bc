// Structured logging: every line carries a stable event code (docs/reference/log-events.md), so that users alert on
// codes and never on wording. JSON Lines on stderr, or readable text on a terminal.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "wardex/time.hpp"

namespace wardex::log {

enum class Level : std::uint8_t { debug, info, warning, error };
enum class Format : std::uint8_t { automatic, json, text };  ///< automatic: text when stderr is a terminal

using Value = std::variant<bool, std::int64_t, std::uint64_t, double, std::string>;

struct Field {
  Field(std::string_view name, std::string_view text) : key(name), value(std::string(text)) {}
  Field(std::string_view name, const std::string& text) : key(name), value(text) {}
  Field(std::string_view name, const char* text) : key(name), value(std::string(text)) {}
  Field(std::string_view name, bool flag) : key(name), value(flag) {}
  Field(std::string_view name, double number) : key(name), value(number) {}
  template <class T>
  requires std::is_integral_v<T> Field(std::string_view name, T number) : key(name) {
    if constexpr (std::is_signed_v<T>)
      value = static_cast<std::int64_t>(number);
    else
      value = static_cast<std::uint64_t>(number);
  }

  std::string_view key;
  Value value;
};
using Fields = std::initializer_list<Field>;

/// Values are escaped on output (control characters, ANSI sequences, bidi overrides), so hostile text may be passed;
/// secrets may not. From any thread.
void write(Level level, std::string_view event, std::string_view message, Fields fields = {});
inline void debug(std::string_view event, std::string_view message, Fields fields = {}) {
  write(Level::debug, event, message, fields);
}
inline void info(std::string_view event, std::string_view message, Fields fields = {}) {
  write(Level::info, event, message, fields);
}
inline void warning(std::string_view event, std::string_view message, Fields fields = {}) {
  write(Level::warning, event, message, fields);
}
inline void error(std::string_view event, std::string_view message, Fields fields = {}) {
  write(Level::error, event, message, fields);
}

/// At any time, from any thread; holds from the next line on.
void configure(Level level, Format format);
[[nodiscard]] bool enabled(Level level);

/// Lines go to `writer` instead of stderr (tests); an empty function restores stderr.
void redirect(std::function<void(std::string_view line)> writer);

std::string_view to_string(Level level);

/// One line without its newline, pure: the two formats.
std::string format_json(WallTime at, Level level, std::string_view event, std::string_view message, Fields fields);
std::string format_text(WallTime at, Level level, std::string_view event, std::string_view message, Fields fields,
                        bool colour);

}  // namespace wardex::log
