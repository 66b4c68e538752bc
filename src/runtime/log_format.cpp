#include <cstdio>

#include <nlohmann/json.hpp>

#include "runtime/log.hpp"
#include "wardex/text.hpp"

namespace wardex::log {

namespace {

std::string_view colour_of(Level level) {
  switch (level) {
    case Level::debug:
      return "\x1b[2m";
    case Level::info:
      return "\x1b[36m";
    case Level::warning:
      return "\x1b[33m";
    case Level::error:
      return "\x1b[31m";
  }
  return "";
}

/// What must not reach a terminal raw: C0, DEL, C1 (CSI is one byte there), bidi controls (Trojan Source,
/// CVE-2021-42574), zero-width and line separators.
bool unsafe(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x2069) || c == 0xFEFF;
}

/// Walks valid UTF-8; unsafe characters become visible escapes.
std::string terminal_safe(std::string_view bytes) {
  const auto utf8 = text::valid_utf8(bytes);
  std::string out;
  out.reserve(utf8.size());
  for (std::size_t i = 0; i < utf8.size();) {
    const auto lead = static_cast<unsigned char>(utf8[i]);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    char32_t c = size == 1 ? lead : lead & (0x7FU >> size);
    for (std::size_t k = 1; k < size; ++k) c = (c << 6U) | (static_cast<unsigned char>(utf8[i + k]) & 0x3FU);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (unsafe(c)) {
      char escape[16];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      out += escape;
    } else {
      out.append(utf8, i, size);
    }
    i += size;
  }
  return out;
}

nlohmann::ordered_json to_json(const Value& value) {
  return std::visit([](const auto& v) { return nlohmann::ordered_json(v); }, value);
}

std::string to_text(const Value& value) {
  const auto* words = std::get_if<std::string>(&value);
  if (!words) return to_json(value).dump();
  auto safe = terminal_safe(*words);
  const bool plain = !safe.empty() && safe.find_first_of(" \"=") == std::string::npos;
  if (plain) return safe;
  std::string quoted = "\"";
  for (const char c : safe) {
    if (c == '"') quoted += '\\';
    quoted += c;
  }
  return quoted += '"';
}

}  // namespace

std::string_view to_string(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
  }
  return "?";
}

std::string format_json(WallTime at, Level level, std::string_view event, std::string_view message, Fields fields) {
  nlohmann::ordered_json line;
  line["ts"] = to_iso(at);
  line["level"] = to_string(level);
  line["event"] = event;
  line["msg"] = message;
  auto& values = line["fields"] = nlohmann::ordered_json::object();
  for (const auto& field : fields) values[std::string(field.key)] = to_json(field.value);
  // Pure ASCII: every control, C1 and bidi character leaves as \uXXXX, invalid UTF-8 as U+FFFD.
  return line.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
}

std::string format_text(WallTime at, Level level, std::string_view event, std::string_view message, Fields fields,
                        bool colour) {
  const auto paint = [colour](std::string_view code) { return colour ? code : std::string_view(); };
  std::string line;
  line.append(paint("\x1b[2m")).append(to_iso(at)).append(paint("\x1b[0m")).append(" ");
  auto word = std::string(to_string(level));
  word.resize(7, ' ');
  line.append(paint(colour_of(level))).append(word).append(paint("\x1b[0m")).append(" ");
  line += terminal_safe(message);
  line.append(paint("\x1b[2m")).append(" [").append(event).append("]").append(paint("\x1b[0m"));
  for (const auto& field : fields) {
    line.append(" ").append(paint("\x1b[2m")).append(field.key).append("=").append(paint("\x1b[0m"));
    line += to_text(field.value);
  }
  return line;
}

}  // namespace wardex::log
