// The endpoints' bodies: parse the parameters, ask the stage that knows, answer with its document. Those about the
// mailbox and about connectors have files of their own.
#include <algorithm>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "api/answers.hpp"
#include "api/api.hpp"
#include "api/documents.hpp"
#include "api/metrics.hpp"
#include "embedded/docs.hpp"

namespace wardex::api {

using nlohmann::json;
using transport::problem;
using transport::ServerRequest;
using transport::ServerResponse;

Api::Reply Api::health(ServerRequest, std::string) {
  co_return document({{"status", "ok"}, {"version", version().version}});
}

Api::Reply Api::readiness(ServerRequest, std::string) {
  const auto why_not = hooks_.not_ready();
  if (why_not.empty()) co_return document({{"status", "ready"}});
  auto answer = problem(503, "Not ready", why_not);
  answer.headers.emplace_back("Retry-After", "5");
  co_return answer;
}

Api::Reply Api::metrics(ServerRequest, std::string) {
  ServerResponse response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = prometheus_text({.totals = store_.totals(),
                                   .gauges = store_.gauges(),
                                   .store_healthy = !store_.fault().has_value(),
                                   .ready = hooks_.not_ready().empty(),
                                   .lanes = engine_.status(),
                                   .mailbox = mailbox_.states(),
                                   .intake = events_.stats(),
                                   .server = server_stats_(),
                                   .now = clock_.wall(),
                                   .started_at = hooks_.started_at});
  co_return response;
}

Api::Reply Api::openapi(ServerRequest, std::string) {
  ServerResponse response;
  response.content_type = "application/yaml";
  response.body = std::string(embedded::docs::files.front().content);
  co_return response;
}

Api::Reply Api::post_events(ServerRequest request, std::string) {
  auto reply = events_.handle(std::move(request));
  auto response = co_await std::move(reply);
  co_return response;
}

Api::Reply Api::list_events(ServerRequest request, std::string) {
  const auto limit = number(request, "limit", 50);
  const auto before = number(request, "before", 0);
  if (!limit) co_return bad_number("limit");
  if (!before) co_return bad_number("before");
  store::EventFilter filter;
  filter.case_id = request.query_parameter("case_id");
  filter.before = *before;
  filter.limit = std::min(*limit, kMaxPage);
  std::function<void(store::Done<std::vector<store::EventSummary>>)> verb = [this, filter](auto done) {
    store_.events(filter, std::move(done));
  };
  auto asked = ask<std::vector<store::EventSummary>>(std::move(verb));
  auto result = co_await std::move(asked);
  if (!result) co_return store_problem(result.error());
  json items = json::array();
  for (const auto& event : *result) items.push_back(to_json(event));
  co_return document({{"events", std::move(items)}});
}

Api::Reply Api::show_event(ServerRequest, std::string id) {
  std::function<void(store::Done<store::EventTrail>)> verb = [this, id](auto done) {
    store_.trail(id, std::move(done));
  };
  auto asked = ask<store::EventTrail>(std::move(verb));
  auto result = co_await std::move(asked);
  if (!result) co_return store_problem(result.error());
  co_return document(to_json(*result));
}

Api::Reply Api::status(ServerRequest, std::string) {
  const auto config = hooks_.config();
  const auto totals = store_.totals();
  const auto gauges = store_.gauges();
  std::int64_t mismatch = 0;
  for (const auto& [id, account] : totals.connectors) mismatch += account.mismatch();
  const auto fault = store_.fault();
  const auto not_ready = hooks_.not_ready();
  json body{{"version", version().version},
            {"started_at", to_iso(hooks_.started_at)},
            {"listen", hooks_.listen()},
            {"ready", not_ready.empty()},
            {"config_digest", config->digest},
            {"events", totals.events},
            {"unrouted", totals.unrouted},
            {"conservation_mismatch", mismatch},
            {"store",
             {{"fault", fault ? json(fault->message) : json(nullptr)},
              {"database_bytes", gauges.database_bytes},
              {"wal_bytes", gauges.wal_bytes},
              {"free_bytes", gauges.free_bytes},
              {"audit_head_id", gauges.audit_head_id}}},
            {"audit", audit_document(gauges, clock_.wall())}};
  if (!not_ready.empty()) body["not_ready"] = not_ready;
  body["mailbox"] = {{"alarms", mailbox_alarms(mailbox_.states())}, {"replays", to_json(replays_.list())}};
  body["connectors"] = connectors_document(totals);
  co_return document(body);
}

Api::Reply Api::routes(ServerRequest, std::string) {
  const auto config = hooks_.config();
  json matrix = json::object();
  for (const auto& [severity, to] : config->matrix) matrix[std::string(to_string(severity))] = to;
  json routes = json::array();
  for (const auto& route : config->routes)
    routes.push_back({{"name", route.name},
                      {"to", route.to},
                      {"continue", route.continue_},
                      {"stop", route.stop},
                      {"mute", route.mute}});
  co_return document({{"matrix", std::move(matrix)}, {"routes", std::move(routes)}});
}

Api::Reply Api::audit(ServerRequest request, std::string) {
  const auto limit = number(request, "limit", 50);
  const auto before = number(request, "before", 0);
  const auto after = number(request, "after", 0);
  if (!limit) co_return bad_number("limit");
  if (!before) co_return bad_number("before");
  if (!after) co_return bad_number("after");
  store::AuditFilter filter;
  filter.before_id = static_cast<std::int64_t>(*before);
  filter.after_id = static_cast<std::int64_t>(*after);
  filter.connector = request.query_parameter("connector");
  filter.action = request.query_parameter("action");
  filter.oldest_first = request.query_parameter("order") == "oldest";
  filter.limit = std::min(*limit, kMaxPage);
  std::function<void(store::Done<std::vector<store::AuditRow>>)> verb = [this, filter](auto done) {
    store_.audit(filter, std::move(done));
  };
  auto asked = ask<std::vector<store::AuditRow>>(std::move(verb));
  auto result = co_await std::move(asked);
  if (!result) co_return store_problem(result.error());
  json rows = json::array();
  for (const auto& row : *result) rows.push_back(to_json(row));
  co_return document({{"audit", std::move(rows)}});
}

Api::Reply Api::backup(ServerRequest request, std::string) {
  auto parsed = object_body(request);
  if (auto* bad = std::get_if<ServerResponse>(&parsed)) co_return std::move(*bad);
  const auto& body = std::get<json>(parsed);
  const auto path = body.contains("path") && body["path"].is_string() ? body["path"].get<std::string>() : "";
  if (path.empty() || !std::filesystem::path(path).is_absolute())
    co_return problem(422, "Bad field", "/path must be an absolute path for the copy.");
  std::function<void(store::Done<store::Ok>)> verb = [this, path](auto done) { store_.backup(path, std::move(done)); };
  auto asked = ask<store::Ok>(std::move(verb));
  auto result = co_await std::move(asked);
  if (!result) co_return store_problem(result.error());
  co_return document({{"backup", path}});
}

Api::Reply Api::reload(ServerRequest, std::string) {
  const auto problems = hooks_.reload();
  json list = json::array();
  for (const auto& one : problems.all()) list.push_back(to_json(one));
  co_return document({{"reloaded", !problems.has_errors()}, {"problems", std::move(list)}},
                     problems.has_errors() ? 422 : 200);
}

}  // namespace wardex::api
