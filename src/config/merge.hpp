// gateway.yaml and conf.d/*.yaml become one tree.
#pragma once

#include <string>

#include "wardex/settings.hpp"

namespace wardex::config {

/// Maps merge and lists append. A connector, a mute window or a single setting that two files define is an error that
/// names both places.
void merge_into(Value& into, Value from, const std::string& path, Problems& problems);

/// "conf.d/soc.yaml:12".
std::string place(const Position& at);

}  // namespace wardex::config
