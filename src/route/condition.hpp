// A compiled `match`: asked for every event, so it neither allocates nor formats; and it can say why, for the few rules
// that matched and for `wardex-gateway route`.
#pragma once

#include <bitset>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "route/field.hpp"
#include "route/pattern.hpp"
#include "wardex/event.hpp"

namespace wardex::route {

class Condition {
 public:
  virtual ~Condition() = default;
  [[nodiscard]] virtual bool holds(const Event& event) const = 0;
  /// "severity high >= medium" when it holds, "severity low is not >= medium" when it does not.
  [[nodiscard]] virtual std::string explain(const Event& event) const = 0;

  /// What an event must have for this to hold: one of these texts in that field. Both live as long as the condition.
  struct Anchor {
    const Field* field = nullptr;
    std::vector<std::string_view> texts;
  };
  /// nullopt: nothing so simple.
  [[nodiscard]] virtual std::optional<Anchor> anchor() const { return std::nullopt; }
};
using ConditionPtr = std::unique_ptr<const Condition>;

/// One of the patterns matches one of the field's texts.
ConditionPtr text_condition(Field field, std::vector<Pattern> patterns);

/// A comparison as the user wrote it: "medium" with Relation::at_least for ">=medium".
enum class Relation { equal, at_least, at_most, above, below };
struct Comparison {
  Relation relation = Relation::equal;
  std::string_view operand;
};
Comparison parse_comparison(std::string_view text);
std::string_view symbol(Relation relation);

struct SeverityTerm {
  Relation relation = Relation::equal;
  Severity than = Severity::info;
};
ConditionPtr severity_condition(std::vector<SeverityTerm> terms);
ConditionPtr kind_condition(std::vector<Kind> kinds);
ConditionPtr status_condition(std::vector<Status> statuses);

struct NumberTerm {
  Relation relation = Relation::equal;
  double than = 0;
  std::string stated;
};
ConditionPtr number_condition(std::string name, std::optional<double> Event::*member, std::vector<NumberTerm> terms);

ConditionPtr all_of(std::vector<ConditionPtr> conditions);
ConditionPtr any_of(std::vector<ConditionPtr> conditions);
ConditionPtr none_of(std::vector<ConditionPtr> conditions);

}  // namespace wardex::route
