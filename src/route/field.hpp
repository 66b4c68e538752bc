// Where a condition finds its texts in an event, without copying them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "wardex/event.hpp"

namespace wardex::route {

class Field {
 public:
  /// A canonical name, `labels.x`, or the alias `endpoint` (endpoint_id or host); nullopt for anything else.
  static std::optional<Field> find(std::string_view name);

  [[nodiscard]] const std::string& name() const { return name_; }

  /// True as soon as `accept` is for one of the field's texts. An absent field has none.
  template <class Accept>
  bool any(const Event& event, Accept&& accept) const {
    const auto present = [&](const std::string& text) { return !text.empty() && accept(std::string_view(text)); };
    if (const auto* text = std::get_if<Text>(&source_)) return present(event.**text);
    if (const auto* list = std::get_if<List>(&source_)) {
      for (const auto& text : event.**list)
        if (present(text)) return true;
      return false;
    }
    if (const auto* label = std::get_if<Label>(&source_)) {
      const auto found = event.labels.find(label->key);
      return found != event.labels.end() && present(found->second);
    }
    if (std::holds_alternative<Endpoint>(source_)) return present(event.endpoint_id) || present(event.host);
    const auto values = field_values(event, name_);
    for (const auto& text : *values)
      if (present(text)) return true;
    return false;
  }

 private:
  using Text = std::string Event::*;
  using List = std::vector<std::string> Event::*;
  struct Label {
    std::string key;
  };
  struct Endpoint {};
  struct Computed {};  ///< by field_values()
  std::string name_;
  std::variant<Computed, Text, List, Label, Endpoint> source_;
};

}  // namespace wardex::route
