#include "slack/slack.hpp"

#include <nlohmann/json.hpp>

#include "slack/message.hpp"
#include "wardex/text.hpp"

namespace wardex::slack {
namespace {

using Json = nlohmann::json;

std::optional<CaseThread> thread_of(const Delivery& delivery, const Settings& settings) {
  return CaseThread::of(delivery.link, settings.channel);
}

// Whom to ping. A case is announced once; after that only getting worse or coming back is worth a ping.
std::string mention_for(const Settings& settings, const Event& event, const std::optional<CaseThread>& thread) {
  if (event.is_resolved()) return {};
  bool news = true;
  if (thread)
    news = thread->shown.resolved || parse_severity(thread->shown.severity).value_or(event.severity) < event.severity;
  else if (settings.mode == Mode::webhook)  // which knows nothing of earlier messages: go by what the sender says
    news = event.action == "created" || event.action == "reopened" || event.action == "escalated";
  return news ? settings.mention(event.severity) : std::string();
}

Json message_for(const Progress& progress, const Delivery& delivery, const Settings& settings,
                 const std::optional<CaseThread>& thread) {
  if (!progress.refused.empty()) return plain_message(delivery);
  switch (progress.step) {
    case Step::edit:
      return full_message(delivery, {.mention = {}, .struck = delivery.event->is_resolved()});
    case Step::reply:
      return change_message(delivery, *thread, mention_for(settings, *delivery.event, thread));
    case Step::hook:
    case Step::post:
    case Step::announce:
      break;
  }
  return full_message(delivery, {.mention = mention_for(settings, *delivery.event, thread), .struck = false});
}

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string note_on(const Progress& progress, const Delivery& delivery) {
  std::vector<std::string> notes;
  if (!progress.refused.empty())
    notes.push_back("sent as plain text: Slack refused the layout (" + progress.refused + ")");
  if (delivery.previous_unknown && progress.step != Step::edit)
    notes.emplace_back("an earlier attempt may have been posted too: Slack has no idempotency key");
  return text::join(notes, "; ");
}

}  // namespace

HttpRequest Slack::call(std::string_view method) const {
  HttpRequest request;
  request.url = settings_.api_base.text;
  if (!request.url.reveal().ends_with('/')) request.url.append("/");
  request.url.append(method);
  request.headers = {{"Content-Type", "application/json; charset=utf-8"},
                     {"Authorization", SensitiveText("Bearer ").append(settings_.bot_token)}};
  return request;
}

Request Slack::request_for(const Progress& progress, const Delivery& delivery) const {
  const auto thread = thread_of(delivery, settings_);
  Json message = message_for(progress, delivery, settings_, thread);

  if (progress.step == Step::hook) {
    message["unfurl_links"] = settings_.unfurl_links;
    message["unfurl_media"] = settings_.unfurl_links;
    HttpRequest request;
    request.url = settings_.webhook_url.text;
    request.headers = {{"Content-Type", "application/json"}};
    request.body = dump(message);
    return request;
  }
  if (progress.step == Step::edit) {
    message["channel"] = thread->channel;
    message["ts"] = thread->ts;
    if (!progress.refused.empty()) {  // what is left out of an edit stays as it was
      message["blocks"] = Json::array();
      message["attachments"] = Json::array();
    }
    auto request = call("chat.update");
    request.body = dump(message);
    request.idempotent = true;  // the same edit twice is one edit
    return request;
  }
  message["channel"] = progress.step == Step::reply ? thread->channel : settings_.channel;
  if (progress.step == Step::reply) message["thread_ts"] = thread->ts;
  message["unfurl_links"] = settings_.unfurl_links;
  message["unfurl_media"] = settings_.unfurl_links;
  if (!settings_.username.empty()) message["username"] = settings_.username;
  if (!settings_.icon_emoji.empty()) message["icon_emoji"] = settings_.icon_emoji;
  if (!settings_.icon_url.empty()) message["icon_url"] = settings_.icon_url;
  auto request = call("chat.postMessage");
  request.body = dump(message);
  return request;
}

Request Slack::render(Batch batch, const RenderContext&) const {
  const Delivery& delivery = batch.front();
  return request_for(Progress::first(settings_, *delivery.event, thread_of(delivery, settings_)), delivery);
}

Verdict Slack::interpret(Batch batch, const Request&, const Response& response, const RenderContext& context) const {
  const auto* http = std::get_if<HttpResponse>(&response);
  if (http == nullptr) return Retry{"not an HTTP answer", {}};
  const Delivery& delivery = batch.front();
  const auto thread = thread_of(delivery, settings_);
  const auto first = Progress::first(settings_, *delivery.event, thread);
  auto progress = Progress::parse(context.state).value_or(first);
  if (!thread && (progress.step == Step::edit || progress.step == Step::reply)) progress = first;  // nothing to act on
  const auto answer = progress.step == Step::hook ? read_webhook_answer(*http) : read_api_answer(*http);
  const auto go_on = [&](const Progress& next) -> Verdict { return Next{request_for(next, delivery), next.str()}; };

  if (answer.ok && progress.step == Step::edit) return go_on(Progress::after_edit(settings_));
  if (answer.ok) return delivered(progress, delivery, answer);

  if (progress.step != Step::post && is_message_gone(answer.error)) return go_on({Step::post, {}});
  if (progress.step == Step::edit && is_edit_refused(answer.error)) return go_on(Progress::after_edit(settings_));
  if (is_layout_error(answer.error) && progress.refused.empty()) return go_on({progress.step, answer.error});
  return judge(*http, answer, context.now);
}

Verdict Slack::delivered(const Progress& progress, const Delivery& delivery, const Answer& answer) const {
  Delivered out;
  out.note = note_on(progress, delivery);
  if (progress.step == Step::hook) return out;  // a webhook's answer names no message

  CaseThread thread;
  if (progress.step == Step::post) {
    if (answer.channel.empty() || answer.ts.empty()) return out;
    thread = {.channel = answer.channel, .configured = settings_.channel, .ts = answer.ts, .shown = {}};
  } else {
    thread = *thread_of(delivery, settings_);
  }
  thread.shown = Shown::of(*delivery.event);
  out.external_ref = thread.ts;
  out.state = thread.state();
  return out;
}

std::optional<Request> Slack::probe(const RenderContext&) const {
  if (settings_.mode == Mode::webhook) return std::nullopt;
  auto request = call("auth.test");
  request.body = "{}";
  request.idempotent = true;
  return request;
}

Verdict Slack::interpret_probe(const Request& request, const Response& response, const RenderContext& context) const {
  const auto* http = std::get_if<HttpResponse>(&response);
  if (http == nullptr) return Retry{"not an HTTP answer", {}};
  const auto answer = read_api_answer(*http);
  if (!answer.ok) return judge(*http, answer, context.now);
  Delivered good;
  good.note = "signed in as " + text::truncate(text::single_line(scrub(answer.user, request)), 80) + " of " +
              text::truncate(text::single_line(scrub(answer.team, request)), 80);
  return good;
}

const Manifest& manifest() {
  static const Manifest manifest{
      .name = "slack",
      .title = "Slack",
      .category = Category::alerting,
      .summary =
          "Posts events to a Slack channel; as a bot, with a thread per case that is struck when it is resolved.",
      .accepts = {Kind::alert, Kind::case_, Kind::runbook, Kind::digest},
      .auth = {"webhook_url", "bot_token"},
      .docs = "connectors/slack/README.md",
      .settings = Settings::table().specs(),
      .make_sink = sink_maker<Slack, Settings>(),
  };
  return manifest;
}

}  // namespace wardex::slack
