#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include <CLI/CLI.hpp>

#include "api/api.hpp"
#include "cli/session.hpp"

namespace wardex::cli {

int main(int argc, char** argv) {
  const bool colour = isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
  Session session(std::cout, std::cerr, colour);

  CLI::App app{"Delivers Wardex alerts and cases: durable, routed, audited."};
  app.name("wardex-gateway");
  app.require_subcommand(1);
  app.fallthrough();  // --config may stand before or after the subcommand
  app.set_help_all_flag("--help-all", "Help of every command");
  app.add_option(
      "--config", session.source.file,
      "Configuration file (default: $WARDEX_CONFIG, /etc/wardex-gateway/gateway.yaml, then the embedded one)");
  app.add_option("--data-dir", session.source.data_dir, "Overrides gateway.data_dir");
  app.add_flag("--json", session.as_json, "Print data as JSON");
  app.footer("Exit status: 0 ok, 1 failed, 2 usage. Documentation: docs/ in the source tree.");

  add_run(app, session);
  add_init(app, session);
  add_check(app, session);
  add_schema(app, session);
  add_connectors(app, session);
  add_connector(app, session);
  add_route(app, session);
  add_render(app, session);
  add_test(app, session);
  add_send(app, session);
  add_status(app, session);
  add_events(app, session);
  add_mailbox(app, session);
  add_audit(app, session);
  add_backup(app, session);
  add_restore(app, session);
  add_migrate(app, session);
  add_reload(app, session);
  add_version(app, session);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? kOk : kUsage;
  }
  try {
    return session.command ? session.command() : kUsage;
  } catch (const std::exception& error) {
    return session.fail(error.what());
  }
}

}  // namespace wardex::cli
