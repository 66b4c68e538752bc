#include <algorithm>
#include <fstream>
#include <regex>
#include <sstream>

#include <gtest/gtest.h>

#include "api/api.hpp"

namespace wardex::api {
namespace {

/// "GET /v1/audit" for every operation of docs/openapi.yaml: paths are indented by two, methods by four.
std::vector<std::string> documented() {
  std::ifstream in(std::string(WARDEX_SOURCE_DIR) + "/docs/openapi.yaml");
  const std::regex path_line("^  (/[^:]*):$");
  const std::regex method_line("^    (get|post|put|delete|patch):$");
  std::vector<std::string> out;
  std::string path;
  std::smatch match;
  for (std::string line; std::getline(in, line);) {
    if (std::regex_match(line, match, path_line)) path = match[1];
    if (std::regex_match(line, match, method_line)) {
      std::string method = match[1];
      std::transform(method.begin(), method.end(), method.begin(), [](unsigned char c) { return std::toupper(c); });
      out.push_back(method + " " + path);
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

TEST(OpenApi, DocumentsExactlyTheEndpointsThereAre) {
  auto served = Api::endpoints();
  std::sort(served.begin(), served.end());
  EXPECT_EQ(documented(), served);
}

}  // namespace
}  // namespace wardex::api
