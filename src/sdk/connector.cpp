#include "wardex/connector.hpp"

namespace wardex {

std::string_view to_string(Category category) {
  switch (category) {
    case Category::alerting:
      return "alerting";
    case Category::ticketing:
      return "ticketing";
    case Category::siem:
      return "siem";
    case Category::intel:
      return "intel";
    case Category::identity:
      return "identity";
    case Category::control_plane:
      return "control_plane";
  }
  return "siem";
}

}  // namespace wardex
