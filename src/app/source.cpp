#include "app/source.hpp"

#include <cstdlib>

#include "wardex/text.hpp"

namespace wardex::app {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kSystemFile = "/etc/wardex-gateway/gateway.yaml";
constexpr std::string_view kSystemData = "/var/lib/wardex-gateway";

}  // namespace

std::string default_yaml_for(const fs::path& data_dir) {
  std::string text(config::default_yaml());
  const auto directory = data_dir.string();
  for (auto at = text.find(kSystemData); at != std::string::npos; at = text.find(kSystemData, at + directory.size()))
    text.replace(at, kSystemData.size(), directory);
  return text;
}

fs::path Source::resolve() const {
  if (!file.empty()) return fs::absolute(file);
  if (const char* named = std::getenv("WARDEX_CONFIG"); named != nullptr && *named != '\0') return fs::absolute(named);
  std::error_code error;
  return fs::exists(kSystemFile, error) ? fs::path(kSystemFile) : fs::path();
}

std::string Source::name() const {
  const auto path = resolve();
  return path.empty() ? "the embedded default" : path.string();
}

config::Loaded Source::load() const {
  const auto path = resolve();
  const auto sources = config::SecretSources::process();
  auto loaded = path.empty()
                    ? config::load_text(default_yaml_for(data_dir ? fs::absolute(*data_dir) : fs::path(kSystemData)),
                                        "embedded default", sources)
                    : config::load(path, sources);
  if (!loaded.config || (!data_dir && !listen)) return loaded;
  auto changed = std::make_shared<config::Config>(*loaded.config);
  if (data_dir) changed->gateway.data_dir = fs::absolute(*data_dir);
  if (listen) {
    Value value;
    value.kind = Value::Kind::scalar;
    value.scalar = *listen;
    value.quoted = true;
    value.at.file = std::make_shared<const std::string>("command line");
    auto endpoint = Codec<config::Endpoint>::read(value, "--listen", loaded.problems);
    if (!endpoint) {
      loaded.config = nullptr;
      return loaded;
    }
    changed->gateway.listen = *endpoint;
    if (changed->intake.auth.none && !endpoint->is_loopback()) {
      loaded.problems.error(
          value.at, "--listen",
          "intake.auth is 'none', which is allowed on a loopback address only; configure a token first");
      loaded.config = nullptr;
      return loaded;
    }
  }
  loaded.config = std::move(changed);
  return loaded;
}

fs::path Source::find_data_dir() const {
  if (data_dir) return fs::absolute(*data_dir);
  const auto path = resolve();
  if (path.empty()) return kSystemData;
  return config::data_dir_of(path);
}

}  // namespace wardex::app
