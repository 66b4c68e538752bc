#include "store/retention.hpp"

namespace wardex::store {

std::string_view to_string(Pruning what) {
  switch (what) {
    case Pruning::events:
      return "events";
    case Pruning::audit:
      return "audit";
    case Pruning::links:
      return "links";
    case Pruning::mailbox:
      return "mailbox";
  }
  return "";
}

}  // namespace wardex::store
