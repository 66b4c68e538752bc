// What can be said of the routing table without its match grammar, which belongs to src/route.
#include <algorithm>

#include "config/read.hpp"
#include "config/schedule.hpp"

namespace wardex::config {

namespace {

/// Each word of a list that is not among `known`, at its own place.
void check_words(const std::vector<std::string>& words, const Value& node, const std::string& path,
                 const std::vector<std::string>& known, std::string_view what, Problems& problems) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (std::find(known.begin(), known.end(), words[i]) != known.end()) continue;
    const bool listed = i < node.items.size();
    problems.error(listed ? node.items[i].at : node.at, listed ? path + "[" + std::to_string(i) + "]" : path,
                   "unknown " + std::string(what) + " '" + words[i] + "'" + suggestion(words[i], known));
  }
}

void check_recurrence(const MuteWindow& window, const Value& node, const std::string& path, Problems& problems) {
  const auto clock = [&](const std::string& text, std::string_view key) {
    const auto parsed = parse_clock(text);
    if (!text.empty() && !parsed)
      problems.error(nearest_node(node, {key}).at, path + "." + std::string(key),
                     "'" + text + "' is no time of day; write it like \"22:00\", in quotes");
    return parsed;
  };
  const auto from = clock(window.from, "from");
  const auto to = clock(window.to, "to");
  if (window.from.empty() != window.to.empty())
    problems.error(node.at, path, window.from.empty() ? "'to' needs a 'from'" : "'from' needs a 'to'");
  if (from && to && *from == *to)
    problems.error(node.at, path,
                   "from and to are the same time, so nothing is ever muted; a whole day is 00:00 to 24:00");
  if (from && *from == 24 * 60)
    problems.error(nearest_node(node, {"from"}).at, path + ".from",
                   "a window cannot begin at 24:00; write 00:00 and the next day");
  std::string wrong;
  if (!parse_days(window.days, wrong))
    problems.error(nearest_node(node, {"days"}).at, path + ".days",
                   "'" + wrong + "' is no day; write mon, tue, wed, thu, fri, sat, sun, or a range like sat-sun");
}

void check_window(const MuteWindow& window, const Value& root, Problems& problems) {
  const auto& node = nearest_node(root, {"mute_windows", window.name});
  const auto path = "mute_windows." + window.name;
  if (!zone_file(window.time_zone)) {
    const auto near = nearest_zone(window.time_zone);
    problems.error(nearest_node(node, {"time_zone"}).at, path + ".time_zone",
                   "unknown time zone '" + window.time_zone + "'" +
                       (near.empty() ? "; write an IANA name like Europe/Berlin" : ", did you mean '" + near + "'?"));
  }
  check_recurrence(window, node, path, problems);
  if (window.starts && window.ends && window.starts->at >= window.ends->at)
    problems.error(nearest_node(node, {"ends"}).at, path + ".ends", "is not after 'starts'");
  if (window.from.empty() && window.to.empty() && window.days.empty() && !window.starts && !window.ends)
    problems.error(window.at, path, "says no time; give from and to, days, or starts and ends");
}

void check_route(const Route& route, const Value& node, const std::string& path, const std::vector<std::string>& ids,
                 const std::vector<std::string>& windows, Problems& problems) {
  check_words(route.to, nearest_node(node, {"to"}), path + ".to", ids, "connector", problems);
  check_words(route.mute, nearest_node(node, {"mute"}), path + ".mute", windows, "mute window", problems);
  if (route.to.empty() && !route.stop)
    problems.error(route.at, path + ".to",
                   "is missing; name the connectors, or write `stop: true` if these events are to go nowhere");
  if (route.stop && route.continue_)
    problems.error(nearest_node(node, {"continue"}).at, path + ".continue",
                   "'continue' and 'stop' contradict each other");
}

}  // namespace

void check_routing(const Config& config, const Value& root, Problems& problems) {
  const auto ids = connector_ids(root);
  for (const auto& [severity, to] : config.matrix) {
    const std::string name(to_string(severity));
    check_words(to, nearest_node(root, {"matrix", name}), "matrix." + name, ids, "connector", problems);
  }
  std::vector<std::string> windows;
  if (const auto* section = root.find("mute_windows"))
    for (const auto& entry : section->entries) windows.push_back(entry.key);
  for (const auto& window : config.mute_windows) check_window(window, root, problems);

  // Routes that could not be read are missing from config.routes, so they are found again by their position.
  const auto& section = nearest_node(root, {"routes"});
  for (const auto& route : config.routes) {
    for (std::size_t i = 0; i < section.items.size(); ++i) {
      const auto& item = section.items[i];
      if (item.at.file == route.at.file && item.at.line == route.at.line && item.at.column == route.at.column)
        check_route(route, item, "routes[" + std::to_string(i) + "]", ids, windows, problems);
    }
  }
  if (!config.connectors.empty() && config.matrix.empty() && config.routes.empty())
    problems.warning(root.at, "matrix", "neither matrix nor routes name a connector, so every event goes nowhere");
}

}  // namespace wardex::config
