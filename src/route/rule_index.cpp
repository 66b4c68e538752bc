#include "route/rule_index.hpp"

#include <algorithm>

namespace wardex::route {

RuleIndex::RuleIndex(const std::vector<Rule>& rules) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const auto anchor = rules[i].condition ? rules[i].condition->anchor() : std::nullopt;
    if (anchor)
      add(*anchor, i);
    else
      others_.push_back(i);
  }
}

void RuleIndex::add(const Condition::Anchor& anchor, std::size_t rule) {
  auto texts = std::find_if(fields_.begin(), fields_.end(),
                            [&](const Texts& one) { return one.field.name() == anchor.field->name(); });
  if (texts == fields_.end()) texts = fields_.insert(fields_.end(), Texts{*anchor.field, {}});
  for (const auto text : anchor.texts) {
    auto& places = texts->rules[std::string(text)];
    if (places.empty() || places.back() != rule) places.push_back(rule);
  }
}

std::vector<std::size_t> RuleIndex::candidates(const Event& event) const {
  std::vector<std::size_t> out = others_;
  for (const auto& texts : fields_)
    texts.field.any(event, [&](std::string_view text) {
      if (const auto found = texts.rules.find(text); found != texts.rules.end())
        out.insert(out.end(), found->second.begin(), found->second.end());
      return false;  // all of them
    });
  if (out.size() == others_.size()) return out;
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace wardex::route
