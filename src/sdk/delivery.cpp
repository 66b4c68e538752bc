#include "wardex/delivery.hpp"

#include "wardex/crypto.hpp"

namespace wardex {
namespace {

/// Length first, so that ("ab", "c") and ("a", "bc") differ.
void frame(std::string& out, std::string_view part) {
  const auto size = static_cast<std::uint64_t>(part.size());
  for (unsigned shift = 64; shift > 0; shift -= 8) out += static_cast<char>((size >> (shift - 8)) & 0xFFU);
  out += part;
}

}  // namespace

std::string delivery_key(std::string_view connector, std::string_view event_id) {
  std::string framed;
  frame(framed, connector);
  frame(framed, event_id);
  return "wdx_" + hex(sha256(framed)).substr(0, 32);
}

}  // namespace wardex
