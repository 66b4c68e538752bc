// mailbox replay, replays, cancel, discard: the ways out.
#include <ostream>

#include <CLI/CLI.hpp>

#include "cli/mailbox.hpp"

namespace wardex::cli {

namespace {

using nlohmann::json;

void add_selection(CLI::App* command, Selection& selection) {
  command->add_option("ids", selection.ids, "Entry ids");
  add_filters(command, selection);
  command->add_flag("--all", selection.all, "All entries");
}

std::string rate_of(const json& object) {
  if (!object.contains("per_second")) return "-";
  return object.at("per_second").dump() + "/s";
}

void print_preview(const Session& session, const json& preview) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [connector, entries] : preview.at("connectors").items())
    rows.push_back({connector, std::to_string(entries.get<std::uint64_t>())});
  print_table(session, {"CONNECTOR", "ENTRIES"}, rows);
  session.out() << number_of(preview, "entries") << " entries, the oldest of " << text_of(preview, "oldest_at");
  if (preview.contains("takes")) session.out() << "; about " << text_of(preview, "takes") << " at " << rate_of(preview);
  session.out() << ". Nothing was changed.\n";
}

void print_replays(const Session& session, const json& replays) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& replay : replays)
    rows.push_back(
        {number_of(replay, "id"), text_of(replay, "state"),
         number_of(replay, "replayed") + " of " + number_of(replay, "entries"), rate_of(replay),
         text_of(replay, "started_at"),
         replay.contains("expected_end") ? "about " + text_of(replay, "expected_end") : text_of(replay, "ended_at"),
         text_of(replay, "actor"), text_of(replay, "what"), text_of(replay, "error")});
  print_table(session, {"REPLAY", "STATE", "REPLAYED", "RATE", "STARTED", "END", "BY", "WHAT", "TROUBLE"}, rows);
}

int act(const Session& session, const char* verb, const char* done, const Selection& selection, const json& more) {
  if (!selection.names_something()) {
    session.fail("name entry ids, a filter or --all; see wardex-gateway mailbox list");
    return kUsage;
  }
  auto body = selection.body();
  body.update(more);
  const auto document = call_daemon(session, "POST", std::string("/v1/mailbox/") + verb, body.dump());
  if (!document) return kFailed;
  if (session.as_json) {
    session.print_json(*document);
  } else if (document->contains("preview")) {
    print_preview(session, *document);
  } else if (document->contains("replay")) {
    print_replays(session, json::array({document->at("replay")}));
    const auto id = number_of(document->at("replay"), "id");
    session.out() << session.dim("watch: wardex-gateway mailbox replays   stop: wardex-gateway mailbox cancel " + id)
                  << '\n';
  } else {
    session.out() << done << ' ' << number_of(*document, done) << " of the mailbox's entries\n";
  }
  return kOk;
}

int replays(const Session& session) {
  const auto document = call_daemon(session, "GET", "/v1/mailbox/replays");
  if (!document) return kFailed;
  if (session.as_json)
    session.print_json(*document);
  else if (document->at("replays").empty())
    session.out() << "No replay since the gateway started.\n";
  else
    print_replays(session, document->at("replays"));
  return kOk;
}

int cancel(const Session& session, std::uint64_t id) {
  const auto document =
      call_daemon(session, "POST", "/v1/mailbox/replays/" + std::to_string(id) + "/cancel", json::object().dump());
  if (!document) return kFailed;
  if (session.as_json)
    session.print_json(*document);
  else
    session.out() << "cancelled; " << number_of(document->at("replay"), "replayed")
                  << " entries are on their way, the rest stays in the mailbox\n";
  return kOk;
}

void add_acting(CLI::App* mailbox, Session& session) {
  auto replay = std::make_shared<Selection>();
  auto rate = std::make_shared<std::string>();
  auto dry = std::make_shared<bool>(false);
  auto* replay_command = mailbox->add_subcommand("replay", "Send entries again: same event id, same delivery key");
  add_selection(replay_command, *replay);
  replay_command->add_option("--rate", *rate, "So many at most: 8/s, 30/m, 100/h; goes on in the gateway");
  replay_command->add_flag("--dry-run", *dry, "Only say how many, where, how old, and how long it would take");
  replay_command->callback([&session, replay, rate, dry] {
    session.command = [&session, replay, rate, dry] {
      json more = json::object();
      if (!rate->empty()) more["rate"] = *rate;
      if (*dry) more["preview"] = true;
      return act(session, "replay", "replayed", *replay, more);
    };
  });

  auto* replays_command = mailbox->add_subcommand("replays", "The replays that run, and the last that ran");
  replays_command->callback([&session] { session.command = [&session] { return replays(session); }; });

  auto* cancel_command = mailbox->add_subcommand("cancel", "Stop a replay; what it did not move stays in the mailbox");
  auto id = std::make_shared<std::uint64_t>();
  cancel_command->add_option("id", *id, "Replay id; see mailbox replays")->required();
  cancel_command->callback([&session, id] { session.command = [&session, id] { return cancel(session, *id); }; });

  auto discard = std::make_shared<Selection>();
  auto reason = std::make_shared<std::string>();
  auto dry_discard = std::make_shared<bool>(false);
  auto* discard_command = mailbox->add_subcommand("discard", "Give entries up for good, with a reason for the audit");
  add_selection(discard_command, *discard);
  auto* reason_option = discard_command->add_option("--reason", *reason, "Why; recorded in the audit");
  auto* dry_option = discard_command->add_flag("--dry-run", *dry_discard, "Only say how many, where and how old");
  discard_command->callback([&session, discard, reason, dry_discard, reason_option, dry_option] {
    if (reason_option->empty() && dry_option->empty()) throw CLI::RequiredError("--reason");
    session.command = [&session, discard, reason, dry_discard] {
      json more = json::object();
      if (!reason->empty()) more["reason"] = *reason;
      if (*dry_discard) more["preview"] = true;
      return act(session, "discard", "discarded", *discard, more);
    };
  });
}

}  // namespace

void add_mailbox(CLI::App& app, Session& session) {
  auto* mailbox = app.add_subcommand("mailbox", "The failure mailbox: what was rejected or gave up, and the way back");
  mailbox->require_subcommand(1);
  add_mailbox_looking(mailbox, session);
  add_acting(mailbox, session);
}

}  // namespace wardex::cli
