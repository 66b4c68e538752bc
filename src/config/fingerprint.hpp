#pragma once

#include <string>
#include <vector>

#include "wardex/settings.hpp"

namespace wardex::config {

/// Hex HMAC-SHA256 over the settings, resolved secrets and the bytes of `files` included, whatever their order in the
/// file. Keyed with random bytes of this process, so that a fingerprint in a log is no oracle for a weak secret.
std::string fingerprint(const Value& settings, const std::vector<std::string>& files);

/// Hex SHA-256 over named contents, each length-framed.
std::string digest(const std::vector<std::pair<std::string, std::string>>& named_contents);

}  // namespace wardex::config
