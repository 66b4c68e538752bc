#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/session.hpp"
#include "wardex/text.hpp"

namespace wardex::cli {

namespace {

struct Selection {
  std::vector<std::int64_t> ids;
  std::string connector;
  std::string group;
  bool all = false;
  std::string reason;

  [[nodiscard]] std::string body() const {
    nlohmann::json out = nlohmann::json::object();
    if (!ids.empty()) out["ids"] = ids;
    if (!connector.empty()) out["connector"] = connector;
    if (!group.empty()) out["fingerprint"] = group;
    if (all) out["all"] = true;
    if (!reason.empty()) out["reason"] = reason;
    return out.dump();
  }
  [[nodiscard]] bool names_something() const { return !ids.empty() || !connector.empty() || !group.empty() || all; }
};

void add_selection(CLI::App* command, Selection& selection) {
  command->add_option("ids", selection.ids, "Entry ids");
  command->add_option("--connector", selection.connector, "All entries of this connector");
  command->add_option("--group", selection.group, "All entries of this group (same cause)");
  command->add_flag("--all", selection.all, "All entries");
}

int list(const Session& session, const std::string& connector, const std::string& group, std::size_t limit) {
  const auto document =
      call_daemon(session, "GET",
                  "/v1/mailbox?limit=" + std::to_string(limit) + "&connector=" + text::percent_encode(connector) +
                      "&fingerprint=" + text::percent_encode(group));
  if (!document) return kFailed;
  if (session.as_json) {
    session.print_json(*document);
    return kOk;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& entry : document->at("entries"))
    rows.push_back({std::to_string(entry.value("id", std::int64_t{0})), entry.value("at", ""),
                    entry.value("connector", ""), entry.value("severity", ""), entry.value("case_id", ""),
                    entry.value("cause", ""), entry.value("fingerprint", "").substr(0, 12),
                    text::truncate(text::single_line(entry.value("reason", "")), 70)});
  if (rows.empty())
    session.out() << "The failure mailbox is empty.\n";
  else
    print_table(session, {"ID", "AT", "CONNECTOR", "SEVERITY", "CASE", "CAUSE", "GROUP", "REASON"}, rows);
  return kOk;
}

int act(const Session& session, const char* verb, const char* done, const Selection& selection) {
  if (!selection.names_something())
    return session.fail("name entry ids, --connector, --group or --all; see wardex-gateway mailbox list");
  const auto document = call_daemon(session, "POST", std::string("/v1/mailbox/") + verb, selection.body());
  if (!document) return kFailed;
  if (session.as_json)
    session.print_json(*document);
  else
    session.out() << done << ' ' << document->value(done, std::uint64_t{0}) << " of the mailbox's entries\n";
  return kOk;
}

}  // namespace

void add_mailbox(CLI::App& app, Session& session) {
  auto* mailbox = app.add_subcommand("mailbox", "The failure mailbox: what was rejected or gave up, and the way back");
  mailbox->require_subcommand(1);

  auto* list_command = mailbox->add_subcommand("list", "List entries");
  auto connector = std::make_shared<std::string>();
  auto group = std::make_shared<std::string>();
  auto limit = std::make_shared<std::size_t>(100);
  list_command->add_option("--connector", *connector, "Only this connector's");
  list_command->add_option("--group", *group, "Only this group (same cause)");
  list_command->add_option("--limit", *limit, "How many at most")->capture_default_str();
  list_command->callback([&session, connector, group, limit] {
    session.command = [&session, connector, group, limit] { return list(session, *connector, *group, *limit); };
  });

  auto* show_command = mailbox->add_subcommand("show", "Show one entry with its event and its trail");
  auto id = std::make_shared<std::int64_t>();
  show_command->add_option("id", *id, "Entry id")->required();
  show_command->callback([&session, id] {
    session.command = [&session, id] {
      const auto document = call_daemon(session, "GET", "/v1/mailbox/" + std::to_string(*id));
      if (!document) return kFailed;
      session.print_json(*document);
      return kOk;
    };
  });

  auto replay = std::make_shared<Selection>();
  auto* replay_command = mailbox->add_subcommand("replay", "Send entries again: same event id, same delivery key");
  add_selection(replay_command, *replay);
  replay_command->callback([&session, replay] {
    session.command = [&session, replay] { return act(session, "replay", "replayed", *replay); };
  });

  auto discard = std::make_shared<Selection>();
  auto* discard_command = mailbox->add_subcommand("discard", "Give entries up, with a reason for the audit");
  add_selection(discard_command, *discard);
  discard_command->add_option("--reason", discard->reason, "Why; recorded in the audit")->required();
  discard_command->callback([&session, discard] {
    session.command = [&session, discard] { return act(session, "discard", "discarded", *discard); };
  });
}

}  // namespace wardex::cli
