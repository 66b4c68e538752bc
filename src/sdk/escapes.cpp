// Escaping for the grammars that alert text ends up in. Every function first makes its input valid UTF-8.
#include "utf8.hpp"
#include "wardex/text.hpp"

namespace wardex::text {
namespace {

constexpr std::string_view kZeroWidthSpace = "\xE2\x80\x8B";

bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7F && c <= 0x9F); }
/// Reorders text on screen: embeddings, overrides, isolates and marks (CVE-2021-42574, "Trojan Source").
bool is_bidi(char32_t c) {
  return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F || c == 0x061C;
}
/// Takes no room on screen: zero-width characters, soft hyphen, and the tag block that hides ASCII in plain sight.
bool is_invisible(char32_t c) {
  return (c >= 0x200B && c <= 0x200D) || (c >= 0x2060 && c <= 0x2064) || c == 0xFEFF || c == 0x180E || c == 0x00AD ||
         (c >= 0xE0000 && c <= 0xE007F);
}
/// Ends a line or jumps within one: CR, LF, tab, NEL, LINE and PARAGRAPH SEPARATOR.
bool is_break(char32_t c) { return c == '\r' || c == '\n' || c == '\t' || c == 0x85 || c == 0x2028 || c == 0x2029; }

/// Each ASCII character goes through `replacement`, which returns an empty view to keep it.
template <class Replacement>
std::string escape(std::string_view utf8, Replacement replacement) {
  std::string out;
  out.reserve(utf8.size() + utf8.size() / 8);
  for_each_character(utf8, [&](char32_t c, std::string_view character) {
    const std::string_view instead = c < 0x80 ? replacement(static_cast<char>(c)) : std::string_view{};
    out += instead.empty() ? character : instead;
  });
  return out;
}

std::string_view slack_entity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    default:
      return {};
  }
}

}  // namespace

std::string single_line(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size());
  bool in_break = false;
  for_each_character(utf8, [&](char32_t c, std::string_view character) {
    if (is_break(c)) {
      if (!in_break) out += ' ';
      in_break = true;
      return;
    }
    if (is_control(c) || is_bidi(c) || is_invisible(c)) return;
    in_break = false;
    out += character;
  });
  return out;
}

std::string printable(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size());
  for_each_character(utf8, [&](char32_t c, std::string_view character) {
    if ((is_control(c) && c != '\n' && c != '\t') || is_bidi(c)) return;
    out += character;
  });
  return out;
}

std::string escape_slack(std::string_view utf8) { return escape(utf8, slack_entity); }

std::string escape_slack_inline(std::string_view utf8) {
  std::string out;
  for_each_character(utf8, [&](char32_t c, std::string_view character) {
    const std::string_view entity = c < 0x80 ? slack_entity(static_cast<char>(c)) : std::string_view{};
    out += entity.empty() ? character : entity;
    // Slack starts and ends a format only beside a word boundary and never next to white space; it knows no escape.
    if (c == '*' || c == '_' || c == '~' || c == '`') out += kZeroWidthSpace;
  });
  return out;
}

std::string escape_html(std::string_view utf8) {
  return escape(utf8, [](char c) -> std::string_view {
    if (c == '"') return "&quot;";
    if (c == '\'') return "&#39;";
    return slack_entity(c);
  });
}

std::string escape_syslog_sd(std::string_view utf8) {
  return escape(utf8, [](char c) -> std::string_view {
    if (c == '"') return "\\\"";
    if (c == '\\') return "\\\\";
    if (c == ']') return "\\]";
    return {};
  });
}

std::string escape_cef_header(std::string_view utf8) {
  return escape(utf8, [](char c) -> std::string_view {
    if (c == '\\') return "\\\\";
    if (c == '|') return "\\|";
    if (c == '\n' || c == '\r') return " ";  // the header has no way to write a line break
    return {};
  });
}

std::string escape_cef_extension(std::string_view utf8) {
  return escape(utf8, [](char c) -> std::string_view {
    if (c == '\\') return "\\\\";
    if (c == '=') return "\\=";
    if (c == '\n') return "\\n";
    if (c == '\r') return "\\r";
    return {};
  });
}

std::string escape_leef(std::string_view utf8, char delimiter) {
  // LEEF has no escape: a value must not contain the delimiter or a line break, so they become a space.
  return escape(utf8, [delimiter](char c) -> std::string_view {
    return c == delimiter || c == '\n' || c == '\r' ? " " : std::string_view{};
  });
}

std::string percent_encode(std::string_view bytes) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(bytes.size());
  for (const char c : bytes) {
    const bool unreserved = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                            c == '.' || c == '_' || c == '~';
    const auto byte = static_cast<unsigned char>(c);
    if (unreserved) {
      out += c;
      continue;
    }
    out += '%';
    out += digits[byte >> 4U];
    out += digits[byte & 0xFU];
  }
  return out;
}

}  // namespace wardex::text
