// Which rules an event is worth asking about. Most tables name hosts, rules or tenants; those rules are found by the
// event's own texts, so that a thousand of them cost what a few do.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "route/compile.hpp"

namespace wardex::route {

class RuleIndex {
 public:
  explicit RuleIndex(const std::vector<Rule>& rules);

  /// Places in the table, ascending: at least every rule that holds for the event.
  [[nodiscard]] std::vector<std::size_t> candidates(const Event& event) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  struct Texts {
    Field field;
    std::unordered_map<std::string, std::vector<std::size_t>, Hash, std::equal_to<>> rules;
  };
  void add(const Condition::Anchor& anchor, std::size_t rule);

  std::vector<Texts> fields_;
  std::vector<std::size_t> others_;  ///< rules to be asked about every event
};

}  // namespace wardex::route
