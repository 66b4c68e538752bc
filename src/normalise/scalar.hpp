// What a rule makes of a single value.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
/// The texts of a list of scalars (others are skipped) or of a lone one.
std::vector<std::string> text_list(const Node& value);
/// At most `max` bytes of a node's text; see text::truncate_bytes().
std::string fitted(std::string_view valid, std::size_t max);

}  // namespace wardex::normalise
