#include <gtest/gtest.h>

#include "wardex/connector.hpp"
#include "wardex/problem.hpp"

namespace wardex {
namespace {

Position at(const char* file, int line, int column) {
  return {std::make_shared<const std::string>(file), line, column};
}

TEST(Problem, Str) {
  const std::pair<Problem, std::string_view> table[] = {
      {{Problem::Level::error, at("gateway.yaml", 12, 5), "connectors.soc-hook.timeout", "is wrong"},
       "gateway.yaml:12:5: connectors.soc-hook.timeout: is wrong"},
      {{Problem::Level::warning, at("gateway.yaml", 12, 5), "a", "is odd"}, "gateway.yaml:12:5: a: warning: is odd"},
      {{Problem::Level::error, at("gateway.yaml", 3, 0), "", "is wrong"}, "gateway.yaml:3: is wrong"},
      {{Problem::Level::error, at("gateway.yaml", 0, 0), "a", "is wrong"}, "gateway.yaml: a: is wrong"},
      {{Problem::Level::error, {}, "a", "is wrong"}, "a: is wrong"},
  };
  for (const auto& [problem, expected] : table) EXPECT_EQ(problem.str(), expected);
}

TEST(Problems, WarningsAreNoErrors) {
  Problems problems;
  problems.warning({}, "a", "odd");
  EXPECT_FALSE(problems.has_errors());
  problems.error({}, "b", "wrong");
  EXPECT_TRUE(problems.has_errors());
  EXPECT_EQ(problems.all().size(), 2U);
}

TEST(Problems, SortByPlace) {
  Problems problems;
  problems.error(at("b.yaml", 1, 1), "5", "");
  problems.error(at("a.yaml", 10, 1), "3", "");
  problems.warning(at("a.yaml", 2, 9), "2", "");
  problems.error(at("a.yaml", 2, 3), "1", "");
  problems.error(at("a.yaml", 10, 1), "4", "");  // same place: in the order found
  problems.error({}, "0", "");
  problems.sort();
  std::string order;
  for (const auto& problem : problems.all()) order += problem.path;
  EXPECT_EQ(order, "012345");
}

TEST(Category, Names) {
  EXPECT_EQ(to_string(Category::alerting), "alerting");
  EXPECT_EQ(to_string(Category::ticketing), "ticketing");
  EXPECT_EQ(to_string(Category::siem), "siem");
  EXPECT_EQ(to_string(Category::intel), "intel");
  EXPECT_EQ(to_string(Category::identity), "identity");
  EXPECT_EQ(to_string(Category::control_plane), "control_plane");
}

}  // namespace
}  // namespace wardex
