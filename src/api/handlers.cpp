// The endpoints' bodies: parse the parameters, ask the stage that knows, answer with its document.
#include <algorithm>
#include <charconv>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "api/api.hpp"
#include "api/documents.hpp"
#include "api/metrics.hpp"
#include "embedded/docs.hpp"
#include "normalise/normalise.hpp"
#include "runtime/async.hpp"

namespace wardex::api {

using nlohmann::json;
using transport::problem;
using transport::ServerRequest;
using transport::ServerResponse;

namespace {

ServerResponse document(const json& body, int status = 200) {
  ServerResponse response;
  response.status = status;
  // Stored text may be anything: never throw over a byte.
  response.body = body.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  return response;
}

ServerResponse store_problem(const store::Error& error) {
  switch (error.fault) {
    case store::Fault::not_found:
      return problem(404, "Not found", error.message);
    case store::Fault::conflict:
      return problem(409, "Conflict", error.message);
    default: {
      auto answer = problem(503, "Store unavailable", error.message);
      answer.headers.emplace_back("Retry-After", "5");
      return answer;
    }
  }
}

/// A non-negative number from the query; `fallback` if absent, nullopt if it is none.
std::optional<std::uint64_t> number(const ServerRequest& request, std::string_view name, std::uint64_t fallback) {
  const auto text = request.query_parameter(name);
  if (text.empty()) return fallback;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

ServerResponse bad_number(std::string_view name) {
  return problem(400, "Bad parameter", "'" + std::string(name) + "' must be a whole number.");
}

constexpr std::uint64_t kMaxPage = 1000;

/// Awaits a verb of the store: `verb` is called with the callback.
template <class T>
asio::awaitable<store::Result<T>> ask(std::function<void(store::Done<T>)> verb) {
  auto pending = runtime::await_callback<store::Result<T>>(std::move(verb));
  auto result = co_await std::move(pending);
  co_return result;
}

/// The body of an operator's call: a small JSON object.
std::variant<json, ServerResponse> object_body(const ServerRequest& request) {
  if (request.body.empty()) return json::object();
  auto parsed = normalise::parse_json(request.body, 8);
  if (const auto* error = std::get_if<normalise::ParseError>(&parsed))
    return problem(400, "Bad JSON", error->message + " at byte " + std::to_string(error->offset));
  auto& body = std::get<json>(parsed);
  if (!body.is_object()) return problem(400, "Bad JSON", "The body must be a JSON object.");
  return std::move(body);
}

/// Which mailbox entries: {"ids":[1,2]} or {"connector":"x"} or {"fingerprint":"..."} or {"all":true}.
std::variant<store::MailboxFilter, ServerResponse> mailbox_filter(const json& body) {
  store::MailboxFilter filter;
  filter.limit = 1'000'000;
  for (const auto& [key, value] : body.items()) {
    if (key == "ids" && value.is_array()) {
      for (const auto& id : value) {
        if (!id.is_number_integer()) return problem(422, "Bad field", "/ids must hold whole numbers.");
        filter.ids.push_back(id.get<std::int64_t>());
      }
    } else if (key == "connector" && value.is_string()) {
      filter.connector = value.get<std::string>();
    } else if (key == "fingerprint" && value.is_string()) {
      filter.fingerprint = value.get<std::string>();
    } else if ((key == "all" && value.is_boolean()) || (key == "reason" && value.is_string())) {
      continue;
    } else {
      return problem(422, "Bad field", "/" + key + " is not one of ids, connector, fingerprint, all, reason.");
    }
  }
  if (filter.ids.empty() && filter.connector.empty() && filter.fingerprint.empty() && !body.value("all", false))
    return problem(422, "Nothing selected", "Name ids, a connector or a fingerprint, or say \"all\": true.");
  return filter;
}

}  // namespace

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
              {"audit_head_id", gauges.audit_head_id}}}};
  if (!not_ready.empty()) body["not_ready"] = not_ready;
  const auto lanes = engine_.status();
  json connectors = json::array();
  for (const auto& connector : config->connectors) {
    const auto lane =
        std::find_if(lanes.begin(), lanes.end(), [&](const auto& l) { return l.connector == connector.id; });
    const auto account = totals.connectors.find(connector.id);
    connectors.push_back(connector_document(connector, lane == lanes.end() ? nullptr : &*lane,
                                            account == totals.connectors.end() ? nullptr : &account->second));
  }
  // Deliveries of a connector that is gone from the configuration are parked, never dropped: show them.
  for (const auto& [id, account] : totals.connectors)
    if (config->find(id) == nullptr && account.pending + account.mailbox > 0)
      connectors.push_back({{"id", id}, {"state", "parked"}, {"account", to_json(account)}});
  body["connectors"] = std::move(connectors);
  co_return document(body);
}

Api::Reply Api::list_connectors(ServerRequest request, std::string id) {
  auto reply = status(std::move(request), std::move(id));
  auto whole = co_await std::move(reply);
  co_return document({{"connectors", json::parse(whole.body).at("connectors")}});
}

