#include "route/compile.hpp"

#include <algorithm>

#include "config/tree.hpp"
#include "route/match.hpp"
#include "wardex/text.hpp"

namespace wardex::route {

namespace {

class Compiler {
 public:
  Compiler(const config::Config& config, Problems& problems) : config_(config), problems_(problems) {}

  std::optional<Table> run() {
    for (const auto& connector : config_.connectors)
      if (connector.common.enabled) table_.destinations.push_back(destination(connector));
    for (const auto& window : config_.mute_windows) {
      auto compiled = Window::compile(window, problems_);
      good_ = good_ && compiled;
      if (compiled) table_.windows.push_back(std::move(*compiled));
    }
    for (const auto& [severity, ids] : config_.matrix) {
      const std::string name(to_string(severity));
      const auto& node = config::nearest_node(config_.root, {"matrix", name});
      table_.matrix[static_cast<std::size_t>(severity)] = connectors(ids, node, "matrix." + name);
    }
    for (std::size_t i = 0; i < config_.routes.size(); ++i) rule(config_.routes[i], i);
    if (!good_) return std::nullopt;
    return std::move(table_);
  }

 private:
  static Destination destination(const config::Connector& connector) {
    Destination out;
    out.id = connector.id;
    out.mirror = connector.common.mirror;
    if (connector.sink) out.closing = connector.sink->closing();
    if (connector.manifest == nullptr) out.accepts.set();
    if (connector.manifest != nullptr)
      for (const auto kind : connector.manifest->accepts) out.accepts.set(static_cast<std::size_t>(kind));
    return out;
  }

  void error(const Position& at, const std::string& path, std::string message) {
    problems_.error(at, path, std::move(message));
    good_ = false;
  }

  std::vector<std::size_t> connectors(const std::vector<std::string>& ids, const Value& node, const std::string& path) {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const auto& at = i < node.items.size() ? node.items[i].at : node.at;
      const auto found = std::find_if(table_.destinations.begin(), table_.destinations.end(),
                                      [&](const Destination& one) { return one.id == ids[i]; });
      if (found != table_.destinations.end()) {
        const auto index = static_cast<std::size_t>(found - table_.destinations.begin());
        if (std::find(out.begin(), out.end(), index) == out.end()) out.push_back(index);
      } else if (config_.find(ids[i]) != nullptr) {
        problems_.warning(at, path, "'" + ids[i] + "' is disabled, so nothing is routed to it");
      } else {
        std::vector<std::string> known;
        for (const auto& connector : config_.connectors) known.push_back(connector.id);
        error(at, path, "unknown connector '" + ids[i] + "'" + config::suggestion(ids[i], known));
      }
    }
    return out;
  }

  std::vector<std::size_t> windows(const config::Route& route, const Value& node, const std::string& path) {
    std::vector<std::size_t> out;
    std::vector<std::string> known;
    for (const auto& window : config_.mute_windows) known.push_back(window.name);
    for (std::size_t i = 0; i < route.mute.size(); ++i) {
      const auto& name = route.mute[i];
      const auto found = std::find_if(table_.windows.begin(), table_.windows.end(),
                                      [&](const Window& window) { return window.name() == name; });
      if (found != table_.windows.end())
        out.push_back(static_cast<std::size_t>(found - table_.windows.begin()));
      else if (std::find(known.begin(), known.end(), name) == known.end())
        error(i < node.items.size() ? node.items[i].at : node.at, path,
              "unknown mute window '" + name + "'" + config::suggestion(name, known));
    }
    return out;
  }

  /// The route's own node, for positions; a configuration made by hand has none.
  [[nodiscard]] const Value& node_of(const config::Route& route, std::size_t index) const {
    static const Value none;
    const auto& all = config::nearest_node(config_.root, {"routes"}).items;
    return index < all.size() && all[index].at.line == route.at.line ? all[index] : none;
  }

  void rule(const config::Route& route, std::size_t index) {
    const auto path = "routes[" + std::to_string(index) + "]";
    const auto& node = node_of(route, index);
    auto match = parse_match(route.match, path + ".match", problems_);
    good_ = good_ && match.good;
    Rule out;
    out.label = "route " + std::to_string(index + 1);
    if (!route.name.empty()) out.label += " '" + text::single_line(text::truncate(route.name, 80)) + "'";
    out.condition = std::move(match.condition);
    out.to = connectors(route.to, config::nearest_node(node, {"to"}), path + ".to");
    out.windows = windows(route, config::nearest_node(node, {"mute"}), path + ".mute");
    out.goes_on = route.continue_;
    out.stops = route.stop;
    if (!last_word_.empty())
      problems_.warning(route.at, path,
                        "can never be reached: " + last_word_ + " matches everything and does not continue");
    if (match.good && !out.condition && !out.goes_on && last_word_.empty()) last_word_ = out.label;
    table_.rules.push_back(std::move(out));
  }

  const config::Config& config_;
  Problems& problems_;
  Table table_;
  std::string last_word_;  ///< label of the route after which no other is looked at
  bool good_ = true;
};

}  // namespace

std::optional<Table> compile_table(const config::Config& config, Problems& problems) {
  return Compiler(config, problems).run();
}

}  // namespace wardex::route
