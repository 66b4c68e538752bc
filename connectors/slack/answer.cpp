#include "slack/answer.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <nlohmann/json.hpp>

#include "wardex/text.hpp"

namespace wardex::slack {
namespace {

using Json = nlohmann::json;

enum class Class : std::uint8_t { throttled, outage, held, layout, gone, edit };

struct Row {
  std::string_view error;
  Class meaning;
  std::string_view advice;
};

constexpr std::string_view kNewToken = "make a new token and put it into bot_token";
constexpr std::string_view kNewHook = "the webhook was removed or switched off: make a new one and set webhook_url";
constexpr std::string_view kAskAdmin =
    "a workspace setting forbids it: ask its administrator, or choose another channel";
constexpr std::string_view kUnarchive = "the channel is archived: unarchive it or choose another";

// docs.slack.dev, chat.postMessage, chat.update, auth.test and incoming webhooks: errors.
constexpr std::array kErrors{
    Row{"ratelimited", Class::throttled, {}},
    Row{"rate_limited", Class::throttled, {}},
    Row{"message_limit_exceeded", Class::throttled, {}},
    Row{"rollup_error", Class::outage, {}},
    Row{"internal_error", Class::outage, {}},
    Row{"fatal_error", Class::outage, {}},
    Row{"service_unavailable", Class::outage, {}},
    Row{"request_timeout", Class::outage, {}},
    Row{"invalid_payload", Class::layout, {}},
    Row{"invalid_blocks", Class::layout, {}},
    Row{"invalid_blocks_format", Class::layout, {}},
    Row{"invalid_attachments", Class::layout, {}},
    Row{"too_many_attachments", Class::layout, {}},
    Row{"no_text", Class::layout, {}},
    Row{"msg_too_long", Class::layout, {}},
    Row{"msg_blocks_too_long", Class::layout, {}},
    Row{"message_not_found", Class::gone, {}},
    Row{"thread_not_found", Class::gone, {}},
    Row{"cant_update_message", Class::edit, {}},
    Row{"edit_window_closed", Class::edit, {}},
    Row{"user_not_found", Class::held, "no such user: check channel"},
    Row{"channel_not_found", Class::held, "check channel, and invite the bot if it is private"},
    Row{"not_in_channel", Class::held, "invite the bot to the channel, or give it the scope chat:write.public"},
    Row{"is_archived", Class::held, kUnarchive},
    Row{"channel_is_archived", Class::held, kUnarchive},
    Row{"restricted_action", Class::held, kAskAdmin},
    Row{"action_prohibited", Class::held, kAskAdmin},
    Row{"posting_to_general_channel_denied", Class::held, kAskAdmin},
    Row{"no_permission", Class::held, kAskAdmin},
    Row{"invalid_token", Class::held, kNewHook},
    Row{"no_service", Class::held, kNewHook},
    Row{"no_service_id", Class::held, kNewHook},
    Row{"no_active_hooks", Class::held, kNewHook},
    Row{"no_team", Class::held, kNewHook},
    Row{"team_disabled", Class::held, "the workspace is disabled"},
    Row{"invalid_auth", Class::held, kNewToken},
    Row{"not_authed", Class::held, kNewToken},
    Row{"token_revoked", Class::held, kNewToken},
    Row{"token_expired", Class::held, kNewToken},
    Row{"account_inactive", Class::held, kNewToken},
    Row{"not_allowed_token_type", Class::held, "use a bot's token (xoxb-)"},
    Row{"missing_scope", Class::held, "add the scope to the app and reinstall it"},
    Row{"org_login_required", Class::held, "the workspace is being migrated"},
    Row{"ekm_access_denied", Class::held, kAskAdmin},
};

const Row* find(std::string_view error) {
  const auto* found = std::find_if(kErrors.begin(), kErrors.end(), [&](const Row& row) { return row.error == error; });
  return found == kErrors.end() ? nullptr : found;
}

bool means(std::string_view error, Class meaning) {
  const auto* row = find(error);
  return row != nullptr && row->meaning == meaning;
}

// Only what looks like one of Slack's words goes on into a reason: an answer from elsewhere (a proxy's page, an echo of
// our request) must not.
std::string word(std::string_view text, std::string_view also = {}) {
  const auto first = text.find_first_not_of(" \r\n");
  if (first == std::string_view::npos) return {};
  text = text.substr(first, text.find_last_not_of(" \r\n") - first + 1);
  const bool plain = text.size() <= 64 && std::all_of(text.begin(), text.end(), [&](char c) {
                       return (c >= 'a' && c <= 'z') || c == '_' || also.find(c) != std::string_view::npos;
                     });
  return plain ? std::string(text) : std::string();
}

std::string member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Channel IDs ("C0123456789") and message timestamps ("1776781330.000200"): they are stored, so nothing else passes.
std::string identifier(std::string text) {
  const bool plain = text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
                       return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.';
                     });
  return plain ? std::move(text) : std::string();
}

