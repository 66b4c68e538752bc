// Every connector, explicitly, in the order of the documentation. Adding one is its folder and one line here.
#include "wardex/connector.hpp"

namespace wardex {

// Each folder defines its own.
namespace webhook {
const Manifest& manifest();
}
namespace slack {
const Manifest& manifest();
}
namespace file {
const Manifest& manifest();
}

std::span<const Manifest> connectors() {
  static const std::vector<Manifest> all{
      webhook::manifest(),
      slack::manifest(),
      file::manifest(),
  };
  return all;
}

const Manifest* find_connector(std::string_view name) {
  for (const auto& manifest : connectors())
    if (manifest.name == name) return &manifest;
  return nullptr;
}

}  // namespace wardex
