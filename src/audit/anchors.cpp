#include "audit/anchors.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <tuple>

namespace wardex::audit {
namespace {

constexpr std::size_t kBlock = 1UL << 20U;
// An escaped note: a few times as long as a note as we make it.
constexpr std::size_t kWindow = 8UL * 1024UL;
// The signer's prefix without its slash, which JSON may have escaped.
constexpr std::string_view kMarker = kSignerPrefix.substr(0, kSignerPrefix.size() - 1);
constexpr int kEscapes = 3;  // JSON in a JSON string in a JSON string

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0U | code >> 6U);
    out += static_cast<char>(0x80U | (code & 0x3FU));
  } else {  // surrogates included: no note has any, and a lone one makes it invalid
    out += static_cast<char>(0xE0U | code >> 12U);
    out += static_cast<char>(0x80U | (code >> 6U & 0x3FU));
    out += static_cast<char>(0x80U | (code & 0x3FU));
  }
}

/// Hexadecimal or octal digits as a number; nullopt when they are none.
std::optional<unsigned> number(std::string_view digits, std::size_t count, unsigned base) {
  if (digits.size() < count) return std::nullopt;
  unsigned value = 0;
  for (const char c : digits.substr(0, count)) {
    const unsigned digit = c >= '0' && c <= '9'   ? static_cast<unsigned>(c - '0')
                           : c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a') + 10
                           : c >= 'A' && c <= 'F' ? static_cast<unsigned>(c - 'A') + 10
                                                  : base;
    if (digit >= base) return std::nullopt;
    value = value * base + digit;
  }
  return value;
}

/// One level of a JSON string's escapes taken off, up to its closing quote; and rsyslog's #012 for a line end, and so
/// on.
std::string unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') break;
    if (c == '#') {
      if (const auto code = number(text.substr(i + 1), 3, 8); code && *code < 0x100) {
        out += static_cast<char>(*code);
        i += 3;
        continue;
      }
    }
    if (c != '\\' || i + 1 == text.size()) {
      out += c;
      continue;
    }
    const char escaped = text[++i];
    const auto code = escaped == 'u' ? number(text.substr(i + 1), 4, 16) : std::nullopt;
    if (code) {
      append_utf8(out, *code);
      i += 4;
    } else {
      out += escaped == 'n' ? '\n' : escaped == 'r' ? '\r' : escaped == 't' ? '\t' : escaped;
    }
  }
  return out;
}

/// CR LF as LF.
std::string plain_lines(std::string_view text) {
  std::string out(text);
  std::erase(out, '\r');
  return out;
}

/// The note at the beginning of `text`: its lines, the blank one, and the signature lines as far as they go.
std::string note_at_beginning(std::string_view text) {
  const auto blank = text.find("\n\n");
  if (blank == std::string_view::npos) return {};
  auto end = blank + 2;
  while (text.substr(end).starts_with("\xE2\x80\x94 ")) {
    const auto line_end = text.find('\n', end);
    if (line_end == std::string_view::npos) {
      // The last line end was dropped on the way; what follows the signature is not part of it.
      const auto signature = text.find(' ', text.find(' ', end) + 1);
      const auto stop = text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=",
                                               signature == std::string_view::npos ? text.size() : signature + 1);
      return std::string(text.substr(0, stop)) + "\n";
    }
    end = line_end + 1;
  }
  return std::string(text.substr(0, end));
}

std::optional<Checkpoint> checkpoint_at_beginning(std::string_view window) {
  std::string text(window);
  for (int level = 0; level <= kEscapes; ++level) {
    auto parsed = parse_checkpoint(note_at_beginning(plain_lines(text)));
    if (auto* checkpoint = std::get_if<Checkpoint>(&parsed)) return std::move(*checkpoint);
    text = unescape(text);
  }
  return std::nullopt;
}

/// Whether what follows the marker is a checkpoint's beginning rather than the name in a signature line or a product
/// name in a header: a gateway's id, some form of a line end, the purpose.
bool begins_like_one(std::string_view window) {
  const auto rest = window.substr(kMarker.size(), 256);
  const auto purpose = rest.find(kPurpose);
  return purpose != std::string_view::npos &&
         rest.substr(0, purpose).find_first_not_of("0123456789abcdefA/\\nru#\r\n") == std::string_view::npos;
}

/// Looks at the markers that begin before `limit`; behind it, `bytes` has a window more if there is one.
void scan(std::string_view bytes, std::size_t limit, const std::string& name, AnchorSearch& search) {
  for (std::size_t at = 0; (at = bytes.find(kMarker, at)) < limit; at += kMarker.size()) {
    const auto window = bytes.substr(at, kWindow);
    if (!begins_like_one(window)) continue;
    auto checkpoint = checkpoint_at_beginning(window);
    if (!checkpoint) {
      ++search.damaged;
    } else if (search.found.size() < kMostAnchors) {
      search.found.push_back({std::move(*checkpoint), name});
    } else if (search.problem.empty()) {
      search.problem = name + ": more than " + std::to_string(kMostAnchors) + " anchors; give fewer at a time";
    }
  }
}

void put_in_order(std::vector<Anchor>& anchors) {
  const auto key = [](const Anchor& anchor) {
    const auto& [head, note] = anchor.checkpoint;
    return std::tie(head.row, note.text, note.signatures.front().signature);
  };
  std::stable_sort(anchors.begin(), anchors.end(),
                   [&key](const Anchor& a, const Anchor& b) { return key(a) < key(b); });
  anchors.erase(std::unique(anchors.begin(), anchors.end(),
                            [&key](const Anchor& a, const Anchor& b) { return key(a) == key(b); }),
                anchors.end());
}

}  // namespace

void find_anchors_in(std::string_view bytes, const std::string& name, AnchorSearch& search) {
  scan(bytes, bytes.size(), name, search);
  put_in_order(search.found);
}

void find_anchors(const std::filesystem::path& file, AnchorSearch& search) {
  const auto fail = [&](const std::string& why) {
    if (search.problem.empty()) search.problem = file.string() + ": " + why;
  };
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) return fail("is a directory; name a file");
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(std::strerror(errno));
  // What begins in a block ends within a window behind it.
  std::string buffer;
  for (bool more = true; more;) {
    const auto before = buffer.size();
    buffer.resize(before + kBlock);
    in.read(buffer.data() + before, static_cast<std::streamsize>(kBlock));
    buffer.resize(before + static_cast<std::size_t>(in.gcount()));
    if (in.bad()) return fail("cannot be read to its end");
    more = !in.eof();
    const auto keep = more ? std::min(kWindow, buffer.size()) : 0;
    scan(buffer, buffer.size() - keep, file.string(), search);
    buffer.erase(0, buffer.size() - keep);
  }
  put_in_order(search.found);
}

}  // namespace wardex::audit
