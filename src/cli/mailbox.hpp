// What the subcommands of `mailbox` share.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/session.hpp"
#include "wardex/text.hpp"

namespace wardex::cli {

/// What selects entries; the same options for every subcommand.
struct Selection {
  std::vector<std::int64_t> ids;
  std::string connector, group, cause, severity, case_id, event_id, since, until;
  bool all = false;

  /// The API's names of the filters that were given.
  [[nodiscard]] std::vector<std::pair<const char*, const std::string*>> filters() const {
    std::vector<std::pair<const char*, const std::string*>> out;
    for (const auto& [name, value] :
         std::initializer_list<std::pair<const char*, const std::string*>>{{"connector", &connector},
                                                                           {"fingerprint", &group},
                                                                           {"cause", &cause},
                                                                           {"severity", &severity},
                                                                           {"case_id", &case_id},
                                                                           {"event_id", &event_id},
                                                                           {"since", &since},
                                                                           {"until", &until}})
      if (!value->empty()) out.emplace_back(name, value);
    return out;
  }
  [[nodiscard]] std::string query() const {
    std::string out;
    for (const auto& [name, value] : filters()) out += std::string("&") + name + "=" + text::percent_encode(*value);
    return out;
  }
  [[nodiscard]] nlohmann::json body() const {
    nlohmann::json out = nlohmann::json::object();
    for (const auto& [name, value] : filters()) out[name] = *value;
    if (!ids.empty()) out["ids"] = ids;
    if (all) out["all"] = true;
    return out;
  }
  [[nodiscard]] bool names_something() const { return !ids.empty() || !filters().empty() || all; }
};

/// --connector, --group and so on.
void add_filters(CLI::App* command, Selection& selection);

inline std::string text_of(const nlohmann::json& object, const char* key) { return object.value(key, ""); }
inline std::string number_of(const nlohmann::json& object, const char* key) {
  return std::to_string(object.value(key, std::uint64_t{0}));
}

/// list, groups, show, export.
void add_mailbox_looking(CLI::App* mailbox, Session& session);

}  // namespace wardex::cli
