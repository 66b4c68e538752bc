#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/session.hpp"
#include "wardex/connector.hpp"

namespace wardex::cli {

namespace {

int list(const Session& session) {
  if (session.as_json) {
    auto out = nlohmann::json::array();
    for (const auto& manifest : connectors()) {
      auto kinds = nlohmann::json::array();
      for (const auto kind : manifest.accepts) kinds.push_back(to_string(kind));
      out.push_back({{"name", manifest.name},
                     {"title", manifest.title},
                     {"category", to_string(manifest.category)},
                     {"summary", manifest.summary},
                     {"accepts", std::move(kinds)},
                     {"auth", manifest.auth},
                     {"dedups_by_key", manifest.dedups_by_key},
                     {"docs", manifest.docs}});
    }
    session.print_json(out);
    return kOk;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& manifest : connectors())
    rows.push_back({manifest.name, std::string(to_string(manifest.category)), manifest.summary});
  print_table(session, {"TYPE", "CATEGORY", "WHAT IT DOES"}, rows);
  return kOk;
}

void print_settings(const Session& session, const std::vector<FieldSpec>& specs, const std::string& indent) {
  for (const auto& spec : specs) {
    session.out() << indent << session.bold(spec.key) << (spec.required ? " (required)" : "")
                  << (spec.secret ? " (secret)" : "")
                  << (spec.default_text.empty() ? "" : session.dim("  default " + spec.default_text)) << '\n';
    session.out() << indent << "    " << spec.doc << '\n';
    if (!spec.choices.empty()) {
      session.out() << indent << "    one of:";
      for (const auto& choice : spec.choices) session.out() << ' ' << choice;
      session.out() << '\n';
    }
    if (spec.type == FieldSpec::Type::object) print_settings(session, spec.children, indent + "    ");
  }
}

int show(const Session& session, const std::string& name) {
  const auto* manifest = find_connector(name);
  if (manifest == nullptr)
    return session.fail("there is no connector type '" + name + "'; see wardex-gateway connectors");
  session.out() << session.bold(manifest->title) << "\n" << manifest->summary << "\n\nSettings:\n";
  print_settings(session, manifest->settings, "  ");
  return kOk;
}

}  // namespace

void add_connectors(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand("connectors", "List the connector types, or show one type's settings");
  auto name = std::make_shared<std::string>();
  command->add_option("type", *name, "Connector type");
  command->callback([&session, name] {
    session.command = [&session, name] { return name->empty() ? list(session) : show(session, *name); };
  });
}

}  // namespace wardex::cli
