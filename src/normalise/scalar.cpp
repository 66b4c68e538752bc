#include "normalise/scalar.hpp"

#include <charconv>
#include <cmath>

#include "normalise/number_text.hpp"
#include "wardex/text.hpp"

namespace wardex::normalise {

ScalarText::ScalarText(const Node& value) {
  switch (value.type()) {
    case Node::Type::text:
      view_ = value.text();
      return;
    case Node::Type::boolean:
      view_ = value.boolean() ? "true" : "false";
      return;
    case Node::Type::integer:
      digits_ = std::to_string(value.integer());
      break;
    case Node::Type::natural:
      digits_ = std::to_string(value.natural());
      break;
    case Node::Type::real:
      digits_ = number_text(value.real());
      break;
    default:
      is_scalar_ = false;
  }
  view_ = digits_;
}

std::optional<double> scalar_number(const Node& value) {
  switch (value.type()) {
    case Node::Type::integer:
      return static_cast<double>(value.integer());
    case Node::Type::natural:
      return static_cast<double>(value.natural());
    case Node::Type::real:
      return value.real();
    case Node::Type::text: {
      const auto text = value.text();
      double number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
      return number;
    }
    default:
      return std::nullopt;
  }
}

std::string kind_of_value(const Node& value) {
  switch (value.type()) {
    case Node::Type::object:
      return "an object";
    case Node::Type::list:
      return "a list";
    case Node::Type::boolean:
      return "a boolean";
    case Node::Type::integer:
    case Node::Type::natural:
    case Node::Type::real:
      return "a number";
    default:
      return "a string";
  }
}

std::vector<std::string> text_list(const Node& value) {
  std::vector<std::string> out;
  for_each_text(value, [&](std::string_view text) { out.emplace_back(text); });
  return out;
}

std::string fitted(std::string_view valid, std::size_t max) {
  return valid.size() <= max ? std::string(valid) : text::truncate_bytes(valid, max);
}

}  // namespace wardex::normalise
