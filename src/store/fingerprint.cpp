#include "store/fingerprint.hpp"

#include <algorithm>

#include "wardex/crypto.hpp"

namespace wardex::store {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
// What ids, times and paths are made of; punctuation around a word is not part of it.
bool in_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.' ||
         c == ':' || c == '+' || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

std::string generalise(std::string_view reason) {
  std::string out;
  out.reserve(reason.size());
  std::string_view previous;
  for (std::size_t at = 0; at < reason.size();) {
    if (!in_word(reason[at])) {
      out += reason[at++];
      continue;
    }
    std::size_t end = at;
    while (end < reason.size() && in_word(reason[end])) ++end;
    // A sentence's last full stop or colon belongs to the sentence.
    std::size_t stop = end;
    while (stop > at + 1 && (reason[stop - 1] == '.' || reason[stop - 1] == ':')) --stop;
    const std::string_view word = reason.substr(at, stop - at);
    const bool status = previous == "HTTP" && word.size() == 3 && std::all_of(word.begin(), word.end(), is_digit);
    out += !status && std::any_of(word.begin(), word.end(), is_digit) ? std::string_view("#") : word;
    out += reason.substr(stop, end - stop);
    previous = word;
    at = end;
  }
  return out;
}

std::string fingerprint(std::string_view connector, std::string_view cause, std::string_view reason) {
  std::string bytes(connector);
  bytes += '\0';
  bytes += cause;
  bytes += '\0';
  bytes += generalise(reason);
  return hex(sha256(bytes)).substr(0, 16);
}

}  // namespace wardex::store
