// Where a document's nodes live.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "normalise/node.hpp"

namespace wardex::normalise {

/// Addresses are stable: start() makes room for all that will be. Kept from document to document for its memory.
struct Arena {
  /// Forgets everything and makes room for `nodes`.
  void start(std::size_t nodes);
  /// The nodes of `open` from `from` on become the children of one container.
  std::span<const Node> settle(std::size_t from);
  /// The same, sorted by name; nullopt when a name occurs twice.
  std::optional<std::span<const Node>> settle_sorted(std::size_t from);

  std::vector<Node> settled;  ///< children of closed containers, each container's side by side
  std::vector<Node> open;     ///< children of containers that are not closed yet
  std::string unescaped;      ///< texts that had escapes

 private:
  struct Place {
    std::uint64_t prefix;  ///< the first eight bytes of a name, as a number that sorts as they do
    std::size_t index;     ///< in `open`
  };
  std::vector<Place> order_;
};

}  // namespace wardex::normalise
