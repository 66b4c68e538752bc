// A document with its known members at hand.
#pragma once

#include <initializer_list>

#include "normalise/names.hpp"
#include "normalise/node.hpp"

namespace wardex::normalise {

class Members {
 public:
  explicit Members(const Node& object) : object_(&object) {
    for (const auto& member : object.items())
      if (const auto number = number_of(member.name()); number != kUnknownName) known_[number] = &member;
  }

  [[nodiscard]] const Node& object() const { return *object_; }
  /// The member, which may be a JSON null, or a null pointer.
  [[nodiscard]] const Node* find(Name name) const { return known_[name.number()]; }
  [[nodiscard]] const Node* numbered(std::size_t number) const { return known_[number]; }

  /// The members are there and not null.
  [[nodiscard]] bool has_all(std::initializer_list<Name> names) const {
    return std::all_of(names.begin(), names.end(), [this](Name name) { return has(name); });
  }
  [[nodiscard]] bool has_any(std::initializer_list<Name> names) const {
    return std::any_of(names.begin(), names.end(), [this](Name name) { return has(name); });
  }

 private:
  [[nodiscard]] bool has(Name name) const { return find(name) != nullptr && !find(name)->is_null(); }

  const Node* object_;
  std::array<const Node*, kNames.size()> known_{};
};

}  // namespace wardex::normalise
