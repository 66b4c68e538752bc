#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "api/api.hpp"
#include "cli/session.hpp"

namespace wardex::cli {

void add_version(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand("version", "Print the version");
  command->callback([&session] {
    session.command = [&session] {
      const auto [version, commit] = api::version();
      if (session.as_json)
        session.print_json({{"version", version}, {"commit", commit}});
      else
        session.out() << "wardex-gateway " << version << " (" << commit << ")\n";
      return kOk;
    };
  });
}

}  // namespace wardex::cli
