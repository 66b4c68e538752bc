// Configuration trees for the settings tests, as src/config would build them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "wardex/settings.hpp"

namespace wardex::testing {

inline Position at(int line, int column = 1) {
  static const auto file = std::make_shared<const std::string>("gateway.yaml");
  return {file, line, column};
}

inline Value scalar(std::string text, int line = 0) {
  Value v;
  v.kind = Value::Kind::scalar;
  v.at = at(line);
  v.scalar = std::move(text);
  return v;
}
inline Value in_quotes(std::string text) {
  Value v = scalar(std::move(text));
  v.quoted = true;
  return v;
}
/// A reference that could be read.
inline Value reference(std::string text, std::string resolved) {
  Value v = scalar(std::move(text));
  v.is_reference = true;
  v.resolved = Secret(std::move(resolved));
  return v;
}
/// A reference that could not: src/config has reported it.
inline Value broken_reference(std::string text) {
  Value v = scalar(std::move(text));
  v.is_reference = true;
  return v;
}
inline Value list(std::vector<Value> items) {
  Value v;
  v.kind = Value::Kind::list;
  v.items = std::move(items);
  return v;
}
inline Value map(std::vector<std::pair<std::string, Value>> entries, int line = 0) {
  Value v;
  v.kind = Value::Kind::map;
  v.at = at(line);
  for (auto& [key, value] : entries) v.entries.push_back({key, value.at, value});
  return v;
}

/// "path: message" of each problem, warnings with their mark.
inline std::vector<std::string> told(const Problems& problems) {
  std::vector<std::string> out;
  for (auto problem : problems.all()) {
    problem.at = {};
    out.push_back(problem.str());
  }
  return out;
}

}  // namespace wardex::testing
