#include <algorithm>
#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "audit/verify.hpp"
#include "cli/audit_commands.hpp"

namespace wardex::cli {

namespace {

using nlohmann::json;

constexpr std::size_t kMostFindings = 20;  // printed; --json has all

struct Arguments {
  std::string database;
  std::vector<std::string> anchors;
  std::vector<std::string> keys;
};

/// False after having said why.
bool read_keys(const Session& session, const Arguments& arguments, audit::VerifyOptions& options) {
  options.only_these_keys = !arguments.keys.empty();
  for (const auto& file : arguments.keys) {
    const auto text = read_input(session, file);
    if (!text) return false;
    auto keys = audit::read_verifier_keys(*text);
    if (const auto* why = std::get_if<std::string>(&keys)) {
      session.fail(file + ": " + *why);
      return false;
    }
    for (auto& key : std::get<std::vector<audit::VerifierKey>>(keys)) options.keys.push_back(std::move(key));
  }
  if (options.only_these_keys) return true;
  // Somebody else's database can be verified here as well; then this machine's key is simply not the one.
  auto local = local_key(session);
  if (const auto* why = std::get_if<std::string>(&local))
    session.err() << "signatures are not checked with this machine's key: " << *why << '\n';
  else if (const auto& found = std::get<std::optional<LocalKey>>(local))
    options.keys.push_back({found->key.public_key(), {}});
  return true;
}

json vouched(const audit::Vouched& newest) {
  if (newest.row == 0) return nullptr;
  return {{"row", newest.row}, {"at", newest.at}, {"key", newest.key}};
}

json to_json(const audit::VerifyReport& report, const audit::AnchorSearch& search) {
  json findings = json::array();
  for (const auto& finding : report.findings)
    findings.push_back({{"flaw", audit::to_string(finding.flaw)}, {"row", finding.row}, {"message", finding.message}});
  json pruned = nullptr;
  if (report.pruned.row > 0)
    pruned = {{"upto", report.pruned.row}, {"hash", report.pruned.hash}, {"at", to_iso(report.pruned.at)}};
  return {
      {"ok", report.ok},
      {"rows", report.rows},
      {"first_id", report.first_id},
      {"head_id", report.head_id},
      {"head_hash", report.head_hash},
      {"head_at", report.head_at},
      {"bad_row", report.bad_row()},
      {"problem", report.problem()},
      {"findings", std::move(findings)},
      {"pruned", std::move(pruned)},
      {"checkpoints",
       {{"hold", report.checkpoints}, {"unchecked", report.unchecked}, {"newest", vouched(report.newest_checkpoint)}}},
      {"anchors",
       {{"hold", report.anchors},
        {"pruned", report.pruned_anchors},
        {"of_other_gateways", report.foreign_anchors},
        {"damaged", search.damaged},
        {"newest", vouched(report.newest_anchor)}}}};
}

std::string plural(std::uint64_t count, const std::string& thing, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + thing + (count == 1 ? " " + one : "s " + many);
}

std::string newest(const audit::Vouched& vouched) {
  return "row " + std::to_string(vouched.row) + " of " + vouched.at + ", key " +
         vouched.key.substr(vouched.key.rfind('+') + 1);
}

void print(const Session& session, const audit::VerifyReport& report, const audit::AnchorSearch& search,
           bool with_anchors) {
  auto& out = session.out();
  if (report.ok)
    out << session.outcome("ok") << "  " << report.rows << " rows, " << report.first_id << " to " << report.head_id
        << ", head " << report.head_hash << '\n';
  for (std::size_t i = 0; i < std::min(report.findings.size(), kMostFindings); ++i) {
    const auto& finding = report.findings[i];
    out << session.outcome("failed") << "  " << audit::to_string(finding.flaw) << ": " << finding.message << '\n';
  }
  if (report.findings.size() > kMostFindings)
    out << "        and " << report.findings.size() - kMostFindings << " more (--json has all)\n";
  if (report.flaw() == audit::Flaw::unreadable) return;

  const auto say = [&out](const std::string& text) { out << "    " << text << '\n'; };
  if (!report.ok) say(std::to_string(report.rows) + " rows hold, up to " + std::to_string(report.head_id));
  if (report.pruned.row > 0)
    say("rows 1 to " + std::to_string(report.pruned.row) + " were removed by retention, last at " +
        to_iso(report.pruned.at));
  if (report.checkpoints > 0)
    say(plural(report.checkpoints, "checkpoint", "holds", "hold") +
        ", the newest: " + newest(report.newest_checkpoint));
  if (report.checkpoints + report.unchecked == 0) say("there is no checkpoint that holds: nothing of it is signed");
  if (report.unchecked > 0)
    say(plural(report.unchecked, "checkpoint", "is", "are") + " by keys that were not given: not checked (--key)");
  if (report.anchors > 0)
    say(plural(report.anchors, "anchor", "holds", "hold") + ", the newest: " + newest(report.newest_anchor));
  if (report.pruned_anchors > 0)
    say(plural(report.pruned_anchors, "anchor", "is", "are") + " of rows that retention has removed");
  if (report.foreign_anchors > 0)
    say(plural(report.foreign_anchors, "anchor", "is", "are") + " of other gateways: passed over");
  if (search.damaged > 0) say(plural(search.damaged, "anchor", "is", "are") + " damaged: passed over");
  if (!with_anchors)
    say("no anchors were given (--anchor): whether newer rows were cut off, or the database was rolled back, cannot be "
        "seen");
}

int verify(const Session& session, const Arguments& arguments) {
  audit::VerifyOptions options;
  if (!read_keys(session, arguments, options)) return kUsage;
  audit::AnchorSearch search;
  for (const auto& file : arguments.anchors) {
    audit::find_anchors(file, search);
    if (search.problem.empty()) continue;
    session.fail(search.problem);
    return kUsage;
  }
  options.anchors = search.found;
  options.with_anchors = !arguments.anchors.empty();
  const auto report = audit::verify(database_or_default(session, arguments.database), options);
  if (session.as_json)
    session.print_json(to_json(report, search));
  else
    print(session, report, search, options.with_anchors);
  return report.ok ? kOk : kFailed;
}

}  // namespace

void add_audit_verify(CLI::App& audit, Session& session) {
  auto* command = audit.add_subcommand(
      "verify", "Recompute the hash chain and check what was signed about it, offline (a copy is as good)");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("--database", arguments->database, "Database file (default: gateway.db of the data directory)");
  command->add_option("--anchor", arguments->anchors,
                      "File with anchors, in whatever form they were kept: shows rows that were cut off and a database "
                      "that was rolled back. May be repeated");
  command->add_option(
      "--key", arguments->keys,
      "File with public keys, PEM or NAME+HASH+BASE64: only these count, instead of this machine's. May "
      "be repeated");
  command->callback(
      [&session, arguments] { session.command = [&session, arguments] { return verify(session, *arguments); }; });
}

}  // namespace wardex::cli
