#include "transport/transport.hpp"

namespace wardex::transport {

std::string_view to_string(Phase phase) {
  switch (phase) {
    case Phase::refused:
      return "refused";
    case Phase::resolve:
      return "resolve";
    case Phase::connect:
      return "connect";
    case Phase::tls:
      return "tls";
    case Phase::send:
      return "send";
    case Phase::sent:
      return "sent";
    case Phase::response:
      return "response";
  }
  return "?";
}

}  // namespace wardex::transport
