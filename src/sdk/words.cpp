// ASCII case, lists, and what the user may have meant.
#include <algorithm>

#include "wardex/text.hpp"

namespace wardex::text {
namespace {

char lower_char(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char upper_char(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

/// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours count one each.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const auto& part : parts) {
    if (&part != &parts.front()) out += separator;
    out += part;
  }
  return out;
}

std::string join_some(const std::vector<std::string>& parts, std::string_view separator, std::size_t max) {
  if (parts.size() <= max) return join(parts, separator);
  const std::string more = "+" + std::to_string(parts.size() - max) + " more";
  if (max == 0) return more;
  return join({parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(max)}, separator) + " " + more;
}

std::string lower(std::string_view ascii) {
  std::string out(ascii);
  std::transform(out.begin(), out.end(), out.begin(), lower_char);
  return out;
}

std::string upper(std::string_view ascii) {
  std::string out(ascii);
  std::transform(out.begin(), out.end(), out.begin(), upper_char);
  return out;
}

bool iequals(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower_char(x) == lower_char(y); });
}

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  constexpr std::size_t kLongestWord = 64;  // the distance costs the product of the lengths
  if (word.empty() || word.size() > kLongestWord) return {};
  const std::string typed = lower(word);
  const std::size_t tolerated = word.size() <= 2 ? 1 : word.size() <= 5 ? 2 : 3;
  std::size_t best = tolerated + 1;
  std::string found;
  for (const auto& candidate : candidates) {
    if (candidate.empty() || candidate.size() > kLongestWord) continue;
    const auto distance = edit_distance(typed, lower(candidate));
    // As many edits as there are letters would make any word of any other.
    if (distance < best && 2 * distance <= std::max(word.size(), candidate.size())) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}

}  // namespace wardex::text
