#include "normalise/leftover.hpp"

#include <algorithm>
#include <functional>

#include "normalise/convert.hpp"
#include "normalise/limits.hpp"

namespace wardex::normalise {

namespace {

class Walk {
 public:
  Walk(std::span<const Node* const> taken, std::map<std::string, std::string>& labels)
      : taken_(taken), labels_(labels) {}

  /// `prefix`: the names above, each with its dot.
  void object(const Node& object, const std::string& prefix, std::size_t depth) {
    for (const auto& member : object.items()) {
      if (std::binary_search(taken_.begin(), taken_.end(), &member, std::less<>())) continue;
      if (prefix.size() + member.name().size() > kMaxLabelName) continue;
      const bool nested = member.is_object() && depth < kMaxLabelDepth;
      if (nested) below(member, label(prefix, member), depth + 1);
      if (labels_.size() >= kMaxLabels) return;
      if (const ScalarText text(member); text && !(*text).empty())
        labels_.try_emplace(labels_.end(), label(prefix, member), fitted(*text, kMaxLabelValue));
    }
  }

 private:
  void below(const Node& member, std::string name, std::size_t depth) {
    if (!name.empty()) name += '.';
    object(member, name, depth);
  }
  static std::string label(const std::string& prefix, const Node& member) {
    return std::string(prefix).append(member.name());
  }

  std::span<const Node* const> taken_;
  std::map<std::string, std::string>& labels_;
};

}  // namespace

void keep_leftover(const Node& document, std::span<const Node* const> taken, Draft& draft) {
  Walk(taken, draft.event.labels).object(document, "", 1);
}

}  // namespace wardex::normalise
