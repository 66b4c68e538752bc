// Merged tree -> Config. Every function reports all it finds and goes on.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "config/tree.hpp"

namespace wardex::config {

/// `connectors:`; those with errors are left out.
std::vector<Connector> read_connectors(const Value& root, Problems& problems);
/// `matrix:`, `mute_windows:` and `routes:`.
void read_routing(const Value& root, Config& config, Problems& problems);

/// Rules that span settings.
void check_access(const Config& config, const Value& root, Problems& problems);
void check_connectors(const Config& config, const Value& root, Problems& problems);
void check_audit(const Config& config, const Value& root, Problems& problems);
void check_routing(const Config& config, const Value& root, Problems& problems);

/// The specs of the top level, for unknown keys and the schema. Connectors, matrix and the like have no children here.
const std::vector<FieldSpec>& root_specs();

/// The ids under `connectors:`, whether they could be read or not.
std::vector<std::string> connector_ids(const Value& root);
/// True when a file can be opened; otherwise a problem.
bool check_file(const std::string& file, const Position& at, const std::string& path, Problems& problems);

}  // namespace wardex::config
