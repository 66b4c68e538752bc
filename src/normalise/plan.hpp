// A shape with all its rows in the order they are tried: its own, then the shared ones that it has no row for.
#pragma once

#include <vector>

#include "normalise/shape.hpp"

namespace wardex::normalise {

struct Row {
  Rule rule;
  std::size_t name = kUnknownName;  ///< the member that the rule's pointer starts with
  std::string_view below;           ///< the member of that one, for the few pointers that have two parts

  /// The value it is for, or null.
  [[nodiscard]] const Node* find(const Members& document) const {
    const Node* member = document.numbered(name);
    return member == nullptr || below.empty() ? member : member->find(below);
  }
};

struct Plan {
  const Shape& shape;
  std::vector<Row> rows;
};

const Plan& plan_of(const Members& document, Hint hint);

}  // namespace wardex::normalise
