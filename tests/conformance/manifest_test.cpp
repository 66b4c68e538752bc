// What every connector owes its users: a complete manifest, documented settings, and helpful errors.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "config/config.hpp"
#include "conformance/fixtures.hpp"

namespace wardex::test {
namespace {

TEST(Registry, EveryConnectorHasItsFixture) {
  for (const auto& manifest : connectors()) {
    const auto& all = fixtures();
    EXPECT_TRUE(std::any_of(all.begin(), all.end(), [&](const Fixture& f) { return f.connector == manifest.name; }))
        << manifest.name << ": add its minimal settings to tests/conformance/fixtures.hpp";
    EXPECT_EQ(find_connector(manifest.name), &manifest) << "two connectors share a name";
  }
  EXPECT_EQ(find_connector("no-such-connector"), nullptr);
}

/// Lower case, digits and one kind of joint. Not std::regex, on which GCC 12 warns falsely under the sanitizers.
bool is_name(std::string_view name, char joint) {
  return !name.empty() && name.front() >= 'a' && name.front() <= 'z' &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == joint; });
}

void check_specs(const std::vector<FieldSpec>& specs, const std::string& where) {
  std::set<std::string> keys;
  for (const auto& spec : specs) {
    const auto path = where + "." + spec.key;
    EXPECT_TRUE(is_name(spec.key, '_')) << path;
    EXPECT_TRUE(keys.insert(spec.key).second) << path << " is there twice";
    EXPECT_TRUE(spec.doc.ends_with('.') || spec.doc.ends_with(".)"))
        << path << " needs a sentence of documentation: " << spec.doc;
    EXPECT_FALSE(spec.required && !spec.default_text.empty()) << path << " is required and has a default";
    EXPECT_FALSE(spec.secret && !spec.default_text.empty()) << path << " is a secret with a default";
    if (spec.type == FieldSpec::Type::object) check_specs(spec.children, path);
    if (spec.type == FieldSpec::Type::list && spec.children.at(0).type == FieldSpec::Type::object)
      check_specs(spec.children[0].children, path);
  }
}

TEST(Manifests, AreComplete) {
  for (const auto& manifest : connectors()) {
    EXPECT_TRUE(is_name(manifest.name, '-')) << manifest.name;
    EXPECT_FALSE(manifest.title.empty()) << manifest.name;
    EXPECT_TRUE(manifest.summary.ends_with('.')) << manifest.name;
    EXPECT_FALSE(manifest.accepts.empty()) << manifest.name;
    EXPECT_TRUE(manifest.make_sink) << manifest.name;
    const std::filesystem::path root(WARDEX_SOURCE_DIR);
    EXPECT_TRUE(std::filesystem::exists(root / manifest.docs) || std::filesystem::exists(root / "docs" / manifest.docs))
        << manifest.name << ": no page at " << manifest.docs;
    EXPECT_TRUE(std::filesystem::exists(root / "connectors" / manifest.name / "README.md")) << manifest.name;
    check_specs(manifest.settings, manifest.name);
  }
}

// The common block is read from the same map: a key of the same name would be read twice.
TEST(Manifests, LeaveTheCommonKeysAlone) {
  for (const auto& manifest : connectors())
    for (const auto& common : config::ConnectorCommon::table().specs())
      for (const auto& own : manifest.settings) EXPECT_NE(own.key, common.key) << manifest.name;
}

