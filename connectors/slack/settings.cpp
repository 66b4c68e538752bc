#include "slack/settings.hpp"

#include <algorithm>

#include "wardex/text.hpp"

namespace wardex::slack {
namespace {

bool is_id(std::string_view text, std::string_view first_letters) {
  return text.size() >= 2 && first_letters.find(text.front()) != std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

// docs.slack.dev, formatting: the four ways to ping somebody.
bool is_mention(std::string_view text) {
  if (text == "<!here>" || text == "<!channel>" || text == "<!everyone>") return true;
  if (!text.ends_with('>')) return false;
  text.remove_suffix(1);
  if (text.starts_with("<!subteam^")) return is_id(text.substr(10), "S");
  return text.starts_with("<@") && is_id(text.substr(2), "UW");
}

bool is_https_or_loopback(std::string_view url) {
  if (url.starts_with("https://")) return true;
  constexpr std::string_view kHttp = "http://";
  if (!url.starts_with(kHttp)) return false;
  const auto authority = url.substr(kHttp.size(), url.find_first_of("/?#", kHttp.size()) - kHttp.size());
  const auto host = authority.substr(0, authority.find(':'));
  return host == "localhost" || authority.starts_with("[::1]") ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos);
}

// Names each problem's field and stands where the field does.
class Checker {
 public:
  Checker(const Value& value, std::string_view path, Problems& problems)
      : value_(value), path_(path), problems_(problems) {}

  [[nodiscard]] bool given(std::string_view key) const {
    const Value* found = value_.find(key);
    return found != nullptr && found->kind != Value::Kind::null;
  }
  void error(std::string_view key, std::string message) const {
    problems_.error(at(key), settings_detail::join_path(path_, key), std::move(message));
  }
  void warning(std::string_view key, std::string message) const {
    problems_.warning(at(key), settings_detail::join_path(path_, key), std::move(message));
  }

 private:
  [[nodiscard]] Position at(std::string_view key) const { return given(key) ? value_.find(key)->at : value_.at; }

