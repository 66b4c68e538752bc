#include "config/tree.hpp"

#include "wardex/text.hpp"

namespace wardex::config {

const Value& nearest_node(const Value& root, std::initializer_list<std::string_view> keys) {
  const Value* node = &root;
  for (const auto key : keys) {
    const Value* next = node->find(key);
    if (next == nullptr) break;
    node = next;
  }
  return *node;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
  if (const auto near = text::nearest(word, known); !near.empty()) return ", did you mean '" + near + "'?";
  if (known.empty()) return "; none is configured";
  return "; known are " + text::join_some(known, ", ", 12);
}

}  // namespace wardex::config
