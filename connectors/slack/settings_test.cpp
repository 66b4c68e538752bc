#include "slack/settings.hpp"

#include <gtest/gtest.h>

#include "conformance/settings_tree.hpp"
#include "slack/slack.hpp"

namespace wardex::slack {
namespace {

using test::Json;

TEST(SlackSettings, SayWhatIsWrongAndTheWayOut) {
  const auto problems_of = [](const Json& settings) {
    Problems problems;
    static_cast<void>(manifest().make_sink(test::tree(settings), "s", problems));
    return test::describe(problems);
  };
  const Json url = test::secret("https://hooks.slack.com/services/T/B/X");
  const Json token = test::secret("xoxb-1");
  const struct {
    Json settings;
    const char* wanted;
  } cases[] = {
      {Json::object(), "s.webhook_url: is required in mode webhook"},
      {{{"mode", "bot"}}, "s.bot_token: is required in mode bot"},
      {{{"mode", "bot"}, {"bot_token", token}}, "s.channel: is required in mode bot"},
      {{{"webhook_url", url}, {"channel", "C012"}}, "s.channel: has no effect in mode webhook"},
      {{{"webhook_url", url}, {"thread_by_case", true}}, "set mode: bot"},
      {{{"mode", "bot"}, {"bot_token", token}, {"channel", "C012"}, {"webhook_url", url}},
       "s.webhook_url: has no effect"},
      {{{"mode", "bot"}, {"bot_token", test::secret("abc")}, {"channel", "C012"}}, "begins with xoxb-"},
      {{{"mode", "bot"}, {"bot_token", token}, {"channel", "#soc"}}, "warning: is a name"},
      {{{"mode", "bot"}, {"bot_token", token}, {"channel", "C012"}, {"api_base", "http://slack.com/api/"}},
       "must be an https:// URL"},
      {{{"webhook_url", test::secret("http://hooks.slack.com/services/T/B/X")}}, "must be an https:// URL"},
      {{{"webhook_url", url}, {"mention_on", {{"hihg", "<!here>"}}}}, "did you mean 'high'?"},
      {{{"webhook_url", url}, {"mention_on", {{"high", "@soc"}}}}, "is no mention"},
      {{{"webhook_url", url}, {"mention_on", {{"high", "<@soc>"}}}}, "is no mention"},
  };
  for (const auto& c : cases)
    EXPECT_NE(problems_of(c.settings).find(c.wanted), std::string::npos) << c.wanted << "\n" << problems_of(c.settings);
  for (const auto* fine : {"<!here>", "<!channel>", "<!everyone>", "<!subteam^S0123>", "<@U0123>", "<@W0123>"})
    EXPECT_EQ(problems_of({{"webhook_url", url}, {"mention_on", {{"high", fine}}}}), "") << fine;
}

}  // namespace
}  // namespace wardex::slack
