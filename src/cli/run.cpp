#include <CLI/CLI.hpp>

#include "app/gateway.hpp"
#include "cli/session.hpp"

namespace wardex::cli {

void add_run(CLI::App& app, Session& session) {
  auto* command =
      app.add_subcommand("run", "Run the gateway until SIGTERM or SIGINT; SIGHUP reloads the configuration");
  command->add_option("--listen", session.source.listen, "Overrides gateway.listen (HOST:PORT; port 0: any free one)");
  command->callback([&session] { session.command = [&session] { return app::run(session.source, session.err()); }; });
}

}  // namespace wardex::cli
