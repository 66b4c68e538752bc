#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/session.hpp"
#include "wardex/text.hpp"

namespace wardex::cli {

namespace {

std::string count(const nlohmann::json& account, const char* key) {
  return std::to_string(account.value(key, std::uint64_t{0}));
}

/// Why it is in this state, and whom to ask about it.
std::string reason(const nlohmann::json& connector) {
  std::string out = text::truncate(text::single_line(connector.value("reason", "")), 60);
  std::string who = connector.value("state", "") == "held" ? connector.value("owner", "") : "";
  if (connector.contains("control")) {
    const auto& control = connector.at("control");
    who = control.value("actor", "");
    if (control.contains("until")) who += ", until " + control.value("until", "");
  }
  if (!who.empty()) out += (out.empty() ? "(" : " (") + who + ")";
  return out;
}

std::string audit_line(const nlohmann::json& audit) {
  std::string out = "audit trail at row " + std::to_string(audit.value("head_id", std::int64_t{0}));
  const auto& checkpoint = audit.at("checkpoint");
  if (checkpoint.is_null()) return out + ", not signed yet";
  return out + ", signed up to " + std::to_string(checkpoint.value("id", std::int64_t{0})) + " at " +
         checkpoint.value("at", "");
}

int status(const Session& session) {
  const auto document = call_daemon(session, "GET", "/v1/status");
  if (!document) return kFailed;
  if (session.as_json) {
    session.print_json(*document);
    return kOk;
  }
  session.out() << "wardex-gateway " << document->value("version", "") << " on " << document->value("listen", "?")
                << ", "
                << (document->value("ready", false)
                        ? session.outcome("ready")
                        : session.style("31") + "not ready: " + document->value("not_ready", "") + session.style("0"))
                << "; " << document->value("events", std::uint64_t{0}) << " events, "
                << document->value("unrouted", std::uint64_t{0}) << " of them routed nowhere; conservation mismatch "
                << document->value("conservation_mismatch", std::int64_t{0}) << '\n'
                << audit_line(document->at("audit")) << "\n\n";
  std::vector<std::vector<std::string>> rows;
  for (const auto& connector : document->at("connectors")) {
    const auto& account = connector.at("account");
    rows.push_back({connector.value("id", ""), connector.value("type", "-"),
                    session.outcome(connector.value("state", "")), count(account, "delivered"),
                    count(account, "pending"), count(account, "mailbox"), count(account, "coalesced"),
                    count(account, "muted"), reason(connector)});
  }
  for (const auto& alarm : document->at("mailbox").at("alarms"))
    session.out() << session.style("33;1") << "mailbox alarm:" << session.style("0") << ' '
                  << alarm.value("connector", "") << ": " << alarm.value("why", "") << '\n';
  for (const auto& replay : document->at("mailbox").at("replays"))
    if (replay.value("state", "") == "running")
      session.out() << "replay " << count(replay, "id") << ": " << count(replay, "replayed") << " of "
                    << count(replay, "entries") << " (" << replay.value("what", "") << ")\n";
  print_table(session,
              {"CONNECTOR", "TYPE", "STATE", "DELIVERED", "PENDING", "MAILBOX", "COALESCED", "MUTED", "REASON"}, rows);
  return kOk;
}

}  // namespace

void add_status(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand("status", "What the running gateway does: one line per connector");
  command->callback([&session] { session.command = [&session] { return status(session); }; });
}

}  // namespace wardex::cli
