#include "config/config.hpp"
#include "config/files.hpp"
#include "config/merge.hpp"
#include "config/references.hpp"
#include "config/tree.hpp"
#include "config/yaml.hpp"

namespace wardex::config {

namespace fs = std::filesystem;

fs::path data_dir_of(const fs::path& file) {
  Problems ignored;
  Value root;
  std::vector<fs::path> files{file};
  const auto more = drop_ins(file, ignored);
  files.insert(files.end(), more.begin(), more.end());
  for (const auto& path : files) {
    const auto text = read_file(path, ignored);
    auto tree = text ? parse_yaml(*text, path.string(), ignored) : std::nullopt;
    if (tree && tree->kind == Value::Kind::map) merge_into(root, std::move(*tree), "", ignored);
  }
  // Only what the gateway's own table says of itself is needed; a missing secret elsewhere must not matter.
  Value gateway = nearest_node(root, {"gateway"});
  if (gateway.find("data_dir") == nullptr) gateway = Value{};
  std::erase_if(gateway.entries, [](const Value::Entry& entry) { return entry.key != "data_dir"; });
  std::vector<fs::path> no_files;
  resolve_references(gateway, SecretSources::process(), ignored, no_files);
  if (const auto read = Gateway::table().read(gateway, "gateway", ignored)) return read->data_dir;
  return Gateway::table().read(Value{}, "gateway", ignored)->data_dir;
}

}  // namespace wardex::config
