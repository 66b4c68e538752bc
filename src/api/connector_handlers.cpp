// The endpoints about connectors: what they are doing, the dry test, and what operators tell them.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "api/answers.hpp"
#include "api/api.hpp"
#include "api/documents.hpp"

namespace wardex::api {

using nlohmann::json;
using transport::problem;
using transport::ServerRequest;
using transport::ServerResponse;

namespace {

constexpr std::size_t kReason = 500;

/// {"reason": "...", "for": "2h"}, both optional.
std::variant<store::Control, ServerResponse> control_of(const ServerRequest& request, WallTime now) {
  auto parsed = object_body(request);
  if (auto* bad = std::get_if<ServerResponse>(&parsed)) return std::move(*bad);
  store::Control control;
  control.at = now;
  for (const auto& [key, value] : std::get<json>(parsed).items()) {
    if (key == "reason" && value.is_string()) {
      control.reason = value.get<std::string>();
      if (control.reason.size() > kReason)
        return problem(422, "Bad field", "/reason may have at most " + std::to_string(kReason) + " bytes.");
    } else if (key == "for" && value.is_string()) {
      const auto duration = parse_duration(value.get<std::string>());
      if (!duration || *duration <= Millis{0})
        return problem(422, "Bad field", "/for must be a duration such as 2h30m.");
      control.until = now + *duration;
    } else {
      return problem(422, "Bad field", "/" + key + " is not one of reason, for (both texts).");
    }
  }
  return control;
}

}  // namespace

json Api::connectors_document(const store::Totals& totals) const {
  const auto config = hooks_.config();
  const auto lanes = engine_.status();
  const auto controls = controls_.all();
  json out = json::array();
  for (const auto& connector : config->connectors) {
    const auto lane =
        std::find_if(lanes.begin(), lanes.end(), [&](const auto& one) { return one.connector == connector.id; });
    const auto account = totals.connectors.find(connector.id);
    const auto control = controls.find(connector.id);
    out.push_back(connector_document(connector, lane == lanes.end() ? nullptr : &*lane,
                                     account == totals.connectors.end() ? nullptr : &account->second,
                                     control == controls.end() ? nullptr : &control->second));
  }
  // Deliveries of a connector that is gone from the configuration are parked, never dropped: show them.
  for (const auto& [id, account] : totals.connectors)
    if (config->find(id) == nullptr && account.pending + account.mailbox > 0)
      out.push_back({{"id", id}, {"state", "parked"}, {"account", to_json(account)}});
  return out;
}

Api::Reply Api::list_connectors(ServerRequest, std::string) {
  co_return document({{"connectors", connectors_document(store_.totals())}});
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

Api::Reply Api::hold_connector(ServerRequest request, std::string id) {
  auto reply = control_connector(std::move(request), std::move(id), store::Control::Mode::hold);
  auto response = co_await std::move(reply);
  co_return response;
}

Api::Reply Api::drain_connector(ServerRequest request, std::string id) {
  auto reply = control_connector(std::move(request), std::move(id), store::Control::Mode::drain);
  auto response = co_await std::move(reply);
  co_return response;
}

Api::Reply Api::control_connector(ServerRequest request, std::string id, store::Control::Mode mode) {
  if (hooks_.config()->find(id) == nullptr)
    co_return problem(404, "Not found", "No connector '" + id + "' is configured.");
  auto parsed = control_of(request, clock_.wall());
  if (auto* bad = std::get_if<ServerResponse>(&parsed)) co_return std::move(*bad);
  auto control = std::get<store::Control>(std::move(parsed));
  control.connector = id;
  control.mode = mode;
  control.actor = actor(request);
  std::function<void(store::Done<store::Control>)> verb = [this, control](auto done) {
    controls_.set(control, std::move(done));
  };
  auto asked = ask<store::Control>(std::move(verb));
  auto result = co_await std::move(asked);
  if (!result) co_return store_problem(result.error());
  co_return document(to_json(*result));
}

Api::Reply Api::resume_connector(ServerRequest request, std::string id) {
  auto parsed = control_of(request, clock_.wall());
  if (auto* bad = std::get_if<ServerResponse>(&parsed)) co_return std::move(*bad);
  const auto& said = std::get<store::Control>(parsed);
  if (said.until) co_return problem(422, "Bad field", "/for says how long a hold lasts; a resume is for good.");
  std::function<void(store::Done<store::Ok>)> verb = [this, id, reason = said.reason, who = actor(request)](auto done) {
    controls_.resume(id, who, reason, std::move(done));
  };
  auto asked = ask<store::Ok>(std::move(verb));
  auto result = co_await std::move(asked);
  if (!result) co_return store_problem(result.error());
  co_return document({{"connector", id}, {"resumed", true}});
}

}  // namespace wardex::api
