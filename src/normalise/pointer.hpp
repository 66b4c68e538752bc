// RFC 6901 pointers.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace wardex::normalise {

/// One reference token, escaped.
inline std::string escape(std::string_view key) {
  std::string out;
  for (const char c : key) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

/// The value at `pointer` (object members only, no escapes: what rule tables hold), or null.
inline const nlohmann::json* find(const nlohmann::json& document, std::string_view pointer) {
  const nlohmann::json* at = &document;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const auto end = std::min(pointer.find('/'), pointer.size());
    if (!at->is_object()) return nullptr;
    const auto member = at->find(pointer.substr(0, end));
    if (member == at->end()) return nullptr;
    at = &*member;
    pointer.remove_prefix(end);
  }
  return at;
}

}  // namespace wardex::normalise
