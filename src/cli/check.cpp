#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "api/documents.hpp"
#include "app/generation.hpp"
#include "cli/session.hpp"

namespace wardex::cli {

namespace {

int check(const Session& session, bool strict) {
  auto loaded = session.source.load();
  app::compile(loaded);  // what a start would find wrong, no less
  std::size_t errors = 0;
  std::size_t warnings = 0;
  for (const auto& problem : loaded.problems.all()) (problem.level == Problem::Level::error ? errors : warnings) += 1;
  const bool bad = errors > 0 || (strict && warnings > 0);

  if (session.as_json) {
    nlohmann::json list = nlohmann::json::array();
    for (const auto& problem : loaded.problems.all()) list.push_back(api::to_json(problem));
    session.print_json({{"ok", !bad}, {"errors", errors}, {"warnings", warnings}, {"problems", std::move(list)}});
  } else {
    for (const auto& problem : loaded.problems.all()) session.out() << problem.str() << '\n';
    session.out() << session.source.name() << ": "
                  << (bad ? std::to_string(errors) + " error(s), " + std::to_string(warnings) + " warning(s)"
                          : "ok" + (warnings > 0 ? ", " + std::to_string(warnings) + " warning(s)" : std::string()))
                  << '\n';
  }
  return bad ? kFailed : kOk;
}

}  // namespace

void add_check(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand("check", "Check the configuration; every problem as file:line:column: message");
  auto strict = std::make_shared<bool>(false);
  command->add_flag("--strict", *strict, "Warnings fail as well");
  command->callback([&session, strict] { session.command = [&session, strict] { return check(session, *strict); }; });
}

}  // namespace wardex::cli
