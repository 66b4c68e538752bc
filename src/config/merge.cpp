#include "config/merge.hpp"

#include <iterator>
#include <utility>

namespace wardex::config {

namespace {

/// Below these keys a name stands for one thing that is never put together from two files.
bool holds_whole_things(std::string_view path) { return path == "connectors" || path == "mute_windows"; }

/// `high: slack` means the same as `high: [slack]`.
void make_list(Value& value) {
  if (value.kind != Value::Kind::scalar) return;
  Value list;
  list.kind = Value::Kind::list;
  list.at = value.at;
  list.items.push_back(std::move(value));
  value = std::move(list);
}

}  // namespace

std::string place(const Position& at) {
  return (at.file ? *at.file : std::string("?")) + ":" + std::to_string(at.line);
}

void merge_into(Value& into, Value from, const std::string& path, Problems& problems) {
  if (from.kind == Value::Kind::null) return;
  if (into.kind == Value::Kind::null) {
    into = std::move(from);
    return;
  }
  if (path.starts_with("matrix.")) {
    make_list(into);
    make_list(from);
  }
  if (into.kind == Value::Kind::list && from.kind == Value::Kind::list) {
    into.items.insert(into.items.end(), std::make_move_iterator(from.items.begin()),
                      std::make_move_iterator(from.items.end()));
    return;
  }
  if (into.kind != Value::Kind::map || from.kind != Value::Kind::map) {
    problems.error(from.at, path, "is already set in " + place(into.at) + "; keep one of the two");
    return;
  }
  for (auto& entry : from.entries) {
    const auto inner = settings_detail::join_path(path, entry.key);
    Value::Entry* same = nullptr;
    for (auto& known : into.entries)
      if (known.key == entry.key) same = &known;
    if (same == nullptr)
      into.entries.push_back(std::move(entry));
    else if (holds_whole_things(path))
      problems.error(
          entry.at, inner,
          "'" + entry.key + "' is already defined in " + place(same->at) + "; rename or remove one of the two");
    else
      merge_into(same->value, std::move(entry.value), inner, problems);
  }
}

}  // namespace wardex::config
