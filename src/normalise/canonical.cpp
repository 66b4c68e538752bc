#include "normalise/canonical.hpp"

#include <algorithm>

#include "wardex/json_writer.hpp"

namespace wardex::normalise {

namespace {

void write(const Node& value, std::span<const std::string_view> left_out, JsonWriter& out) {
  switch (value.type()) {
    case Node::Type::null:
      out.null();
      return;
    case Node::Type::boolean:
      out.value(value.boolean());
      return;
    case Node::Type::integer:
      out.value(value.integer());
      return;
    case Node::Type::natural:
      out.value(value.natural());
      return;
    case Node::Type::real:
      out.value(value.real());
      return;
    case Node::Type::text:
      out.value(value.text());
      return;
    case Node::Type::list:
      out.begin_array();
      for (const auto& item : value.items()) write(item, {}, out);
      out.end_array();
      return;
    case Node::Type::object:
      out.begin_object();
      for (const auto& member : value.items()) {
        if (std::find(left_out.begin(), left_out.end(), member.name()) != left_out.end()) continue;
        out.key(member.name());
        write(member, {}, out);
      }
      out.end_object();
  }
}

}  // namespace

std::string canonical_json(const Node& value, std::span<const std::string_view> left_out) {
  std::string out;
  out.reserve(1024);
  JsonWriter writer(out);
  write(value, left_out, writer);
  return out;
}

}  // namespace wardex::normalise
