// What a user may write below `type: slack`.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "wardex/settings.hpp"

namespace wardex::slack {

enum class Mode : std::uint8_t { webhook, bot };

struct Settings {
  Mode mode = Mode::webhook;
  SecretUrl webhook_url;
  Secret bot_token;
  std::string channel;
  std::string username;
  std::string icon_emoji;
  std::string icon_url;
  std::optional<std::map<std::string, std::string>> mention_on;  ///< absent: critical pings `<!here>`
  bool thread_by_case = true;
  bool update_on_resolve = true;
  bool unfurl_links = false;
  Url api_base;

  static const SettingsTable<Settings>& table();
  void check(const Value& value, std::string_view path, Problems& problems) const;

  /// "<!here>" or the like; empty for severities that ping nobody.
  [[nodiscard]] std::string mention(Severity severity) const;
};

}  // namespace wardex::slack

namespace wardex {
template <>
struct EnumNames<slack::Mode> {
  static constexpr std::array names{std::pair{"webhook", slack::Mode::webhook}, std::pair{"bot", slack::Mode::bot}};
};
}  // namespace wardex
