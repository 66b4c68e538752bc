// Ten thousand rejections for one cause read as one group: the reason without what differs from event to event.
#pragma once

#include <string>
#include <string_view>

namespace wardex::store {

/// The reason with every word that holds a digit as "#": numbers, ids, times, hashes. A three-digit number after
/// "HTTP" stays, because it is the cause.
std::string generalise(std::string_view reason);
/// 16 hex digits over (connector, cause, generalised reason).
std::string fingerprint(std::string_view connector, std::string_view cause, std::string_view reason);

}  // namespace wardex::store
