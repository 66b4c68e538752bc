#include "route/field.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace wardex::route {

std::optional<Field> Field::find(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, Text>, 14> texts{{{"id", &Event::id},
                                                                            {"origin", &Event::origin},
                                                                            {"action", &Event::action},
                                                                            {"case_id", &Event::case_id},
                                                                            {"title", &Event::title},
                                                                            {"description", &Event::description},
                                                                            {"endpoint_id", &Event::endpoint_id},
                                                                            {"host", &Event::host},
                                                                            {"user", &Event::user},
                                                                            {"process", &Event::process},
                                                                            {"rule", &Event::rule},
                                                                            {"assignee", &Event::assignee},
                                                                            {"tenant", &Event::tenant},
                                                                            {"wardex_url", &Event::wardex_url}}};
  static constexpr std::array<std::pair<std::string_view, List>, 3> lists{
      {{"alert_ids", &Event::alert_ids}, {"mitre", &Event::mitre}, {"tags", &Event::tags}}};
  static constexpr std::string_view labels = "labels.";

  Field out;
  out.name_ = name;
  if (name.starts_with(labels) && name.size() > labels.size()) {
    out.source_ = Label{std::string(name.substr(labels.size()))};
    return out;
  }
  if (name == "endpoint") {
    out.source_ = Endpoint{};
    return out;
  }
  for (const auto& [known, member] : texts)
    if (known == name) out.source_ = member;
  for (const auto& [known, member] : lists)
    if (known == name) out.source_ = member;
  const auto& names = field_names();
  if (std::find(names.begin(), names.end(), name) == names.end()) return std::nullopt;
  return out;
}

}  // namespace wardex::route
