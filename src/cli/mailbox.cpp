#include <filesystem>
#include <fstream>
#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/session.hpp"
#include "wardex/text.hpp"

namespace wardex::cli {

namespace {

using nlohmann::json;

/// What selects entries; the same options for every subcommand.
struct Selection {
  std::vector<std::int64_t> ids;
  std::string connector, group, cause, severity, case_id, event_id, since, until;
  bool all = false;

  /// The API's names of the filters that were given.
  [[nodiscard]] std::vector<std::pair<const char*, const std::string*>> filters() const {
    std::vector<std::pair<const char*, const std::string*>> out;
    for (const auto& [name, value] :
         std::initializer_list<std::pair<const char*, const std::string*>>{{"connector", &connector},
                                                                           {"fingerprint", &group},
                                                                           {"cause", &cause},
                                                                           {"severity", &severity},
                                                                           {"case_id", &case_id},
                                                                           {"event_id", &event_id},
                                                                           {"since", &since},
                                                                           {"until", &until}})
      if (!value->empty()) out.emplace_back(name, value);
    return out;
  }
  [[nodiscard]] std::string query() const {
    std::string out;
    for (const auto& [name, value] : filters()) out += std::string("&") + name + "=" + text::percent_encode(*value);
    return out;
  }
  [[nodiscard]] json body() const {
    json out = json::object();
    for (const auto& [name, value] : filters()) out[name] = *value;
    if (!ids.empty()) out["ids"] = ids;
    if (all) out["all"] = true;
    return out;
  }
  [[nodiscard]] bool names_something() const { return !ids.empty() || !filters().empty() || all; }
};

void add_filters(CLI::App* command, Selection& selection) {
  command->add_option("--connector", selection.connector, "Entries of this connector");
  command->add_option("--group", selection.group, "Entries of this group (same cause); see mailbox groups");
  command->add_option("--cause", selection.cause, "Entries with this cause: rejected, gave_up, unrenderable, ...");
  command->add_option("--severity", selection.severity, "Entries of this severity and above");
  command->add_option("--case", selection.case_id, "Entries of this case");
  command->add_option("--event", selection.event_id, "Entries of this event");
  command->add_option("--since", selection.since, "Entries that came since then: a time, or how long ago (2h)");
  command->add_option("--until", selection.until, "Entries that came before then: a time, or how long ago");
}

void add_selection(CLI::App* command, Selection& selection) {
  command->add_option("ids", selection.ids, "Entry ids");
  add_filters(command, selection);
  command->add_flag("--all", selection.all, "All entries");
}

std::string text_of(const json& object, const char* key) { return object.value(key, ""); }
std::string number_of(const json& object, const char* key) {
  return std::to_string(object.value(key, std::uint64_t{0}));
}
std::string rate_of(const json& object) {
  if (!object.contains("per_second")) return "-";
  return object.at("per_second").dump() + "/s";
}

void print_alarms(const Session& session, const json& document) {
  for (const auto& alarm : document.at("alarms"))
    session.out() << session.style("33;1") << "alarm:" << session.style("0") << ' ' << text_of(alarm, "connector")
                  << ": " << text_of(alarm, "why") << '\n';
}

int list(const Session& session, const Selection& selection, std::int64_t after, std::size_t limit) {
  json entries = json::array();
  json next = after;
  std::optional<json> page;
  // An answer looks at so many entries at most: one that fits may be some answers away.
  while (entries.size() < limit && !next.is_null()) {
    page = call_daemon(session, "GET",
                       "/v1/mailbox?limit=" + std::to_string(std::min<std::size_t>(limit - entries.size(), 1000)) +
                           "&after=" + next.dump() + selection.query());
    if (!page) return kFailed;
    for (auto& entry : page->at("entries")) entries.push_back(std::move(entry));
    next = page->at("next_after");
  }
  if (session.as_json) {
    session.print_json(
        {{"entries", entries}, {"next_after", next}, {"alarms", page ? page->at("alarms") : json::array()}});
    return kOk;
  }
  if (page) print_alarms(session, *page);
  std::vector<std::vector<std::string>> rows;
  for (const auto& entry : entries)
    rows.push_back({std::to_string(entry.value("id", std::int64_t{0})), text_of(entry, "at"),
                    text_of(entry, "connector"), text_of(entry, "severity"), text_of(entry, "case_id"),
                    text_of(entry, "cause"), text_of(entry, "fingerprint"),
                    text::truncate(text::single_line(text_of(entry, "reason")), 70)});
  if (rows.empty())
    session.out() << (selection.names_something() || after > 0 ? "No entry fits.\n"
                                                               : "The failure mailbox is empty.\n");
  else
    print_table(session, {"ID", "AT", "CONNECTOR", "SEVERITY", "CASE", "CAUSE", "GROUP", "REASON"}, rows);
  if (!next.is_null()) session.out() << session.dim("there are more: --after " + next.dump()) << '\n';
  return kOk;
}

int groups(const Session& session, const Selection& selection) {
  json all = json::array();
  json alarms = json::array();
  std::string after;
  do {
    const auto page = call_daemon(session, "GET",
                                  "/v1/mailbox/groups?after_group=" + text::percent_encode(after) + selection.query());
    if (!page) return kFailed;
    for (const auto& group : page->at("groups")) all.push_back(group);
    alarms = page->at("alarms");
    after = page->at("next").is_null() ? "" : page->at("next").get<std::string>();
  } while (!after.empty());
  std::stable_sort(all.begin(), all.end(), [](const json& a, const json& b) {
    return a.at("count").get<std::uint64_t>() > b.at("count").get<std::uint64_t>();
  });
  if (session.as_json) {
    session.print_json({{"groups", all}, {"alarms", alarms}});
    return kOk;
  }
  print_alarms(session, {{"alarms", alarms}});
  std::vector<std::vector<std::string>> rows;
  for (const auto& group : all)
    rows.push_back({text_of(group, "fingerprint"), text_of(group, "connector"), text_of(group, "cause"),
                    number_of(group, "count"), text_of(group, "worst"), text_of(group, "first_at"),
                    text_of(group, "last_at"), text::truncate(text::single_line(text_of(group, "reason")), 70)});
  if (rows.empty())
    session.out() << (selection.names_something() ? "No entry fits.\n" : "The failure mailbox is empty.\n");
  else
    print_table(session, {"GROUP", "CONNECTOR", "CAUSE", "COUNT", "WORST", "FIRST", "LAST", "REASON (THE FIRST ONE'S)"},
                rows);
  return kOk;
}

int show(const Session& session, std::int64_t id) {
  const auto document = call_daemon(session, "GET", "/v1/mailbox/" + std::to_string(id));
  if (!document) return kFailed;
  if (session.as_json) {
    session.print_json(*document);
    return kOk;
  }
  session.out() << session.bold("entry " + std::to_string(id)) << "  " << text_of(*document, "cause") << " at "
                << text_of(*document, "connector") << ", " << text_of(*document, "at") << ", after "
                << number_of(*document, "attempts") << " attempts, group " << text_of(*document, "fingerprint") << '\n'
                << text::single_line(text_of(*document, "reason")) << "\n\n";
  if (document->contains("event")) {
    const auto& event = document->at("event");
    session.out() << session.bold("event " + text_of(event, "id")) << "  " << text_of(*document, "severity")
                  << (text_of(event, "case_id").empty() ? "" : ", case " + text_of(event, "case_id")) << ", received "
                  << text_of(event, "received_at") << " from " << text_of(event, "origin") << '\n';
    session.print_json(event.at("original"));
    session.out() << '\n';
  }
  session.out() << session.bold("as " + text_of(*document, "connector") + " would send it now") << '\n';
  if (document->contains("rendered"))
    session.print_json(document->at("rendered"));
  else
    session.out() << session.style("31") << "cannot be rendered: " << text_of(*document, "render_error")
                  << session.style("0") << '\n';
  session.out() << session.dim("its trail: wardex-gateway events " + text_of(*document, "event_id")) << '\n';
  return kOk;
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

/// One entry with its event a line, page after page.
int export_lines(const Session& session, const Selection& selection, const std::string& path) {
  std::ofstream file;
  if (!path.empty()) {
    file.open(path, std::ios::binary | std::ios::trunc);
    std::error_code error;
    // Events are payload: not for everybody on this machine.
    std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
    if (!file || error) return session.fail("cannot write " + path);
  }
  std::ostream& out = path.empty() ? session.out() : file;
  std::size_t lines = 0;
  for (json next = 0; !next.is_null();) {
    const auto page =
        call_daemon(session, "GET", "/v1/mailbox?bodies=true&limit=1000&after=" + next.dump() + selection.query());
    if (!page) return kFailed;
    for (const auto& entry : page->at("entries")) {
      out << entry.dump(-1, ' ', false, json::error_handler_t::replace) << '\n';
      ++lines;
    }
    next = page->at("next_after");
  }
  out.flush();
  if (!out) return session.fail("cannot write " + (path.empty() ? std::string("the output") : path));
  if (!path.empty()) session.err() << "wrote " << lines << " entries to " << path << '\n';
  return kOk;
}

void add_looking(CLI::App* mailbox, Session& session) {
  auto* list_command = mailbox->add_subcommand("list", "List entries, oldest first");
  auto listed = std::make_shared<Selection>();
  auto after = std::make_shared<std::int64_t>(0);
  auto limit = std::make_shared<std::size_t>(100);
  add_filters(list_command, *listed);
  list_command->add_option("--after", *after, "Only entries with a higher id: the next page");
  list_command->add_option("--limit", *limit, "How many at most")->capture_default_str()->check(CLI::Range(1, 1000000));
  list_command->callback([&session, listed, after, limit] {
    session.command = [&session, listed, after, limit] { return list(session, *listed, *after, *limit); };
  });

  auto* groups_command = mailbox->add_subcommand("groups", "One line for each cause, however many entries it has");
  auto grouped = std::make_shared<Selection>();
  groups_command->add_option("--connector", grouped->connector, "Groups of this connector");
  groups_command->add_option("--cause", grouped->cause, "Groups with this cause: rejected, gave_up, ...");
  groups_command->add_option("--severity", grouped->severity, "Count entries of this severity and above");
  groups_command->callback(
      [&session, grouped] { session.command = [&session, grouped] { return groups(session, *grouped); }; });

  auto* show_command = mailbox->add_subcommand(
      "show", "Show one entry, its event, and the request its connector would make of it now (secrets masked)");
  auto id = std::make_shared<std::int64_t>();
  show_command->add_option("id", *id, "Entry id")->required();
  show_command->callback([&session, id] { session.command = [&session, id] { return show(session, *id); }; });

  auto* export_command = mailbox->add_subcommand("export", "Write entries with their events as JSON Lines");
  auto exported = std::make_shared<Selection>();
  auto path = std::make_shared<std::string>();
  add_filters(export_command, *exported);
  export_command->add_option("--out", *path, "File to write, readable by its owner only; standard output by default");
  export_command->callback([&session, exported, path] {
    session.command = [&session, exported, path] { return export_lines(session, *exported, *path); };
  });
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
  add_looking(mailbox, session);
  add_acting(mailbox, session);
}

}  // namespace wardex::cli
