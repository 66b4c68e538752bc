// A double the way JSON's shortest form states it.
#pragma once

#include <array>
#include <charconv>
#include <string>
#include <string_view>

namespace wardex::normalise {

/// "8.7", "8.0", "1e+22": the digits that parse back to the same double, always recognisable as no integer.
inline std::string number_text(double value) {
  std::array<char, 40> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  std::string out(buffer.data(), end);
  if (out.find_first_of(".en") == std::string::npos) out += ".0";  // n: nan, inf
  return out;
}

}  // namespace wardex::normalise
