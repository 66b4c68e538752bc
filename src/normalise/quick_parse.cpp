#include "normalise/quick_parse.hpp"

#include <charconv>

#include "normalise/number_text.hpp"
#include "normalise/scan.hpp"
#include "wardex/byte_words.hpp"
#include "wardex/text.hpp"

namespace wardex::normalise {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_utf8(std::string& out, unsigned code) {
  const auto add = [&out](unsigned byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return add(code);
  if (code < 0x800) {
    add(0xC0U | (code >> 6U));
  } else if (code < 0x10000) {
    add(0xE0U | (code >> 12U));
    add(0x80U | ((code >> 6U) & 0x3FU));
  } else {
    add(0xF0U | (code >> 18U));
    add(0x80U | ((code >> 12U) & 0x3FU));
    add(0x80U | ((code >> 6U) & 0x3FU));
  }
  add(0x80U | (code & 0x3FU));
}

/// Every function that reads something leaves `at_` behind it, and says false when it is not there.
class Reader {
 public:
  Reader(std::string_view text, std::size_t max_depth, Arena& arena)
      : at_(text.data()), end_(at_ + text.size()), room_(text.size()), max_depth_(max_depth), arena_(arena) {}

  std::optional<Node> document() {
    Node root;
    skip_space();
    if (!value(root, 0)) return std::nullopt;
    skip_space();
    return at_ == end_ ? std::optional(root) : std::nullopt;
  }

