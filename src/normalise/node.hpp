// A JSON value as the rules read it: a few words in a Document, its texts views of what the Document was read from.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

namespace wardex::normalise {

class Node {
 public:
  enum class Type : std::uint8_t { null, boolean, integer, natural, real, text, list, object };

  Node() = default;
  static Node boolean(bool value) { return Node(Type::boolean, {.boolean = value}); }
  static Node integer(std::int64_t value) { return Node(Type::integer, {.integer = value}); }
  static Node natural(std::uint64_t value) { return Node(Type::natural, {.natural = value}); }
  static Node real(double value) { return Node(Type::real, {.real = value}); }
  static Node text(std::string_view value) { return {Type::text, {.text = value.data()}, value.size()}; }
  static Node list(std::span<const Node> items) { return {Type::list, {.items = items.data()}, items.size()}; }
  /// `members` sorted by name, each name once.
  static Node object(std::span<const Node> members) {
    return {Type::object, {.items = members.data()}, members.size()};
  }

  [[nodiscard]] Type type() const { return type_; }
  [[nodiscard]] bool is_null() const { return type_ == Type::null; }
  [[nodiscard]] bool is_text() const { return type_ == Type::text; }
  [[nodiscard]] bool is_list() const { return type_ == Type::list; }
  [[nodiscard]] bool is_object() const { return type_ == Type::object; }

  /// The value of a node of that very type.
  [[nodiscard]] bool boolean() const { return value_.boolean; }
  [[nodiscard]] std::int64_t integer() const { return value_.integer; }
  [[nodiscard]] std::uint64_t natural() const { return value_.natural; }
  [[nodiscard]] double real() const { return value_.real; }
  [[nodiscard]] std::string_view text() const { return {value_.text, size_}; }  ///< valid UTF-8

  /// A list's elements; an object's members, sorted by name as bytes; nothing for a scalar.
  [[nodiscard]] std::span<const Node> items() const {
    return is_list() || is_object() ? std::span(value_.items, size_) : std::span<const Node>();
  }
  /// An object's member, or null; null for anything else.
  [[nodiscard]] const Node* find(std::string_view name) const {
    if (!is_object()) return nullptr;
    const auto members = items();
    const auto found =
        std::lower_bound(members.begin(), members.end(), name,
                         [](const Node& member, std::string_view wanted) { return member.name_ < wanted; });
    return found != members.end() && found->name_ == name ? &*found : nullptr;
  }

  /// A member's own name; empty for what is no member.
  [[nodiscard]] std::string_view name() const { return name_; }
  void rename(std::string_view name) { name_ = name; }

 private:
  union Value {
    bool boolean;
    std::int64_t integer;
    std::uint64_t natural;
    double real;
    const char* text;
    const Node* items;
  };
  Node(Type type, Value value, std::size_t size = 0) : value_(value), size_(size), type_(type) {}

  std::string_view name_;
  Value value_{.integer = 0};
  std::size_t size_ = 0;
  Type type_ = Type::null;
};

}  // namespace wardex::normalise
