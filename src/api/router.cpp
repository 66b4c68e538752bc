// Which endpoint a request means and whether its sender may call it.
#include <algorithm>
#include <utility>

#include "api/endpoint.hpp"
#include "wardex/crypto.hpp"

namespace wardex::api {

using transport::problem;
using transport::ServerRequest;
using transport::ServerResponse;

const std::vector<Api::Endpoint>& Api::table() {
  static const std::vector<Endpoint> endpoints{
      {"GET", "/healthz", Access::open, &Api::health},
      {"GET", "/readyz", Access::open, &Api::readiness},
      {"GET", "/metrics", Access::observe, &Api::metrics},
      {"GET", "/openapi.yaml", Access::open, &Api::openapi},
      {"POST", "/v1/events", Access::intake, &Api::post_events},
      {"GET", "/v1/events", Access::operate, &Api::list_events},
      {"GET", "/v1/events/{id}", Access::operate, &Api::show_event},
      {"GET", "/v1/status", Access::operate, &Api::status},
      {"GET", "/v1/connectors", Access::operate, &Api::list_connectors},
      {"POST", "/v1/connectors/{id}/test", Access::operate, &Api::test_connector},
      {"POST", "/v1/connectors/{id}/hold", Access::operate, &Api::hold_connector},
      {"POST", "/v1/connectors/{id}/drain", Access::operate, &Api::drain_connector},
      {"POST", "/v1/connectors/{id}/resume", Access::operate, &Api::resume_connector},
      {"GET", "/v1/routes", Access::operate, &Api::routes},
      {"GET", "/v1/mailbox", Access::operate, &Api::list_mailbox},
      {"GET", "/v1/mailbox/groups", Access::operate, &Api::group_mailbox},
      {"GET", "/v1/mailbox/replays", Access::operate, &Api::list_replays},
      {"POST", "/v1/mailbox/replays/{id}/cancel", Access::operate, &Api::cancel_replay},
      {"GET", "/v1/mailbox/{id}", Access::operate, &Api::show_mailbox},
      {"POST", "/v1/mailbox/replay", Access::operate, &Api::replay_mailbox},
      {"POST", "/v1/mailbox/discard", Access::operate, &Api::discard_mailbox},
      {"GET", "/v1/audit", Access::operate, &Api::audit},
      {"POST", "/v1/backup", Access::local, &Api::backup},
      {"POST", "/v1/reload", Access::operate, &Api::reload},
  };
  return endpoints;
}

std::vector<std::string> Api::endpoints() {
  std::vector<std::string> out;
  for (const auto& endpoint : table()) out.push_back(std::string(endpoint.method) + " " + std::string(endpoint.path));
  return out;
}

namespace {

/// The path parameter if `path` has the shape of `pattern` ("/v1/events/{id}"), "" if they are equal.
std::optional<std::string> fits(std::string_view pattern, std::string_view path) {
  const auto open = pattern.find("{id}");
  if (open == std::string_view::npos) return pattern == path ? std::optional<std::string>{""} : std::nullopt;
  const auto head = pattern.substr(0, open);
  const auto tail = pattern.substr(open + 4);
  if (path.size() <= head.size() + tail.size() || !path.starts_with(head) || !path.ends_with(tail)) return std::nullopt;
  const auto id = path.substr(head.size(), path.size() - head.size() - tail.size());
  if (id.find('/') != std::string_view::npos) return std::nullopt;
  return std::string(id);
}

std::string_view bearer(const ServerRequest& request) {
  const auto value = request.header("authorization");
  constexpr std::string_view scheme = "bearer ";
  if (value.size() <= scheme.size()) return {};
  for (std::size_t i = 0; i < scheme.size(); ++i)
    if ((value[i] | 0x20) != (scheme[i] | 0x20)) return {};
  return value.substr(scheme.size());
}

bool is_loopback(std::string_view peer) { return peer.starts_with("127.") || peer == "::1"; }

/// The API token's name; every token is compared, so that time tells nothing of which one matched.
std::optional<std::string> token_name(const config::Config& config, std::string_view presented) {
  std::optional<std::string> name;
  for (const auto& token : config.api.tokens)
    if (token.token.equals(presented) && !name) name = token.name;
  return name;
}

}  // namespace

Api::Match Api::match(const ServerRequest& request) const {
  Match found;
  const std::string_view method = request.method == "HEAD" ? std::string_view("GET") : std::string_view(request.method);
  for (const auto& endpoint : table()) {
    auto id = fits(endpoint.path, request.path);
    if (!id) continue;
    if (endpoint.method != method) {
      if (found.allow.find(endpoint.method) == std::string::npos)
        found.allow += (found.allow.empty() ? "" : ", ") + std::string(endpoint.method);
      continue;
    }
    found.endpoint = &endpoint;
    found.id = std::move(*id);
    return found;
  }
  return found;
}

std::optional<ServerResponse> Api::check(const ServerRequest& header) const {
  const auto found = match(header);
  if (found.endpoint == nullptr) {
    if (found.allow.empty())
      return problem(404, "Not found", "There is nothing at " + header.path + "; see /openapi.yaml.");
    auto answer = problem(405, "Method not allowed", header.path + " takes " + found.allow + ".");
    answer.headers.emplace_back("Allow", found.allow);
    return answer;
  }
  switch (found.endpoint->access) {
    case Access::open:
      return std::nullopt;
    case Access::intake:
      return events_.check(header);
    case Access::observe:
      if (header.local_socket || is_loopback(header.peer)) return std::nullopt;
      break;
    case Access::operate:
      if (header.local_socket) return std::nullopt;
      break;
    case Access::local:
      if (header.local_socket) return std::nullopt;
      return problem(403, "Local only", "This call names files on the gateway's machine; use the command line there.");
  }
  const auto config = hooks_.config();
  if (const auto presented = bearer(header); !presented.empty() && token_name(*config, presented)) return std::nullopt;
  auto answer = problem(401, "Unauthorised", "Send an API token (api.tokens) as Authorization: Bearer.");
  answer.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"wardex-gateway\"");
  return answer;
}

std::string Api::actor(const ServerRequest& request) const {
  if (request.local_socket) return "local";
  const auto name = token_name(*hooks_.config(), bearer(request));
  return name ? "api:" + *name : std::string("api");
}

asio::awaitable<ServerResponse> Api::handle(ServerRequest request) {
  auto found = match(request);
  if (found.endpoint == nullptr) co_return problem(404, "Not found", "There is nothing at " + request.path + ".");
  const auto handler = found.endpoint->handler;
  auto id = std::move(found.id);
  auto reply = (this->*handler)(std::move(request), std::move(id));
  auto response = co_await std::move(reply);
  co_return response;
}

}  // namespace wardex::api
