// The files that a configuration consists of.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "wardex/problem.hpp"

namespace wardex::config {

/// A file's bytes, cut at one more than parse_yaml() allows.
std::optional<std::string> read_file(const std::filesystem::path& file, Problems& problems);

/// The *.yaml of the sibling conf.d, in the order of their names. Dot files are an editor's business.
std::vector<std::filesystem::path> drop_ins(const std::filesystem::path& file, Problems& problems);

}  // namespace wardex::config
