// Slack's answers. A webhook says "ok" or an error's name as text; the Web API says so in JSON, with HTTP 200 for
// nearly every failure, so the status alone means little (node-slack-sdk: only 200 and 429 carry meaning).
#pragma once

#include <string>
#include <string_view>

#include "wardex/response.hpp"
#include "wardex/verdict.hpp"

namespace wardex::slack {

struct Answer {
  bool ok = false;
  std::string error;  ///< "channel_not_found"; empty when Slack named none
  std::string scope;  ///< the scope that `missing_scope` asks for
  std::string channel;
  std::string ts;
  std::string user;  ///< auth.test: the bot's name
  std::string team;  ///< auth.test: the workspace's name
};

/// A webhook's answer: 200 and exactly "ok".
Answer read_webhook_answer(const HttpResponse& response);
/// A Web API method's answer.
Answer read_api_answer(const HttpResponse& response);

/// The layout was refused, not the destination: the same as plain text may still pass.
bool is_layout_error(std::string_view error);
/// The message to edit or to reply to is gone: post a new one.
bool is_message_gone(std::string_view error);
/// The message is there but cannot be edited (any more).
bool is_edit_refused(std::string_view error);

/// The verdict on a failure. What concerns credential or destination holds the lane, since every event would meet it.
Verdict judge(const HttpResponse& response, const Answer& answer, WallTime now);

}  // namespace wardex::slack
