#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/session.hpp"

namespace wardex::cli {

void add_schema(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand("schema", "Print the JSON Schema of the configuration (for editors)");
  command->callback([&session] {
    session.command = [&session] {
      session.print_json(config::json_schema());
      return kOk;
    };
  });
}

}  // namespace wardex::cli
