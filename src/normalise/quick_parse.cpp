#include "normalise/quick_parse.hpp"

#include <charconv>

#include "normalise/number_text.hpp"
#include "normalise/scan.hpp"
#include "sdk/byte_words.hpp"
#include "sdk/utf8.hpp"

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

/// Every function that reads something leaves `rest_` behind it, and says false when it is not there.
class Reader {
 public:
  Reader(std::string_view text, std::size_t max_depth, Arena& arena)
      : rest_(text), room_(text.size()), max_depth_(max_depth), arena_(arena) {}

  std::optional<Node> document() {
    Node root;
    skip_space();
    if (!value(root, 0)) return std::nullopt;
    skip_space();
    return rest_.empty() ? std::optional(root) : std::nullopt;
  }

 private:
  void skip_space() {
    while (!rest_.empty() && is_json_space(rest_.front())) rest_.remove_prefix(1);
  }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  bool value(Node& out, std::size_t depth) {
    if (rest_.empty()) return false;
    switch (rest_.front()) {
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
    rest_.remove_prefix(1);
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
    rest_.remove_prefix(1);
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
    if (rest_.empty() || rest_.front() != '"' || !text(name)) return false;
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
    rest_.remove_prefix(1);
    std::size_t size = 0;
    if (!plain(size)) return false;
    if (rest_[size] == '"') {
      out = rest_.substr(0, size);
      rest_.remove_prefix(size + 1);
      return true;
    }
    // Unescaped, all texts together are no longer than the document, so that this is the only time room is made.
    auto& buffer = arena_.unescaped;
    if (buffer.empty()) buffer.reserve(room_);
    const auto start = buffer.size();
    while (rest_[size] == '\\') {
      buffer.append(rest_.substr(0, size));
      rest_.remove_prefix(size + 1);
      if (!escape(buffer)) return false;
      size = 0;
      if (!plain(size)) return false;
    }
    buffer.append(rest_.substr(0, size));
    rest_.remove_prefix(size + 1);
    out = std::string_view(buffer).substr(start);
    return true;
  }

  /// Moves `size` to the next quote or backslash. False when something else ends the text.
  bool plain(std::size_t& size) const {
    for (;;) {
      size += text::json_plain_size(rest_.substr(size));
      if (size == rest_.size()) return false;
      const char c = rest_[size];
      if (c == '"' || c == '\\') return true;
      const auto character = text::decode(rest_.substr(size));
      if (static_cast<unsigned char>(c) < 0x20 || !character.valid) return false;
      size += character.size;
    }
  }

  bool escape(std::string& out) {
    static constexpr std::string_view kLetters = "\"\\/bfnrtu";
    static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (rest_.empty()) return false;
    const auto which = kLetters.find(rest_.front());
    rest_.remove_prefix(1);
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
    if (rest_.size() < 4) return false;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + 4, code, 16);
    const bool all = error == std::errc{} && end == rest_.data() + 4;
    rest_.remove_prefix(4);
    return all;
  }

  [[nodiscard]] std::size_t digits(std::size_t at) const {
    const auto start = at;
    while (at < rest_.size() && is_digit(rest_[at])) ++at;
    return at - start;
  }

  bool number(Node& out) {
    const bool negative = rest_.front() == '-';
    std::size_t size = negative ? 1 : 0;
    const auto whole = digits(size);
    if (whole == 0 || (whole > 1 && rest_[size] == '0')) return false;
    size += whole;
    bool is_whole = true;
    const auto at = [&](char c) { return size < rest_.size() && rest_[size] == c; };
    if (at('.')) {
      is_whole = false;
      const auto fraction = digits(++size);
      if (fraction == 0) return false;
      size += fraction;
    }
    if (at('e') || at('E')) {
      is_whole = false;
      ++size;
      if (at('+') || at('-')) ++size;
      const auto exponent = digits(size);
      if (exponent == 0) return false;
      size += exponent;
    }
    const auto stated = rest_.substr(0, size);
    rest_.remove_prefix(size);
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

  std::string_view rest_;
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
