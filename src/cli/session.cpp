#include "cli/session.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>

#include <nlohmann/json.hpp>

#include "normalise/document.hpp"
#include "runtime/clock.hpp"
#include "transport/local_client.hpp"
#include "wardex/text.hpp"

namespace wardex::cli {

using nlohmann::json;

std::string Session::style(std::string_view code) const {
  return coloured ? "\x1b[" + std::string(code) + "m" : std::string();
}

std::string Session::outcome(std::string_view word) const {
  static constexpr std::array good{"delivered", "accepted", "ok", "idle", "delivering", "ready"};
  static constexpr std::array waiting{"retry",   "throttled", "backing_off", "breaker_open",
                                      "pending", "muted",     "parked"};
  const auto is = [&](const auto& words) { return std::find(words.begin(), words.end(), word) != words.end(); };
  const auto colour = is(good) ? "32" : is(waiting) ? "33" : "31";
  return style(colour) + std::string(word) + style("0");
}

int Session::fail(std::string_view message) const {
  err() << style("31;1") << "error:" << style("0") << ' ' << message << '\n';
  return kFailed;
}

void Session::print_json(const json& document) const {
  out() << document.dump(2, ' ', false, json::error_handler_t::replace) << '\n';
}

void print_table(const Session& session, const std::vector<std::string>& header,
                 const std::vector<std::vector<std::string>>& rows) {
  // Cells may carry colour codes, which take no room.
  const auto width = [](std::string_view cell) {
    std::string plain;
    for (std::size_t i = 0; i < cell.size(); ++i) {
      if (cell[i] == '\x1b')
        i = std::min(cell.find('m', i), cell.size());
      else
        plain += cell[i];
    }
    return text::length(plain);
  };
  std::vector<std::size_t> widths;
  for (const auto& cell : header) widths.push_back(width(cell));
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  const auto print = [&](const std::vector<std::string>& row, bool is_header) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      session.out() << (is_header ? session.bold(row[i]) : row[i]);
      if (i + 1 < row.size()) session.out() << std::string(widths[i] - width(row[i]) + 2, ' ');
    }
    session.out() << '\n';
  };
  print(header, true);
  for (const auto& row : rows) print(row, false);
}

std::optional<json> call_daemon(const Session& session, std::string_view method, const std::string& target,
                                const std::string& body) {
  const auto socket = session.source.find_data_dir() / app::kSocketName;
  transport::LocalRequest request;
  request.method = method;
  request.target = target;
  request.body = body;
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  auto answer = transport::call_local(socket, request);
  if (const auto* why = std::get_if<std::string>(&answer)) {
    session.fail(*why);
    return std::nullopt;
  }
  const auto& response = std::get<HttpResponse>(answer);
  auto document = json::parse(response.body, nullptr, false);
  if (document.is_discarded()) document = json(response.body);
  if (response.status < 300) return document;
  if (document.is_object() && document.contains("detail"))
    session.fail(document.value("title", "") + ": " + document.value("detail", ""));
  else if (document.is_object() && document.contains("problems"))
    return document;
  else
    session.fail("HTTP " + std::to_string(response.status));
  return std::nullopt;
}

std::shared_ptr<const config::Config> load_or_complain(const Session& session) {
  auto loaded = session.source.load();
  if (loaded.config) return loaded.config;
  for (const auto& problem : loaded.problems.all()) session.err() << problem.str() << '\n';
  return nullptr;
}

std::optional<std::string> read_input(const Session& session, const std::string& path) {
  constexpr std::size_t limit = 64UL * 1024UL * 1024UL;
  std::string bytes;
  const auto take = [&](std::istream& in) {
    char buffer[65536];
    while (bytes.size() <= limit && (in.read(buffer, sizeof buffer), in.gcount() > 0))
      bytes.append(buffer, static_cast<std::size_t>(in.gcount()));
  };
  if (path == "-") {
    take(std::cin);
  } else {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
      session.fail("cannot read " + path);
      return std::nullopt;
    }
    take(in);
  }
  if (bytes.size() > limit) {
    session.fail(path + " is larger than 64 MiB");
    return std::nullopt;
  }
  return bytes;
}

std::optional<std::vector<Event>> read_events(const Session& session, const std::string& path,
                                              const config::Config& config) {
  const auto bytes = read_input(session, path);
  if (!bytes) return std::nullopt;
  const std::size_t depth = config.intake.limits.depth;

  std::vector<std::string_view> items;
  auto split = normalise::split_json(*bytes, depth);
  if (auto* slices = std::get_if<std::vector<std::string_view>>(&split)) {
    items = std::move(*slices);
  } else {  // one event a line
    std::string_view rest = *bytes;
    while (!rest.empty()) {
      const auto line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      if (line.find_first_not_of(" \t\r") != std::string_view::npos) items.push_back(line);
    }
  }

  std::vector<Event> events;
  normalise::Document document;
  for (std::size_t index = 0; index < items.size(); ++index) {
    const auto complain = [&](const std::string& what) {
      session.err() << path << ": event " << index << ": " << what << '\n';
    };
    if (const auto error = document.read(items[index], depth)) {
      complain(error->message + " at byte " + std::to_string(error->offset));
      continue;
    }
    normalise::Options options;
    options.console_url = config.wardex.console_url;
    options.case_prefix = config.wardex.case_prefix;
    options.origin = "cli";
    options.received_at = runtime::SystemClock().wall();
    options.index = index;
    auto outcome = normalise::normalise(document.root(), items[index], options);
    if (auto* event = std::get_if<Event>(&outcome))
      events.push_back(std::move(*event));
    else if (const auto* no = std::get_if<normalise::Rejection>(&outcome))
      complain((no->pointer.empty() ? "" : no->pointer + ": ") + no->reason);
    else
      complain("a heartbeat, which is acknowledged and not stored");
  }
  if (events.empty()) {
    session.fail("there is no event in " + path);
    return std::nullopt;
  }
  return events;
}

}  // namespace wardex::cli
