#pragma once

#include <nlohmann/json_fwd.hpp>

#include "cli/session.hpp"

namespace wardex::cli {

/// Audit rows (as the API gives them) as a table.
void print_audit(const Session& session, const nlohmann::json& rows);

}  // namespace wardex::cli
