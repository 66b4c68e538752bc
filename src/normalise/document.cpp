#include "normalise/document.hpp"

#include <nlohmann/json.hpp>

namespace wardex::normalise {

namespace {

using nlohmann::json;

std::size_t nodes_below(const json& value) {
  std::size_t count = value.size();
  if (value.is_structured())
    for (const auto& item : value) count += nodes_below(item);
  return count;
}

/// Depth is bounded by what parse_json() lets through.
Node node_of(const json& value, Arena& arena) {
  switch (value.type()) {
    case json::value_t::boolean:
      return Node::boolean(value.get<bool>());
    case json::value_t::number_integer:
      return Node::integer(value.get<std::int64_t>());
    case json::value_t::number_unsigned:
      return Node::natural(value.get<std::uint64_t>());
    case json::value_t::number_float:
      return Node::real(value.get<double>());
    case json::value_t::string:
      return Node::text(value.get_ref<const std::string&>());
    case json::value_t::array: {
      const auto from = arena.open.size();
      for (const auto& item : value) {
        const Node node = node_of(item, arena);
        arena.open.push_back(node);
      }
      return Node::list(arena.settle(from));
    }
    case json::value_t::object: {
      const auto from = arena.open.size();
      for (const auto& [name, item] : value.items()) {
        Node node = node_of(item, arena);
        node.rename(name);
        arena.open.push_back(node);
      }
      return Node::object(arena.settle(from));
    }
    default:
      return {};
  }
}

}  // namespace

Document::Document() = default;
Document::~Document() = default;

std::optional<ParseError> Document::read(std::string_view text, std::size_t max_depth) {
  if (const auto root = quick_parse(text, max_depth, arena_)) {
    root_ = *root;
    return std::nullopt;
  }
  root_ = {};
  auto parsed = parse_json(text, max_depth);
  if (auto* error = std::get_if<ParseError>(&parsed)) return std::move(*error);
  unusual_ = std::make_unique<json>(std::move(std::get<json>(parsed)));
  arena_.start(nodes_below(*unusual_));
  root_ = node_of(*unusual_, arena_);
  return std::nullopt;
}

}  // namespace wardex::normalise
