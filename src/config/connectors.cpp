// `connectors:` -> instances. Each map holds two blocks of settings side by side: the ones all connectors have, and the
// connector's own.
#include <algorithm>
#include <array>
#include <set>

#include "config/fingerprint.hpp"
#include "config/read.hpp"
#include "wardex/text.hpp"

namespace wardex::config {

namespace {

/// Words that mean something else where an id may stand: event origins, audit actors, words of the command line.
constexpr std::array<std::string_view, 5> kReserved{"all", "any", "cli", "none", "test"};

bool is_id(std::string_view id) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !id.empty() && id.size() <= 63 && plain(id.front()) &&
         std::all_of(id.begin(), id.end(), [&](char c) { return plain(c) || c == '-'; });
}

void check_id(const Value::Entry& entry, const std::string& path, Problems& problems) {
  if (!is_id(entry.key))
    problems.error(entry.at, path,
                   "'" + entry.key +
                       "' is no connector id; use lower-case letters, digits and '-', beginning with a "
                       "letter or digit, at most 63 characters");
  else if (std::find(kReserved.begin(), kReserved.end(), entry.key) != kReserved.end())
    problems.error(entry.at, path, "the id '" + entry.key + "' is reserved; choose another");
}

/// nullptr after a problem.
const Manifest* find_type(const Value::Entry& entry, const std::string& path, Problems& problems) {
  std::vector<std::string> names;
  for (const auto& manifest : wardex::connectors()) names.push_back(manifest.name);
  const Value* type = entry.value.find("type");
  if (type == nullptr || type->kind == Value::Kind::null) {
    problems.error(entry.at, path + ".type", "is missing; known types are " + text::join(names, ", "));
    return nullptr;
  }
  if (type->kind != Value::Kind::scalar || type->is_reference) {
    problems.error(type->at, path + ".type", "must be the plain name of a connector type");
    return nullptr;
  }
  const auto* manifest = find_connector(type->scalar);
  if (manifest == nullptr)
    problems.error(type->at, path + ".type", "unknown type '" + type->scalar + "'" + suggestion(type->scalar, names));
  return manifest;
}

bool knows(const std::vector<FieldSpec>& specs, std::string_view key) {
  return std::any_of(specs.begin(), specs.end(), [&](const FieldSpec& spec) { return spec.key == key; });
}

/// The entries of `map` that `specs` knows.
Value part(const Value& map, const std::vector<FieldSpec>& specs) {
  Value out;
  out.kind = Value::Kind::map;
  out.at = map.at;
  for (const auto& entry : map.entries)
    if (knows(specs, entry.key)) out.entries.push_back(entry);
  return out;
}

std::vector<std::string> tls_files(const ClientTls& tls) {
  std::vector<std::string> files;
  for (const auto* file : {&tls.ca_file, &tls.client_cert, &tls.client_key})
    if (!file->empty()) files.push_back(*file);
  return files;
}

std::optional<Connector> read_connector(const Value::Entry& entry, Problems& problems) {
  const auto path = "connectors." + entry.key;
  check_id(entry, path, problems);
  if (!settings_detail::expect_map(entry.value, path, problems)) return std::nullopt;
  const auto* manifest = find_type(entry, path, problems);
  const auto common = ConnectorCommon::table().read(part(entry.value, common_specs()), path, problems);
  if (manifest == nullptr) return std::nullopt;

  // Unknown keys are judged against both blocks at once, so that a slip in either finds its suggestion.
  auto all = common_specs();
  all.insert(all.end(), manifest->settings.begin(), manifest->settings.end());
  settings_detail::report_unknown(entry.value, path, all, problems);
  auto sink = manifest->make_sink(part(entry.value, manifest->settings), path, problems);
  if (!common || !sink) return std::nullopt;

  Connector out;
  out.id = entry.key;
  out.common = *common;
  out.manifest = manifest;
  out.sink = std::move(sink);
  out.fingerprint = fingerprint(entry.value, tls_files(common->tls));
  out.at = entry.at;
  return out;
}

}  // namespace

std::vector<Connector> read_connectors(const Value& root, Problems& problems) {
  std::vector<Connector> out;
  const Value* section = root.find("connectors");
  if (section == nullptr || section->kind == Value::Kind::null) return out;
  if (!settings_detail::expect_map(*section, "connectors", problems)) return out;
  for (const auto& entry : section->entries)
    if (auto connector = read_connector(entry, problems)) out.push_back(std::move(*connector));
  return out;
}

}  // namespace wardex::config