 private:
  void skip_space() {
    while (at_ != end_ && is_json_space(*at_)) ++at_;
  }
  [[nodiscard]] bool is(char c) const { return at_ != end_ && *at_ == c; }
  [[nodiscard]] std::string_view rest() const { return {at_, static_cast<std::size_t>(end_ - at_)}; }
  bool take(char c) {
    if (!is(c)) return false;
    ++at_;
    return true;
  }
  bool take(std::string_view word) {
    if (!rest().starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  bool value(Node& out, std::size_t depth) {
    if (at_ == end_) return false;
    switch (*at_) {
      case '"': {
        std::string_view read;
        if (!text(read)) return false;
        out = Node::text(read);
        return true;
      }
      case '{':
        return depth < max_depth_ && object(out, depth + 1);
      case '[':
        return depth < max_depth_ && list(out, depth + 1);
      case 't':
        out = Node::boolean(true);
        return take("true");
      case 'f':
        out = Node::boolean(false);
        return take("false");
      case 'n':
        out = Node();
        return take("null");
      default:
        return number(out);
    }
  }

  bool list(Node& out, std::size_t depth) {
    ++at_;
    const auto from = arena_.open.size();
    skip_space();
    if (!take(']')) {
      do {
        Node item;
        skip_space();
        if (!value(item, depth)) return false;
        arena_.open.push_back(item);
        skip_space();
      } while (take(','));
      if (!take(']')) return false;
    }
    out = Node::list(arena_.settle(from));
    return true;
  }

  bool object(Node& out, std::size_t depth) {
    ++at_;
    const auto from = arena_.open.size();
    skip_space();
    if (!take('}')) {
      do {
        if (!member(depth)) return false;
        skip_space();
      } while (take(','));
      if (!take('}')) return false;
    }
    const auto members = arena_.settle_sorted(from);
    if (members) out = Node::object(*members);
    return members.has_value();
  }

  bool member(std::size_t depth) {
    skip_space();
    std::string_view name;
    if (!is('"') || !text(name)) return false;
    skip_space();
    if (!take(':')) return false;
    skip_space();
    Node item;
    if (!value(item, depth)) return false;
    item.rename(name);
    arena_.open.push_back(item);
    return true;
  }

  bool text(std::string_view& out) {
    const char* start = ++at_;
    if (!skip_plain()) return false;
    if (*at_ == '"') {
      out = {start, static_cast<std::size_t>(at_++ - start)};
      return true;
    }
    // Unescaped, all texts together are no longer than the document, so that this is the only time room is made.
    auto& buffer = arena_.unescaped;
    if (buffer.empty()) buffer.reserve(room_);
    const auto begin = buffer.size();
    while (*at_ == '\\') {
      buffer.append(start, at_++);
      if (!escape(buffer)) return false;
      start = at_;
      if (!skip_plain()) return false;
    }
    buffer.append(start, at_++);
    out = std::string_view(buffer).substr(begin);
    return true;
  }

  /// To the next quote or backslash. False when something else ends the text.
  bool skip_plain() {
    for (;;) {
      at_ += text::json_plain_size(rest());
      if (at_ == end_) return false;
      if (*at_ == '"' || *at_ == '\\') return true;
      if (static_cast<unsigned char>(*at_) < 0x20) return false;
      const char* start = at_;
      while (at_ != end_ && static_cast<unsigned char>(*at_) >= 0x80) ++at_;
      if (!text::is_valid_utf8({start, static_cast<std::size_t>(at_ - start)})) return false;
    }
  }

  bool escape(std::string& out) {
    static constexpr std::string_view kLetters = "\"\\/bfnrtu";
    static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (at_ == end_) return false;
    const auto which = kLetters.find(*at_++);
    if (which < kMeanings.size()) {
      out += kMeanings[which];
      return true;
    }
    unsigned code = 0;
    if (which == std::string_view::npos || !hex4(code)) return false;
    if (code >= 0xD800 && code <= 0xDFFF) {
      unsigned low = 0;
      if (code >= 0xDC00 || !take("\\u") || !hex4(low) || low < 0xDC00 || low > 0xDFFF) return false;
      code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
    }
    append_utf8(out, code);
    return true;
  }

  bool hex4(unsigned& code) {
    if (end_ - at_ < 4) return false;
    const char* start = at_;
    at_ += 4;
    const auto [end, error] = std::from_chars(start, at_, code, 16);
    return error == std::errc{} && end == at_;
  }

  bool skip_digits() {
    const char* start = at_;
    while (at_ != end_ && is_digit(*at_)) ++at_;
    return at_ != start;
  }

  bool number(Node& out) {
    const char* start = at_;
    const bool negative = take('-');
    bool is_whole = true;
    if (!take('0') && !skip_digits()) return false;
    if (take('.')) {
      is_whole = false;
      if (!skip_digits()) return false;
    }
    if (take('e') || take('E')) {
      is_whole = false;
      if (!take('+')) take('-');
      if (!skip_digits()) return false;
    }
    const std::string_view stated(start, static_cast<std::size_t>(at_ - start));
    if (!is_whole) return real(stated, out);
    return negative ? whole_number<std::int64_t>(stated, out, Node::integer)
                    : whole_number<std::uint64_t>(stated, out, Node::natural);
  }

  template <class T>
  static bool whole_number(std::string_view stated, Node& out, Node (*make)(T)) {
    T read = 0;
    if (std::from_chars(stated.data(), stated.data() + stated.size(), read).ec != std::errc{}) return false;
    out = make(read);
    return true;
  }

  /// What a double would restate differently stays text, as in parse_json().
  static bool real(std::string_view stated, Node& out) {
    double read = 0;
    if (std::from_chars(stated.data(), stated.data() + stated.size(), read).ec != std::errc{}) return false;
    out = number_text(read) == stated ? Node::real(read) : Node::text(stated);
    return true;
  }

  const char* at_;
  const char* end_;
  std::size_t room_;
  std::size_t max_depth_;
  Arena& arena_;
};

}  // namespace

std::optional<Node> quick_parse(std::string_view text, std::size_t max_depth, Arena& arena) {
  // Every value but the first has at least a comma, a bracket or a name of its own.
  arena.start(text.size() / 2 + 1);
  return Reader(text, max_depth, arena).document();
}

}  // namespace wardex::normalise
