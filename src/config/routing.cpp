#include "config/read.hpp"

namespace wardex::config {

namespace {

void read_matrix(const Value& section, Config& config, Problems& problems) {
  if (!settings_detail::expect_map(section, "matrix", problems)) return;
  for (const auto& entry : section.entries) {
    const auto path = "matrix." + entry.key;
    Value key;
    key.kind = Value::Kind::scalar;
    key.at = entry.at;
    key.scalar = entry.key;
    const auto severity = Codec<Severity>::read(key, path, problems);
    std::optional<std::vector<std::string>> to{std::in_place};
    if (entry.value.kind != Value::Kind::null) to = Codec<std::vector<std::string>>::read(entry.value, path, problems);
    if (severity && to) config.matrix[*severity] = std::move(*to);
  }
}

void read_windows(const Value& section, Config& config, Problems& problems) {
  if (!settings_detail::expect_map(section, "mute_windows", problems)) return;
  for (const auto& entry : section.entries) {
    auto window = MuteWindow::table().read(entry.value, "mute_windows." + entry.key, problems);
    if (!window) continue;
    window->name = entry.key;
    window->at = entry.at;
    config.mute_windows.push_back(std::move(*window));
  }
}

void read_routes(const Value& section, Config& config, Problems& problems) {
  if (!settings_detail::expect_list(section, "routes", problems)) return;
  for (std::size_t i = 0; i < section.items.size(); ++i) {
    auto route = Route::table().read(section.items[i], "routes[" + std::to_string(i) + "]", problems);
    if (!route) continue;
    route->at = section.items[i].at;
    config.routes.push_back(std::move(*route));
  }
}

}  // namespace

void read_routing(const Value& root, Config& config, Problems& problems) {
  const auto read = [&](std::string_view key, auto reader) {
    const Value* section = root.find(key);
    if (section != nullptr && section->kind != Value::Kind::null) reader(*section, config, problems);
  };
  read("matrix", read_matrix);
  read("mute_windows", read_windows);
  read("routes", read_routes);
}

}  // namespace wardex::config
