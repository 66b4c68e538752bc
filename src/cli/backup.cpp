#include <filesystem>
#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/session.hpp"

namespace wardex::cli {

namespace {

int backup(const Session& session, const std::string& file) {
  const auto absolute = std::filesystem::absolute(file).lexically_normal();
  const auto document = call_daemon(session, "POST", "/v1/backup", nlohmann::json{{"path", absolute.string()}}.dump());
  if (!document) return kFailed;
  if (session.as_json)
    session.print_json(*document);
  else
    session.out() << "wrote and checked " << absolute.string() << '\n';
  return kOk;
}

}  // namespace

void add_backup(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand("backup", "Copy the running gateway's database, consistent and checked");
  auto file = std::make_shared<std::string>();
  command->add_option("file", *file, "The copy; must not exist")->required();
  command->callback([&session, file] { session.command = [&session, file] { return backup(session, *file); }; });
}

}  // namespace wardex::cli
