#include <algorithm>
#include <utility>

#include "config/config.hpp"
#include "config/files.hpp"
#include "config/fingerprint.hpp"
#include "config/merge.hpp"
#include "config/read.hpp"
#include "config/references.hpp"
#include "config/yaml.hpp"
#include "embedded/config.hpp"

namespace wardex::config {

namespace fs = std::filesystem;

namespace {

struct Document {
  std::string name;  ///< as messages show it
  std::string text;
};

template <class S>
bool read_section(const Value& root, std::string_view key, S& out, Problems& problems) {
  Value nothing;
  nothing.at = root.at;
  const Value* given = root.find(key);
  auto section = S::table().read(given != nullptr ? *given : nothing, key, problems);
  if (section) out = std::move(*section);
  return section.has_value();
}

void add_tls_files(Config& config) {
  const auto add = [&](const std::string& file) {
    if (!file.empty()) config.secret_files.emplace_back(file);
  };
  if (config.gateway.tls) {
    add(config.gateway.tls->certificate);
    add(config.gateway.tls->key);
    add(config.gateway.tls->client_ca);
  }
  for (const auto& connector : config.connectors) {
    add(connector.common.tls.ca_file);
    add(connector.common.tls.client_cert);
    add(connector.common.tls.client_key);
  }
}

/// The merged tree as a configuration; complete only if no error was reported.
void read_root(const Value& root, Config& config, Problems& problems) {
  settings_detail::report_unknown(root, "", root_specs(), problems);
  bool good = read_section(root, "gateway", config.gateway, problems);
  good = read_section(root, "intake", config.intake, problems) && good;
  read_section(root, "mailbox", config.mailbox, problems);
  good = read_section(root, "api", config.api, problems) && good;
  good = read_section(root, "wardex", config.wardex, problems) && good;
  good = read_section(root, "egress", config.egress, problems) && good;
  good = read_section(root, "audit", config.audit, problems) && good;
  good = read_section(root, "retention", config.retention, problems) && good;
  read_section(root, "logging", config.logging, problems);
  config.connectors = read_connectors(root, problems);
  read_routing(root, config, problems);
  if (good) check_access(config, root, problems);  // else it would complain of what just could not be read
  check_connectors(config, root, problems);
  if (good) check_audit(config, root, problems);
  check_routing(config, root, problems);
}

Loaded build(const std::vector<Document>& documents, std::vector<fs::path> files, const SecretSources& sources,
             Problems problems) {
  auto config = std::make_shared<Config>();
  Value root;
  std::vector<std::pair<std::string, std::string>> contents;
  bool complete = documents.size() == std::max<std::size_t>(files.size(), 1);
  for (const auto& document : documents) {
    contents.emplace_back(fs::path(document.name).filename().string(), document.text);
    auto tree = parse_yaml(document.text, document.name, problems);
    const bool usable = tree && (tree->kind == Value::Kind::null || settings_detail::expect_map(*tree, "", problems));
    complete = complete && usable;
    if (!usable) continue;
    if (root.at.file == nullptr) root.at = tree->at;
    merge_into(root, std::move(*tree), "", problems);
  }
  // After a file that cannot be read, everything it would have defined looks missing: no point in saying so.
  if (complete) {
    resolve_references(root, sources, problems, config->secret_files);
    read_root(root, *config, problems);
    add_tls_files(*config);
  }
  config->files = std::move(files);
  config->digest = digest(contents);
  config->root = without_secrets(std::move(root));

  Loaded out;
  problems.sort();
  out.problems = std::move(problems);
  if (!out.problems.has_errors()) out.config = std::move(config);
  return out;
}

}  // namespace

Loaded load(const fs::path& file, const SecretSources& sources) {
  Problems problems;
  std::vector<fs::path> files{file};
  const auto more = drop_ins(file, problems);
  files.insert(files.end(), more.begin(), more.end());
  std::vector<Document> documents;
  for (const auto& path : files)
    if (auto text = read_file(path, problems)) documents.push_back({path.string(), std::move(*text)});
  return build(documents, std::move(files), sources, std::move(problems));
}

Loaded load_text(std::string_view yaml, std::string_view name, const SecretSources& sources) {
  return build({{std::string(name), std::string(yaml)}}, {}, sources, {});
}

std::string_view default_yaml() { return embedded::config::files[0].content; }

}  // namespace wardex::config