  const Value& value_;
  std::string_view path_;
  Problems& problems_;
};

void check_mode(const Settings& settings, const Checker& check) {
  const bool bot = settings.mode == Mode::bot;
  const std::string here = bot ? "bot" : "webhook";
  const std::string other = bot ? "webhook" : "bot";
  const auto needs = [&](std::string_view key) {
    if (!check.given(key)) check.error(key, "is required in mode " + here);
  };
  const auto refuses = [&](std::string_view key, std::string_view why) {
    if (check.given(key))
      check.error(key,
                  "has no effect in mode " + here + " (" + std::string(why) + "): leave it out, or set mode: " + other);
  };
  if (bot) {
    needs("bot_token");
    needs("channel");
    refuses("webhook_url", "the bot posts with its token");
    return;
  }
  needs("webhook_url");
  refuses("bot_token", "the URL is the credential");
  refuses("channel", "the webhook's URL fixes the channel");
  for (const auto* key : {"username", "icon_emoji", "icon_url"}) refuses(key, "name and icon are the webhook's own");
  for (const auto* key : {"thread_by_case", "update_on_resolve"}) refuses(key, "a webhook's answer names no message");
  refuses("api_base", "no API method is called");
}

void check_bot(const Settings& settings, const Checker& check) {
  const auto token = settings.bot_token.reveal();
  if (!token.empty() && (!token.starts_with("xox") || token.find_first_of(" \t\r\n") != std::string_view::npos))
    check.error("bot_token", "is not a Slack token: a bot's begins with xoxb- and has no blanks");
  if (settings.channel.find_first_of(" \t\r\n") != std::string::npos ||
      (check.given("channel") && settings.channel.empty()))
    check.error("channel", "must be a channel's ID, such as C0123456789");
  else if (!settings.channel.empty() && !is_id(settings.channel, "CGDUW"))
    check.warning("channel", "is a name, which can change: use the channel's ID, such as C0123456789");
  const std::string& base = settings.api_base.text.reveal();
  if (!is_https_or_loopback(base))
    check.error("api_base", "must be an https:// URL: the token travels with every call");
  if (base.find('?') != std::string::npos)
    check.error("api_base", "must have no query: method names are appended to it");
  if (!settings.icon_emoji.empty() && !settings.icon_url.empty())
    check.error("icon_url", "stands beside icon_emoji, which Slack prefers: keep one");
}

void check_mentions(const Settings& settings, const Checker& check) {
  if (!settings.mention_on) return;
  for (const auto& [severity, mention] : *settings.mention_on) {
    if (!parse_severity(severity)) {
      std::vector<std::string> names;
      for (auto known : kSeverities) names.emplace_back(to_string(known));
      const auto near = text::nearest(severity, names);
      check.error("mention_on",
                  "'" + severity + "' is no severity" +
                      (near.empty() ? ": use one of " + text::join(names, ", ") : ": did you mean '" + near + "'?"));
    }
    if (!is_mention(mention))
      check.error(
          "mention_on",
          "'" + mention + "' is no mention: use <!here>, <!channel>, <!everyone>, <!subteam^S0123> or <@U0123>");
  }
}

}  // namespace

const SettingsTable<Settings>& Settings::table() {
  static const SettingsTable<Settings> table{
      with_default("mode", &Settings::mode, "webhook",
                   "`webhook`: an incoming webhook, which posts to one channel. `bot`: the Web API, for a thread per "
                   "case and edits when it is resolved."),
      optional("webhook_url", &Settings::webhook_url,
               "Mode `webhook`: the incoming webhook's URL. The whole URL is a credential and never shown."),
      optional(
          "bot_token", &Settings::bot_token,
          "Mode `bot`: the bot's token (`xoxb-...`) with the scope `chat:write`; `chat:write.customize` as well for "
          "`username` and icons."),
      optional("channel", &Settings::channel,
               "Mode `bot`: where to post, best by ID (`C0123456789`). The bot must be a member of a private channel."),
      optional("username", &Settings::username, "Mode `bot`: display name instead of the app's own."),
      optional("icon_emoji", &Settings::icon_emoji, "Mode `bot`: emoji as icon, such as `:rotating_light:`."),
      optional("icon_url", &Settings::icon_url, "Mode `bot`: picture as icon."),
      optional("mention_on", &Settings::mention_on,
               "Whom to ping, by severity: `<!here>`, `<!channel>`, `<!everyone>`, `<!subteam^S0123>` or `<@U0123>`. "
               "Default: `{critical: \"<!here>\"}`; `{}` pings nobody. Updates and resolutions ping nobody."),
      with_default("thread_by_case", &Settings::thread_by_case, "true",
                   "Mode `bot`: keep the case's first message current and post later events into its thread. `false`: "
                   "each event is a message of its own."),
      with_default("update_on_resolve", &Settings::update_on_resolve, "true",
                   "Mode `bot`: when the case is resolved, strike its first message and turn it green."),
      with_default("unfurl_links", &Settings::unfurl_links, "false", "Let Slack fetch and preview links."),
      with_default("api_base", &Settings::api_base, "https://slack.com/api/",
                   "Mode `bot`: base of the Web API, for GovSlack or a proxy of your own."),
  };
  return table;
}

void Settings::check(const Value& value, std::string_view path, Problems& problems) const {
  const Checker check(value, path, problems);
  check_mode(*this, check);
  if (mode == Mode::bot) check_bot(*this, check);
  if (!webhook_url.empty() && !is_https_or_loopback(webhook_url.text.reveal()))
    check.error("webhook_url", "must be an https:// URL: it is a credential");
  check_mentions(*this, check);
}

std::string Settings::mention(Severity severity) const {
  if (!mention_on) return severity == Severity::critical ? "<!here>" : "";
  const auto found = mention_on->find(std::string(to_string(severity)));
  return found == mention_on->end() ? "" : found->second;
}

}  // namespace wardex::slack
