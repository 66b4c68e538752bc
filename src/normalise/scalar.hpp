// What a rule makes of a single value.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "normalise/limits.hpp"
#include "normalise/node.hpp"

namespace wardex::normalise {

/// A scalar as text, numbers with all their digits; false for an array, an object or null. It may point into the value.
class ScalarText {
 public:
  explicit ScalarText(const Node& value);
  ScalarText(const ScalarText&) = delete;
  ScalarText& operator=(const ScalarText&) = delete;

  explicit operator bool() const { return is_scalar_; }
  std::string_view operator*() const { return view_; }
  [[nodiscard]] std::string string_or(std::string_view otherwise) const {
    return std::string(is_scalar_ ? view_ : otherwise);
  }

 private:
  bool is_scalar_ = true;
  std::string digits_;
  std::string_view view_;
};

/// A number, or a text that is one: forwarders quote numbers, and reading does when digits would be lost.
std::optional<double> scalar_number(const Node& value);
/// "a list": for messages.
std::string kind_of_value(const Node& value);
/// Calls `use` for the texts of a list of scalars (others are skipped, and what exceeds kMaxListItems) or of a lone
/// one.
template <class Use>
void for_each_text(const Node& value, Use use) {
  std::size_t count = 0;
  for (const auto& item : value.is_list() ? value.items() : std::span(&value, 1))
    if (const ScalarText text(item); text && !(*text).empty() && count++ < kMaxListItems) use(*text);
}
/// The same as a list.
std::vector<std::string> text_list(const Node& value);
/// At most `max` bytes of a node's text; see text::truncate_bytes().
std::string fitted(std::string_view valid, std::size_t max);

}  // namespace wardex::normalise
