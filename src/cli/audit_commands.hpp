// The audit commands that have files of their own, and what they share.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <variant>

#include "audit/signing_key.hpp"
#include "cli/session.hpp"

namespace wardex::cli {

void add_audit_verify(CLI::App& audit, Session& session);
void add_audit_key(CLI::App& audit, Session& session);

/// The database that was named, or that of the data directory.
std::filesystem::path database_or_default(const Session& session, const std::string& given);

/// The key that this machine's gateway signs with, as its configuration or its data directory has it.
struct LocalKey {
  audit::SigningKey key;
  std::string source;  ///< "audit.checkpoints.key", or a file
};
/// nullopt: there is none yet; or why it cannot be read.
std::variant<std::optional<LocalKey>, std::string> local_key(const Session& session);

}  // namespace wardex::cli
