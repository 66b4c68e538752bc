#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "audit/checkpoint.hpp"
#include "audit/key_file.hpp"
#include "audit/trail_file.hpp"
#include "cli/audit_commands.hpp"

namespace wardex::cli {

std::filesystem::path database_or_default(const Session& session, const std::string& given) {
  return given.empty() ? session.source.find_data_dir() / "gateway.db" : std::filesystem::path(given);
}

std::variant<std::optional<LocalKey>, std::string> local_key(const Session& session) {
  // A configuration with errors may still have a data directory with a key.
  if (const auto config = session.source.load().config; config && !config->audit.checkpoints.key.empty()) {
    auto key = audit::SigningKey::from_pem(config->audit.checkpoints.key);
    if (const auto* why = std::get_if<std::string>(&key)) return "audit.checkpoints.key " + *why;
    return LocalKey{std::move(std::get<audit::SigningKey>(key)), "audit.checkpoints.key"};
  }
  const auto file = session.source.find_data_dir() / audit::kKeyFileName;
  auto key = audit::read_key_file(file);
  if (auto* why = std::get_if<std::string>(&key)) return std::move(*why);
  auto& found = std::get<std::optional<audit::SigningKey>>(key);
  if (!found) return std::nullopt;
  return LocalKey{std::move(*found), file.string()};
}

namespace {

int print_key(const Session& session, const std::string& database) {
  auto found = local_key(session);
  if (const auto* why = std::get_if<std::string>(&found)) return session.fail(*why);
  const auto& local = std::get<std::optional<LocalKey>>(found);
  if (!local) return session.fail("there is no key yet: the gateway makes one when it first starts");
  const auto& key = local->key.public_key();
  const auto pem = audit::public_pem(key);
  auto file = audit::TrailFile::open(database_or_default(session, database));
  const auto* why_not = std::get_if<std::string>(&file);
  const auto name =
      why_not == nullptr ? audit::signer_name(std::get<audit::TrailFile>(file).start().instance) : std::string();
  if (session.as_json) {
    nlohmann::json out{{"pem", pem}, {"source", local->source}};
    if (!name.empty()) {
      out["verifier_key"] = audit::verifier_key(name, key);
      out["key"] = audit::to_string(audit::key_id(name, key));
    }
    session.print_json(out);
    return kOk;
  }
  session.out() << pem;
  if (!name.empty())
    session.out() << audit::verifier_key(name, key) << '\n';
  else
    session.err() << "the verifier form has the gateway's id in it: " << *why_not << '\n';
  return kOk;
}

}  // namespace

void add_audit_key(CLI::App& audit, Session& session) {
  auto* command = audit.add_subcommand(
      "key", "The public key of the checkpoints, as PEM and as a signed-note verifier key; keep it elsewhere");
  auto database = std::make_shared<std::string>();
  command->add_option("--database", *database, "Database file (default: gateway.db of the data directory)");
  command->callback(
      [&session, database] { session.command = [&session, database] { return print_key(session, *database); }; });
}

}  // namespace wardex::cli
