// The signing key that the gateway makes for itself when the configuration names none.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <variant>

#include "audit/signing_key.hpp"

namespace wardex::audit {

inline constexpr std::string_view kKeyFileName = "audit-signing-key.pem";

/// nullopt without a file; or why it cannot be read, with its name.
std::variant<std::optional<SigningKey>, std::string> read_key_file(const std::filesystem::path& file);

struct KeyFile {
  SigningKey key;
  bool created = false;
};
/// Makes and syncs one (mode 0600) if there is none. One that cannot be read is never replaced.
std::variant<KeyFile, std::string> open_key_file(const std::filesystem::path& file);

}  // namespace wardex::audit
