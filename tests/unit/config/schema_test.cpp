#include <cstdlib>
#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "config/config.hpp"
#include "config/yaml.hpp"
#include "fixture.hpp"

namespace wardex::config {
namespace {

using nlohmann::json;

constexpr auto kCommitted = WARDEX_SOURCE_DIR "/config/gateway.schema.json";

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The tree as YAML's core schema types it, for a validator that knows JSON only.
json to_json(const Value& value) {
  switch (value.kind) {
    case Value::Kind::null:
      return nullptr;
    case Value::Kind::list: {
      json out = json::array();
      for (const auto& item : value.items) out.push_back(to_json(item));
      return out;
    }
    case Value::Kind::map: {
      json out = json::object();
      for (const auto& entry : value.entries) out[entry.key] = to_json(entry.value);
      return out;
    }
    case Value::Kind::scalar:
      break;
  }
  if (!value.quoted) {
    const auto parsed = json::parse(value.scalar, nullptr, false);
    if (parsed.is_number() || parsed.is_boolean()) return parsed;
  }
  return value.scalar;
}

json tree_of(const std::string& yaml) {
  Problems problems;
  const auto tree = parse_yaml(yaml, "g.yaml", problems);
  EXPECT_TRUE(tree) << test::joined(problems);
  return tree ? to_json(*tree) : json();
}

TEST(Schema, CommittedFileIsTheGeneratedOne) {
  const auto generated = json_schema().dump(2) + "\n";
  if (std::getenv("WARDEX_UPDATE_GOLDEN") != nullptr) std::ofstream(kCommitted) << generated;
  EXPECT_TRUE(read(kCommitted) == generated)
      << kCommitted << " is out of date: run this test with WARDEX_UPDATE_GOLDEN=1";
}

TEST(Schema, EveryConnectorSettingIsDocumentedAndShadowsNoCommonOne) {
  std::set<std::string> common;
  for (const auto& spec : common_specs()) common.insert(spec.key);
  for (const auto& manifest : connectors())
    for (const auto& spec : manifest.settings) {
      EXPECT_FALSE(common.contains(spec.key)) << manifest.name << "." << spec.key;
      EXPECT_FALSE(spec.doc.empty()) << manifest.name << "." << spec.key;
    }
}

TEST(Schema, ReferenceTableHasARowForEachSetting) {
  for (const auto& manifest : connectors()) {
    const auto table = settings_reference(manifest);
    for (const auto& spec : manifest.settings)
      EXPECT_THAT(table, ::testing::HasSubstr("| `" + spec.key + "` | ")) << manifest.name;
  }
}

/// What python3-jsonschema (Draft 2020-12) says of each document, "" if nothing; {} where the module is missing.
std::vector<std::string> complaints(const std::vector<json>& documents) {
  if (std::system("python3 -c 'import jsonschema; jsonschema.Draft202012Validator' 2>/dev/null") != 0) return {};
  const test::TempDir dir;
  dir.write("schema.json", json_schema().dump());
  dir.write("documents.json", json(documents).dump());
  dir.write("ask.py",
            "import json, sys, jsonschema\n"
            "d = sys.argv[1]\n"
            "v = jsonschema.Draft202012Validator(json.load(open(d + '/schema.json')))\n"
            "v.check_schema(v.schema)\n"
            "out = []\n"
            "for doc in json.load(open(d + '/documents.json')):\n"
            "    out.append('; '.join(e.json_path + ' ' + e.message[:300] for e in v.iter_errors(doc)))\n"
            "json.dump(out, open(d + '/answer.json', 'w'))\n");
  const auto command = "python3 '" + (dir.path() / "ask.py").string() + "' '" + dir.path().string() + "'";
  EXPECT_EQ(std::system(command.c_str()), 0);
  return json::parse(read(dir.path() / "answer.json")).get<std::vector<std::string>>();
}

TEST(Schema, AcceptsWhatWeShip) {
  std::vector<json> documents{tree_of(std::string(default_yaml()))};
  for (const auto& file : std::filesystem::directory_iterator(WARDEX_SOURCE_DIR "/config/examples"))
    documents.push_back(tree_of(read(file.path())));
  const auto answers = complaints(documents);
  if (answers.empty()) GTEST_SKIP() << "python3-jsonschema is not installed";
  EXPECT_EQ(answers, std::vector<std::string>(documents.size()));
}

TEST(Schema, AgreesWithTheLoader) {
  const std::pair<std::string, bool> cases[] = {
      {"intake: {auth: none}", true},
      {"intake:\n", true},
      {"intake: {auth: nobody}", false},
      {"intake: {auth: {tokens: [{name: a, token: '${env:X}'}]}}", true},
      {"intake: {auth: {tokens: [{name: a}]}}", false},
      {"gatway: {}", false},
      {"gateway: {drain_timeout: 25}", false},
      {"gateway: {drain_timeout: 1m30s}", true},
      {"gateway: {drain_timeout: '${env:DRAIN}'}", true},
      {"intake: {limits: {depth: 3}}", false},
      {"connectors: {a: {type: file, path: /x}}", true},
      {"connectors: {a: {type: file, path: /x, url: 'https://x'}}", false},
      {"connectors: {a: {type: file}}", false},
      {"connectors: {a: {type: fil, path: /x}}", false},
      {"connectors: {A: {type: file, path: /x}}", false},
      {"connectors: {a: {type: file, path: /x, fallback: {to: b, severities: [high]}}}", true},
      {"connectors: {a: {type: file, path: /x, mirror: all}}", false},
      {"matrix: {high: a, low: [a, b]}", true},
      {"matrix: {hih: a}", false},
      {"routes: [{match: {severity: '>=high', mitre: [T1078], not: {tenant: lab}, or: [{kind: case}, {score: 5}]}, to: "
       "a}]",
       true},
      {"routes: [{match: {labels.team: blue, labels: {x: 'y'}, confidence: '>=0.8'}, to: [a], stop: true}]", true},
      {"routes: [{match: {severty: high}, to: a}]", false},
      {"routes: [{match: {severity: '>=hihg'}, to: a}]", false},
      {"routes: [{match: {and: [{nope: 1}]}, to: a}]", false},
      {"mute_windows: {n: {from: '22:00', to: '06:00', days: mon}}", true},
  };
  std::vector<json> documents;
  std::vector<bool> expected;
  for (const auto& [yaml, good] : cases) {
    documents.push_back(tree_of(yaml));
    expected.push_back(good);
  }
  const auto answers = complaints(documents);
  if (answers.empty()) GTEST_SKIP() << "python3-jsonschema is not installed";
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_EQ(answers[i].empty(), expected[i]) << cases[i].first << answers[i];
}

}  // namespace
}  // namespace wardex::config
