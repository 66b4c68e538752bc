#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/session.hpp"
#include "store/sqlite/offline.hpp"

namespace wardex::cli {

namespace {

int migrate(const Session& session, bool dry_run) {
  const auto report = store::sqlite::migrate(session.source.find_data_dir(), dry_run);
  if (!report) return session.fail(report.error().message);
  if (session.as_json) {
    session.print_json({{"from", report->from},
                        {"to", report->to},
                        {"steps", report->steps},
                        {"safety_copy", report->safety_copy.string()}});
    return kOk;
  }
  if (report->steps.empty()) session.out() << "The schema is at version " << report->to << "; nothing to do.\n";
  for (const auto& step : report->steps) session.out() << (dry_run ? "would apply " : "applied ") << step << '\n';
  if (!report->safety_copy.empty())
    session.out() << "copy of the database before: " << report->safety_copy.string() << '\n';
  return kOk;
}

}  // namespace

void add_migrate(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand("migrate", "Bring the database to this version's schema (run does so as well)");
  auto dry_run = std::make_shared<bool>(false);
  command->add_flag("--dry-run", *dry_run, "Only say what would be done");
  command->callback(
      [&session, dry_run] { session.command = [&session, dry_run] { return migrate(session, *dry_run); }; });
}

}  // namespace wardex::cli