Api::Reply Api::test_connector(ServerRequest request, std::string id) {
  const auto config = hooks_.config();
  if (config->find(id) == nullptr) co_return problem(404, "Not found", "No connector '" + id + "' is configured.");
  std::shared_ptr<const Event> sample;
  if (request.query_parameter("send") == "true") sample = hooks_.sample(id);
  auto running = engine_.test(id, std::move(sample));
  auto report = co_await std::move(running);

  store::AuditRecord record;
  record.at = clock_.wall();
  record.actor = actor(request);
  record.action = "test";
  record.connector = id;
  record.outcome = report.ok() ? "ok" : "error";
  record.detail = to_json(report).dump(-1, ' ', false, json::error_handler_t::replace).substr(0, 1024);
  std::function<void(store::Done<store::Ok>)> verb = [this, record](auto done) {
    store_.append_audit(record, std::move(done));
  };
  auto asked = ask<store::Ok>(std::move(verb));
  co_await std::move(asked);  // the report stands whether or not it could be recorded
  co_return document(to_json(report));
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

Api::Reply Api::list_mailbox(ServerRequest request, std::string) {
  const auto limit = number(request, "limit", 100);
  const auto after = number(request, "after", 0);
  if (!limit) co_return bad_number("limit");
  if (!after) co_return bad_number("after");
  store::MailboxFilter filter;
  filter.connector = request.query_parameter("connector");
  filter.fingerprint = request.query_parameter("fingerprint");
  filter.after_id = static_cast<std::int64_t>(*after);
  filter.limit = std::min(*limit, kMaxPage);
  std::function<void(store::Done<std::vector<store::MailboxEntry>>)> verb = [this, filter](auto done) {
    store_.mailbox(filter, std::move(done));
  };
  auto asked = ask<std::vector<store::MailboxEntry>>(std::move(verb));
  auto result = co_await std::move(asked);
  if (!result) co_return store_problem(result.error());
  json entries = json::array();
  for (const auto& entry : *result) entries.push_back(to_json(entry));
  co_return document({{"entries", std::move(entries)}});
}

Api::Reply Api::show_mailbox(ServerRequest, std::string id) {
  store::MailboxFilter filter;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (error != std::errc{} || end != id.data() + id.size()) co_return bad_number("id");
  filter.ids = {number};
  std::function<void(store::Done<std::vector<store::MailboxEntry>>)> verb = [this, filter](auto done) {
    store_.mailbox(filter, std::move(done));
  };
  auto asked = ask<std::vector<store::MailboxEntry>>(std::move(verb));
  auto result = co_await std::move(asked);
  if (!result) co_return store_problem(result.error());
  if (result->empty()) co_return problem(404, "Not found", "The mailbox has no entry " + id + ".");
  auto body = to_json(result->front());
  auto trail = show_event({}, result->front().event_id);
  auto event = co_await std::move(trail);
  if (event.status == 200) body["event"] = json::parse(event.body);
  co_return document(body);
}

Api::Reply Api::replay_mailbox(ServerRequest request, std::string) {
  auto parsed = object_body(request);
  if (auto* bad = std::get_if<ServerResponse>(&parsed)) co_return std::move(*bad);
  auto selected = mailbox_filter(std::get<json>(parsed));
  if (auto* bad = std::get_if<ServerResponse>(&selected)) co_return std::move(*bad);
  const auto filter = std::get<store::MailboxFilter>(selected);
  std::function<void(store::Done<std::vector<std::pair<std::string, store::Pending>>>)> verb =
      [this, filter, who = actor(request)](auto done) { store_.replay(filter, who, clock_.wall(), std::move(done)); };
  auto asked = ask<std::vector<std::pair<std::string, store::Pending>>>(std::move(verb));
  auto result = co_await std::move(asked);
  if (!result) co_return store_problem(result.error());
  for (const auto& [connector, delivery] : *result) engine_.offer_again(connector, delivery);
  co_return document({{"replayed", result->size()}});
}

Api::Reply Api::discard_mailbox(ServerRequest request, std::string) {
  auto parsed = object_body(request);
  if (auto* bad = std::get_if<ServerResponse>(&parsed)) co_return std::move(*bad);
  const auto& body = std::get<json>(parsed);
  auto selected = mailbox_filter(body);
  if (auto* bad = std::get_if<ServerResponse>(&selected)) co_return std::move(*bad);
  const auto reason = body.value("reason", "");
  if (reason.empty()) co_return problem(422, "Reason missing", "/reason must say why these events are given up.");
  const auto filter = std::get<store::MailboxFilter>(selected);
  std::function<void(store::Done<std::size_t>)> verb = [this, filter, reason, who = actor(request)](auto done) {
    store_.discard(filter, who, reason, clock_.wall(), std::move(done));
  };
  auto asked = ask<std::size_t>(std::move(verb));
  auto result = co_await std::move(asked);
  if (!result) co_return store_problem(result.error());
  co_return document({{"discarded", *result}});
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
