#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/session.hpp"
#include "wardex/text.hpp"

namespace wardex::cli {

namespace {

int test(const Session& session, const std::string& id, bool send) {
  const auto report =
      call_daemon(session, "POST", "/v1/connectors/" + text::percent_encode(id) + "/test" + (send ? "?send=true" : ""));
  if (!report) return kFailed;
  const bool ok = report->value("ok", false);
  if (session.as_json) {
    session.print_json(*report);
    return ok ? kOk : kFailed;
  }
  for (const auto& check : report->at("checks"))
    session.out() << "  " << session.outcome(check.value("ok", false) ? "ok" : "failed") << "  "
                  << check.value("name", "") << ": " << check.value("detail", "") << '\n';
  return ok ? kOk : kFailed;
}

}  // namespace

void add_test(CLI::App& app, Session& session) {
  auto* command =
      app.add_subcommand("test", "Dry test of a connector in the running gateway: credentials, reachability");
  auto id = std::make_shared<std::string>();
  auto send = std::make_shared<bool>(false);
  command->add_option("connector", *id, "Connector id of the configuration")->required();
  command->add_flag("--send", *send, "Also send one sample event, marked as a test");
  command->callback(
      [&session, id, send] { session.command = [&session, id, send] { return test(session, *id, *send); }; });
}

}  // namespace wardex::cli
