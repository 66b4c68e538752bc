// What one event may hold beyond its original: enough for any receiver, bounded against any sender.
#pragma once

#include <cstddef>

namespace wardex::normalise {

inline constexpr std::size_t kMaxIdBytes = 200;
inline constexpr std::size_t kMaxListItems = 512;  ///< alert ids, tags, techniques, observables
inline constexpr std::size_t kMaxLabels = 64;
inline constexpr std::size_t kMaxLabelName = 128;
inline constexpr std::size_t kMaxLabelValue = 1024;
inline constexpr std::size_t kMaxLabelDepth = 4;  ///< "sample.cpu_load_pct" is depth 2
inline constexpr std::size_t kMaxUrlBytes = 2048;

}  // namespace wardex::normalise
