#include "normalise/scan.hpp"

#include "wardex/byte_words.hpp"

namespace wardex::normalise {

std::optional<Mark> Scanner::next() {
  while (at_ < text_.size()) {
    const std::size_t start = at_++;
    switch (const char c = text_[start]; c) {
      case '{':
      case '}':
      case '[':
      case ']':
      case ',':
        return Mark{c, start};
      case '"':
        while ((at_ += text::json_text_size(text_.substr(at_))) < text_.size() && text_[at_] != '"') {
          at_ += 2;  // a backslash, and what it takes the meaning from
          if (at_ >= text_.size()) break;
        }
        if (at_ >= text_.size()) {
          open_string_ = start;
          return std::nullopt;
        }
        ++at_;
        return Mark{'"', start};
      default:
        break;
    }
  }
  return std::nullopt;
}

}  // namespace wardex::normalise
