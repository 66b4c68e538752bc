#include "wardex/response.hpp"

#include "wardex/text.hpp"

namespace wardex {

std::string_view HttpResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (text::iequals(key, name)) return value;
  return {};
}

}  // namespace wardex
