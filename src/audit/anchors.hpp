// Checkpoints that were kept elsewhere, found again in whatever they were kept in: raw notes, JSON Lines, webhook
// bodies, log lines. Nothing of the container is understood but how it may have escaped the text.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "audit/checkpoint.hpp"

namespace wardex::audit {

struct Anchor {
  Checkpoint checkpoint;
  std::string file;
};
struct AnchorSearch {
  std::vector<Anchor> found;  ///< each once, in the order of their rows
  std::uint64_t damaged = 0;  ///< places that begin like a checkpoint and do not go on like one
  std::string problem;        ///< why a file could not be read (to its end); empty otherwise
};

/// Looks through one more file, of any size.
void find_anchors(const std::filesystem::path& file, AnchorSearch& search);
/// The same in memory; `name` is what messages call it.
void find_anchors_in(std::string_view bytes, const std::string& name, AnchorSearch& search);

inline constexpr std::size_t kMostAnchors = 1'000'000;

}  // namespace wardex::audit
