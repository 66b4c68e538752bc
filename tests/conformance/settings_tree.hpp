// Settings as a tree without YAML: JSON, in which {"$secret": "text"} stands for a reference that was resolved.
#pragma once

#include <nlohmann/json.hpp>

#include "wardex/settings.hpp"

namespace wardex::test {

using Json = nlohmann::json;

inline Json secret(std::string text) { return {{"$secret", std::move(text)}}; }

inline Value tree(const Json& json) {
  Value value;
  value.at.line = 1;
  if (json.is_null()) return value;
  if (json.is_array()) {
    value.kind = Value::Kind::list;
    for (const auto& item : json) value.items.push_back(tree(item));
  } else if (json.is_object() && json.contains("$secret")) {
    value.kind = Value::Kind::scalar;
    value.scalar = "${credential:test}";
    value.is_reference = true;
    value.resolved = Secret(json["$secret"].get<std::string>());
  } else if (json.is_object()) {
    value.kind = Value::Kind::map;
    for (const auto& [key, item] : json.items()) value.entries.push_back({key, {}, tree(item)});
  } else {
    value.kind = Value::Kind::scalar;
    value.scalar = json.is_string() ? json.get<std::string>() : json.dump();
    value.quoted = json.is_string();
  }
  return value;
}

/// All problems in one text, for matching and for messages.
inline std::string describe(const Problems& problems) {
  std::string out;
  for (const auto& problem : problems.all()) out += problem.str() + "\n";
  return out;
}

}  // namespace wardex::test
