#include "slack/thread.hpp"

#include <nlohmann/json.hpp>

#include "wardex/crypto.hpp"
#include "wardex/text.hpp"

namespace wardex::slack {
namespace {

using Json = nlohmann::json;

std::string member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

Shown Shown::of(const Event& event) {
  Shown shown;
  shown.severity = to_string(event.severity);
  if (event.status) shown.status = to_string(*event.status);
  shown.assignee = text::truncate(text::single_line(event.assignee), 100);
  if (!event.description.empty()) shown.description_digest = hex(sha256(event.description)).substr(0, 16);
  shown.resolved = event.is_resolved();
  return shown;
}

std::optional<CaseThread> CaseThread::of(const std::optional<Link>& link, std::string_view configured) {
  if (!link) return std::nullopt;
  const auto state = Json::parse(link->state, nullptr, false);
  if (!state.is_object()) return std::nullopt;
  CaseThread thread;
  thread.channel = member(state, "channel");
  thread.configured = member(state, "configured");
  thread.ts = member(state, "ts");
  if (thread.channel.empty() || thread.ts.empty() || thread.configured != configured) return std::nullopt;
  thread.shown.severity = member(state, "severity");
  thread.shown.status = member(state, "status");
  thread.shown.assignee = member(state, "assignee");
  thread.shown.description_digest = member(state, "description");
  thread.shown.resolved = member(state, "resolved") == "yes";
  return thread;
}

std::string CaseThread::state() const {
  return Json{{"channel", channel},
              {"configured", configured},
              {"ts", ts},
              {"severity", shown.severity},
              {"status", shown.status},
              {"assignee", shown.assignee},
              {"description", shown.description_digest},
              {"resolved", shown.resolved ? "yes" : "no"}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace wardex::slack
