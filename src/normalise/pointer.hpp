// RFC 6901 pointers.
#pragma once

#include <string>
#include <string_view>

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

}  // namespace wardex::normalise
