#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/audit_table.hpp"
#include "cli/session.hpp"
#include "wardex/text.hpp"

namespace wardex::cli {

namespace {

int list(const Session& session, const std::string& case_id, std::size_t limit) {
  std::string target = "/v1/events?limit=" + std::to_string(limit);
  if (!case_id.empty()) target += "&case_id=" + text::percent_encode(case_id);
  const auto document = call_daemon(session, "GET", target);
  if (!document) return kFailed;
  if (session.as_json) {
    session.print_json(*document);
    return kOk;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& event : document->at("events")) {
    std::vector<std::string> to;
    if (event.at("routes").is_array())
      for (const auto& route : event.at("routes"))
        to.push_back(route.value("to", "") + (route.contains("muted") ? " (muted)" : ""));
    rows.push_back({std::to_string(event.value("seq", std::uint64_t{0})), event.value("received_at", ""),
                    event.value("kind", ""), event.value("severity", ""), event.value("case_id", "-"),
                    event.value("id", ""), text::join(to, ", ")});
  }
  print_table(session, {"SEQ", "RECEIVED", "KIND", "SEVERITY", "CASE", "ID", "ROUTED TO"}, rows);
  return kOk;
}

int show(const Session& session, const std::string& id) {
  const auto document = call_daemon(session, "GET", "/v1/events/" + text::percent_encode(id));
  if (!document) return kFailed;
  if (session.as_json) {
    session.print_json(*document);
    return kOk;
  }
  session.out() << session.bold(document->value("id", "")) << "  received " << document->value("received_at", "")
                << " from " << document->value("origin", "") << "\n\n";
  std::vector<std::vector<std::string>> rows;
  for (const auto& delivery : document->at("deliveries"))
    rows.push_back({delivery.value("connector", ""), session.outcome(delivery.value("state", "")),
                    delivery.value("next_attempt_at", "-"), delivery.value("last_error", "")});
  print_table(session, {"CONNECTOR", "STATE", "NEXT ATTEMPT", "LAST ERROR"}, rows);
  session.out() << '\n';
  print_audit(session, document->at("audit"));
  session.out() << "\n" << session.dim("as received:") << '\n';
  session.print_json(document->at("original"));
  return kOk;
}

}  // namespace

void add_events(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand("events", "List the newest events, or show one event's whole trail");
  auto id = std::make_shared<std::string>();
  auto case_id = std::make_shared<std::string>();
  auto limit = std::make_shared<std::size_t>(20);
  command->add_option("id", *id, "Event id");
  command->add_option("--case", *case_id, "Only events of this case");
  command->add_option("--limit", *limit, "How many at most")->capture_default_str();
  command->callback([&session, id, case_id, limit] {
    session.command = [&session, id, case_id, limit] {
      return id->empty() ? list(session, *case_id, *limit) : show(session, *id);
    };
  });
}

}  // namespace wardex::cli
