#include "normalise/leftover.hpp"

#include <nlohmann/json.hpp>

#include "normalise/convert.hpp"
#include "normalise/limits.hpp"
#include "normalise/pointer.hpp"
#include "wardex/text.hpp"

namespace wardex::normalise {

namespace {

void walk(const nlohmann::json& object, const std::string& pointer, const std::string& name,
          const std::set<std::string_view>& taken, std::size_t depth, std::map<std::string, std::string>& labels) {
  for (const auto& [key, value] : object.items()) {
    const std::string at = pointer + "/" + escape(key);
    if (taken.contains(at)) continue;
    const std::string label = name.empty() ? key : name + "." + key;
    if (label.size() > kMaxLabelName) continue;
    if (value.is_object() && depth < kMaxLabelDepth) walk(value, at, label, taken, depth + 1, labels);
    if (labels.size() >= kMaxLabels) return;
    if (const auto text = scalar_text(value); text && !text->empty())
      labels.emplace(label, text::truncate_bytes(*text, kMaxLabelValue));
  }
}

}  // namespace

void keep_leftover(const nlohmann::json& document, const std::set<std::string_view>& taken, Draft& draft) {
  walk(document, "", "", taken, 1, draft.event.labels);
}

}  // namespace wardex::normalise
