// A request's body -> the events in it, still as text.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "intake/refusal.hpp"

namespace wardex::intake {

enum class Format : std::uint8_t { json, lines };

/// From Content-Type; none at all is taken for JSON.
std::variant<Format, Refusal> body_format(const transport::ServerRequest& request);

struct Items {
  std::vector<std::string_view> texts;  ///< slices of the body
  bool lone = false;                    ///< the body is one JSON document that is no array
};
/// Refused when the body is empty, when an array cannot be told apart into elements, or beyond `max_items`.
std::variant<Items, Refusal> split_items(std::string_view body, Format format, std::size_t max_items);

}  // namespace wardex::intake
