// Secret references: ${env:NAME}, ${file:/abs/path}, ${credential:NAME}. A reference is a whole scalar; resolved text
// is never looked at again, so a secret that happens to contain "${" stays what it is.
#pragma once

#include <filesystem>
#include <vector>

#include "config/config.hpp"

namespace wardex::config {

/// Marks every reference in the tree and fills `resolved` where it could be read; the rest are problems. `$${` becomes
/// a literal `${`. Files that were (or should be) read are added to `secret_files`.
void resolve_references(Value& root, const SecretSources& sources, Problems& problems,
                        std::vector<std::filesystem::path>& secret_files);

/// The tree without any resolved value: what may be kept for as long as the configuration lives.
Value without_secrets(Value root);

}  // namespace wardex::config