std::string sentence(const HttpResponse& response, const Answer& answer) {
  std::string out = "HTTP " + std::to_string(response.status);
  if (!answer.error.empty()) out += ": " + answer.error;
  if (!answer.scope.empty()) out += " (" + answer.scope + ")";
  if (const auto* row = find(answer.error); row != nullptr && !row->advice.empty())
    out += ": " + std::string(row->advice);
  return out;
}

std::optional<Verdict> judge_error(const HttpResponse& response, const Answer& answer, WallTime now) {
  const auto* row = find(answer.error);
  if (row == nullptr) return std::nullopt;
  switch (row->meaning) {
    case Class::throttled:
      return Throttled{sentence(response, answer), parse_retry_after(response.header("Retry-After"), now)};
    case Class::outage:
      return Retry{sentence(response, answer), parse_retry_after(response.header("Retry-After"), now)};
    case Class::held:
      return Unauthorised{sentence(response, answer)};
    case Class::layout:
    case Class::gone:
    case Class::edit:
      break;
  }
  return Rejected{sentence(response, answer)};
}

}  // namespace

Answer read_api_answer(const HttpResponse& response) {
  Answer answer;
  const auto body = Json::parse(response.body, nullptr, false);
  if (!body.is_object()) return answer;
  const auto ok = body.find("ok");
  answer.ok = response.status == 200 && ok != body.end() && ok->is_boolean() && ok->get<bool>();
  answer.error = word(member(body, "error"));
  answer.scope = word(member(body, "needed"), ":.,");
  answer.channel = identifier(member(body, "channel"));
  answer.ts = identifier(member(body, "ts"));
  answer.user = member(body, "user");
  answer.team = member(body, "team");
  return answer;
}

Answer read_webhook_answer(const HttpResponse& response) {
  if (response.body.starts_with('{')) {  // some failures come in the Web API's form
    auto answer = read_api_answer(response);
    answer.ok = false;
    return answer;
  }
  Answer answer;
  answer.ok = response.status == 200 && response.body == "ok";
  if (!answer.ok) answer.error = word(response.body);
  return answer;
}

bool is_layout_error(std::string_view error) { return means(error, Class::layout); }
bool is_message_gone(std::string_view error) { return means(error, Class::gone); }
bool is_edit_refused(std::string_view error) { return means(error, Class::edit); }

Verdict judge(const HttpResponse& response, const Answer& answer, WallTime now) {
  const auto retry_after = parse_retry_after(response.header("Retry-After"), now);
  const int status = response.status;
  if (status == 429) return Throttled{sentence(response, answer), retry_after};
  if (auto known = judge_error(response, answer, now)) return std::move(*known);
  if (status == 200 && answer.error.empty())
    return Retry{"HTTP 200, but not Slack's answer: is a proxy or a login page in between?", {}};
  if (status >= 300 && status <= 399)
    return Unauthorised{sentence(response, answer) + ": redirects are not followed: check webhook_url or api_base"};
  if (status == 401 || status == 403 || status == 404 || status == 405 || status == 407 || status == 410)
    return Unauthorised{sentence(response, answer) + ": check webhook_url, or api_base and bot_token"};
  if (status == 408 || status == 425) return Retry{sentence(response, answer), {}};
  if (status == 200 || (status >= 400 && status <= 499)) return Rejected{sentence(response, answer)};
  return Retry{sentence(response, answer), retry_after};
}

}  // namespace wardex::slack
