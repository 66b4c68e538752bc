#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/session.hpp"

namespace wardex::cli {

namespace {

int reload(const Session& session) {
  const auto document = call_daemon(session, "POST", "/v1/reload");
  if (!document) return kFailed;
  const bool ok = document->value("reloaded", false);
  if (session.as_json) {
    session.print_json(*document);
    return ok ? kOk : kFailed;
  }
  for (const auto& problem : document->at("problems"))
    session.out() << problem.value("file", "") << ':' << problem.value("line", 0) << ':' << problem.value("column", 0)
                  << ": " << problem.value("path", "") << ": " << problem.value("message", "") << '\n';
  session.out() << (ok ? "The new configuration is in force.\n" : "The old configuration stays in force.\n");
  return ok ? kOk : kFailed;
}

}  // namespace

void add_reload(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand("reload", "Make the running gateway re-read its configuration, and report");
  command->callback([&session] { session.command = [&session] { return reload(session); }; });
}

}  // namespace wardex::cli