/// Paths of the secret settings: "auth.bearer", "signing.secrets.value", "headers".
void secret_specs(const std::vector<FieldSpec>& specs, const std::string& where, std::set<std::string>& out) {
  for (const auto& spec : specs) {
    const auto path = where.empty() ? spec.key : where + "." + spec.key;
    const bool nested = !spec.children.empty() && !spec.children[0].children.empty();
    if (spec.type == FieldSpec::Type::object)
      secret_specs(spec.children, path, out);
    else if (nested)
      secret_specs(spec.children[0].children, path, out);
    else if (spec.secret)
      out.insert(path);
  }
}
void secrets_given(const Json& settings, const std::string& where, std::set<std::string>& out) {
  if (settings.is_object() && settings.contains("$secret")) {
    out.insert(where);
    out.insert(where.substr(0, where.rfind('.')));  // an entry of a map stands for the map
    return;
  }
  if (settings.is_array())
    for (const auto& item : settings) secrets_given(item, where, out);
  if (settings.is_object())
    for (const auto& [key, item] : settings.items()) secrets_given(item, where.empty() ? key : where + "." + key, out);
}

TEST(Fixtures, PutACanaryIntoEverySecretSetting) {
  for (const auto& manifest : connectors()) {
    std::set<std::string> wanted;
    std::set<std::string> given;
    secret_specs(manifest.settings, "", wanted);
    for (const auto& fixture : fixtures())
      if (fixture.connector == manifest.name) secrets_given(fixture.settings, "", given);
    for (const auto& path : wanted) EXPECT_TRUE(given.contains(path)) << manifest.name << "." << path;
  }
}

class SettingsErrors : public ::testing::TestWithParam<Fixture> {
 protected:
  /// The problems that these settings have; empty when none.
  static std::string problems_of(const Json& settings) {
    Problems problems;
    const auto sink = GetParam().manifest().make_sink(tree(settings), "connectors.under-test", problems);
    EXPECT_EQ(sink == nullptr, problems.has_errors()) << describe(problems);
    return describe(problems);
  }
};

TEST_P(SettingsErrors, TheFixtureHasNone) { EXPECT_EQ(problems_of(GetParam().settings), ""); }

TEST_P(SettingsErrors, AnUnknownKeyIsOneAndSuggestsTheRightOne) {
  for (const auto& spec : GetParam().manifest().settings) {
    auto settings = GetParam().settings;
    settings[spec.key + "s"] = "x";
    const auto said = problems_of(settings);
    EXPECT_NE(said.find("unknown key"), std::string::npos) << spec.key << ": " << said;
    if (spec.key.size() >= 4) {
      EXPECT_NE(said.find("'" + spec.key + "'"), std::string::npos) << said;
    }
  }
}

TEST_P(SettingsErrors, AMissingRequiredSettingIsNamed) {
  for (const auto& spec : GetParam().manifest().settings) {
    if (!spec.required) continue;
    auto settings = GetParam().settings;
    settings.erase(spec.key);
    EXPECT_NE(problems_of(settings).find("connectors.under-test." + spec.key), std::string::npos) << spec.key;
  }
}

TEST_P(SettingsErrors, ValuesOfTheWrongShapeNeverThrow) {
  for (const auto& spec : GetParam().manifest().settings)
    for (const Json& wrong :
         {Json(nullptr), Json(""), Json("\x01\xFF"), Json(-1), Json(1e300), Json::array(), Json::array({Json::array()}),
          Json::object(), Json{{"a", {{"b", 1}}}}, Json(std::string(20'000, 'x'))}) {
      auto settings = GetParam().settings;
      settings[spec.key] = wrong;
      EXPECT_NO_THROW(problems_of(settings)) << spec.key;
    }
}

TEST_P(SettingsErrors, NoProblemShowsASecret) {
  std::vector<std::string> secrets;
  collect_secrets(GetParam().settings, secrets);
  // All settings at once wrong in a way that lets their values be read first.
  auto settings = GetParam().settings;
  settings["no_such_key"] = 1;
  for (auto& [key, value] : settings.items())
    if (value.is_object() && value.contains("$secret"))
      value["$secret"] = "not valid: " + value["$secret"].get<std::string>();
  const auto said = problems_of(settings);
  for (const auto& secret : secrets) EXPECT_EQ(said.find(secret), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Connectors, SettingsErrors, ::testing::ValuesIn(fixtures()),
                         [](const auto& instance) { return instance.param.name(); });

}  // namespace
}  // namespace wardex::test
