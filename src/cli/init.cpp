#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <ostream>

#include <CLI/CLI.hpp>

#include "cli/session.hpp"

namespace wardex::cli {

namespace {

/// A folder to try the gateway in: the commented default configuration, with its data beside it.
int init(const Session& session, const std::filesystem::path& folder) {
  const auto absolute = std::filesystem::absolute(folder).lexically_normal();
  const auto file = absolute / "gateway.yaml";
  if (std::filesystem::exists(file)) return session.fail(file.string() + " exists; nothing was written");
  std::filesystem::create_directories(absolute);
  std::ofstream out(file);
  out << app::default_yaml_for(absolute / "data");
  out.close();
  if (!out) return session.fail("cannot write " + file.string());
  chmod(file.c_str(), S_IRUSR | S_IWUSR);  // it may come to hold inline secrets
  session.out() << "wrote " << file.string() << "\nrun it with: wardex-gateway run --config " << file.string() << '\n';
  return kOk;
}

}  // namespace

void add_init(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand("init", "Write the commented default configuration into a folder of its own");
  auto folder = std::make_shared<std::string>();
  command->add_option("folder", *folder, "Where to; made if it does not exist")->required();
  command->callback([&session, folder] { session.command = [&session, folder] { return init(session, *folder); }; });
}

}  // namespace wardex::cli
