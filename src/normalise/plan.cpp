#include "normalise/plan.hpp"

#include <algorithm>
#include <stdexcept>

namespace wardex::normalise {

namespace {

Row row_of(const Rule& rule) {
  const auto pointer = rule.pointer.substr(1);
  const auto slash = std::min(pointer.find('/'), pointer.size());
  Row row{rule, number_of(pointer.substr(0, slash)), pointer.substr(std::min(slash + 1, pointer.size()))};
  if (row.name == kUnknownName) throw std::logic_error(std::string(pointer) + " starts with no name of kNames");
  return row;
}

Plan plan_for(const Shape& shape) {
  Plan plan{shape, {}};
  for (const auto& rule : shape.rules) plan.rows.push_back(row_of(rule));
  for (const auto& rule : shared_rules()) {
    const auto same = [&](const Rule& own) { return own.pointer == rule.pointer; };
    if (std::none_of(shape.rules.begin(), shape.rules.end(), same)) plan.rows.push_back(row_of(rule));
  }
  return plan;
}

std::vector<Plan> all_plans() {
  std::vector<Plan> plans;
  for (const auto* shape : shapes()) plans.push_back(plan_for(*shape));
  return plans;
}

}  // namespace

const Plan& plan_of(const Members& document, Hint hint) {
  static const std::vector<Plan> plans = all_plans();
  for (const auto& plan : plans)
    if (plan.shape.matches(document, hint)) return plan;
  return plans.back();
}

}  // namespace wardex::normalise
