// Golden payloads: connectors/<name>/golden/<case>.json, compared exactly. WARDEX_UPDATE_GOLDEN=1 rewrites them; read
// the diff before committing it.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "wardex/request.hpp"

namespace wardex::test {

inline std::filesystem::path golden_folder(const std::string& connector) {
  return std::filesystem::path(WARDEX_SOURCE_DIR) / "connectors" / connector / "golden";
}

inline void expect_golden_text(const std::filesystem::path& file, const std::string& text) {
  if (const char* update = std::getenv("WARDEX_UPDATE_GOLDEN"); update != nullptr && std::string(update) == "1") {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return;
  }
  std::ifstream in(file, std::ios::binary);
  ASSERT_TRUE(in) << file << " is missing: run this test once with WARDEX_UPDATE_GOLDEN=1 and look at what it wrote";
  const std::string golden{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(golden, text) << file;
}

/// The redacted request; a JSON body is shown as JSON, so that a diff reads well.
inline std::string golden_form(const Request& request) {
  auto shown = redact(request);
  if (shown.contains("body")) {
    auto body = nlohmann::json::parse(shown["body"].get<std::string>(), nullptr, false);
    if (!body.is_discarded()) shown["body"] = std::move(body);
  }
  return shown.dump(2) + "\n";
}

inline void expect_golden(const std::string& connector, const std::string& name, const Request& request) {
  expect_golden_text(golden_folder(connector) / (name + ".json"), golden_form(request));
}

}  // namespace wardex::test
