// mailbox list, groups, show, export: what is there.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <ostream>

#include <CLI/CLI.hpp>

#include "cli/mailbox.hpp"

namespace wardex::cli {

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

namespace {

using nlohmann::json;

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

}  // namespace

void add_mailbox_looking(CLI::App* mailbox, Session& session) {
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

}  // namespace wardex::cli
