#include <algorithm>
#include <fstream>
#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "audit/export.hpp"
#include "cli/audit_commands.hpp"
#include "cli/audit_table.hpp"
#include "cli/session.hpp"
#include "wardex/text.hpp"

namespace wardex::cli {

void print_audit(const Session& session, const nlohmann::json& rows) {
  std::vector<std::vector<std::string>> table;
  for (const auto& row : rows) {
    std::string events = "-";
    if (row.contains("first_seq")) {
      const auto first = row.value("first_seq", std::uint64_t{0});
      const auto last = row.value("last_seq", first);
      events = std::to_string(first) + (last == first ? "" : "-" + std::to_string(last));
    }
    table.push_back(
        {std::to_string(row.value("id", std::int64_t{0})), row.value("at", ""), row.value("actor", ""),
         row.value("action", ""), row.value("connector", "-"), events, session.outcome(row.value("outcome", "")),
         row.contains("status_code") ? std::to_string(row.value("status_code", 0)) : "-",
         row.contains("latency_ms") ? std::to_string(row.value("latency_ms", std::int64_t{0})) + " ms" : "-",
         text::truncate(text::single_line(row.value("detail", "")), 60)});
  }
  print_table(session, {"ID", "AT", "ACTOR", "ACTION", "CONNECTOR", "EVENTS", "OUTCOME", "STATUS", "TOOK", "DETAIL"},
              table);
}

namespace {

int tail(const Session& session, std::size_t limit, const std::string& connector, const std::string& action) {
  const auto document =
      call_daemon(session, "GET",
                  "/v1/audit?limit=" + std::to_string(limit) + "&connector=" + text::percent_encode(connector) +
                      "&action=" + text::percent_encode(action));
  if (!document) return kFailed;
  auto rows = document->at("audit");
  std::reverse(rows.begin(), rows.end());  // the newest last, as tail does
  if (session.as_json)
    session.print_json(rows);
  else
    print_audit(session, rows);
  return kOk;
}

int show(const Session& session, std::int64_t id) {
  const auto document = call_daemon(session, "GET", "/v1/audit?limit=1&order=oldest&after=" + std::to_string(id - 1));
  if (!document) return kFailed;
  const auto& rows = document->at("audit");
  if (rows.empty() || rows.front().value("id", std::int64_t{0}) != id)
    return session.fail("the audit trail has no row " + std::to_string(id));
  session.print_json(rows.front());
  return kOk;
}

int export_rows(const Session& session, const std::string& database, const std::string& file) {
  std::ofstream opened;
  if (!file.empty() && file != "-") {
    opened.open(file, std::ios::binary);
    if (!opened) return session.fail("cannot write " + file);
  }
  std::ostream& out = opened.is_open() ? static_cast<std::ostream&>(opened) : session.out();
  const auto report =
      audit::export_rows(database_or_default(session, database), {}, [&out](std::string_view line) { out << line; });
  if (!report.ok) return session.fail(report.problem);
  out.flush();
  return out ? kOk : session.fail("cannot write " + file);
}

}  // namespace

void add_audit(CLI::App& app, Session& session) {
  auto* audit = app.add_subcommand("audit", "The audit trail: read, export and verify it");
  audit->require_subcommand(1);

  auto* tail_command = audit->add_subcommand("tail", "The newest rows");
  auto limit = std::make_shared<std::size_t>(20);
  auto connector = std::make_shared<std::string>();
  auto action = std::make_shared<std::string>();
  tail_command->add_option("-n,--limit", *limit, "How many")->capture_default_str();
  tail_command->add_option("--connector", *connector, "Only this connector's");
  tail_command->add_option("--action", *action, "Only this action (accept, deliver, mailbox, config, ...)");
  tail_command->callback([&session, limit, connector, action] {
    session.command = [&session, limit, connector, action] { return tail(session, *limit, *connector, *action); };
  });

  auto* show_command = audit->add_subcommand("show", "One row in full");
  auto id = std::make_shared<std::int64_t>();
  show_command->add_option("id", *id, "Row id")->required();
  show_command->callback([&session, id] { session.command = [&session, id] { return show(session, *id); }; });

  add_audit_verify(*audit, session);
  add_audit_key(*audit, session);

  auto* export_command = audit->add_subcommand("export", "The whole trail as JSON Lines, with its hashes");
  auto file = std::make_shared<std::string>("-");
  export_command->add_option("--out", *file, "File to write")->capture_default_str();
  auto database = std::make_shared<std::string>();
  export_command->add_option("--database", *database, "Database file (default: gateway.db of the data directory)");
  export_command->callback([&session, database, file] {
    session.command = [&session, database, file] { return export_rows(session, *database, *file); };
  });
}

}  // namespace wardex::cli
