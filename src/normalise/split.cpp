// Cuts a JSON array into its elements without parsing them, so that one bad element costs only itself.
#include <string>

#include "normalise/normalise.hpp"
#include "normalise/scan.hpp"

namespace wardex::normalise {

namespace {

using Slices = std::vector<std::string_view>;

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_json_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_json_space(text.back())) text.remove_suffix(1);
  return text;
}

char closer(char open) { return open == '{' ? '}' : ']'; }

}  // namespace

std::variant<Slices, ParseError> split_json(std::string_view text, std::size_t max_depth) {
  std::size_t start = 0;
  while (start < text.size() && is_json_space(text[start])) ++start;
  if (start == text.size()) return ParseError{start, "the text is empty; send a JSON object or an array of objects"};
  if (text[start] != '{' && text[start] != '[')
    return ParseError{start, "the text must be a JSON object or an array of objects"};
  const bool array = text[start] == '[';

  Slices slices;
  std::string expected;  // the closing brackets still owed, innermost last
  std::size_t element = start + 1;
  const auto take = [&](std::size_t end) {
    slices.push_back(trim(text.substr(element, end - element)));
    element = end + 1;
    return !slices.back().empty();
  };
  Scanner scanner(text.substr(start));
  while (const auto mark = scanner.next()) {
    const std::size_t offset = start + mark->offset;
    if (mark->kind == '{' || mark->kind == '[') {
      if (expected.size() == max_depth)
        return ParseError{offset, "nested deeper than " + std::to_string(max_depth) + " levels"};
      expected.push_back(closer(mark->kind));
    } else if (mark->kind == '}' || mark->kind == ']') {
      if (expected.back() != mark->kind)
        return ParseError{offset, std::string("found '") + mark->kind + "' where '" + expected.back() + "' was due"};
      expected.pop_back();
      if (!expected.empty()) continue;
      if (array && !take(offset) && slices.size() > 1) return ParseError{offset, "nothing stands after the last comma"};
      if (array && slices.size() == 1 && slices.front().empty()) slices.clear();
      if (!array) slices.push_back(text.substr(start, offset + 1 - start));
      const auto rest = text.find_first_not_of(" \t\r\n", offset + 1);
      if (rest != std::string_view::npos)
        return ParseError{rest,
                          "more text after the JSON document; send several events as an array, or one a line as "
                          "application/x-ndjson"};
      return slices;
    } else if (mark->kind == ',' && array && expected.size() == 1) {
      if (!take(offset)) return ParseError{offset, "nothing stands before this comma"};
    }
  }
  if (scanner.open_string())
    return ParseError{start + *scanner.open_string(), "the string that starts here has no end"};
  return ParseError{text.size(), std::string("the text ends where '") + expected.back() + "' was due"};
}

}  // namespace wardex::normalise
