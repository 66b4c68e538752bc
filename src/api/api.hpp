// The REST API: a table of endpoints over interfaces. Intake is one of them; the console will be another.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <nlohmann/json_fwd.hpp>

#include "config/config.hpp"
#include "deliver/controls.hpp"
#include "deliver/engine.hpp"
#include "deliver/mailbox_watch.hpp"
#include "deliver/replays.hpp"
#include "intake/events_endpoint.hpp"
#include "runtime/clock.hpp"
#include "store/store.hpp"
#include "transport/http_server.hpp"

namespace wardex::api {

namespace asio = boost::asio;

struct Version {
  std::string_view version;
  std::string_view commit;
};
Version version();

/// What the API needs of the running gateway beyond the stages' own interfaces.
struct Hooks {
  std::function<std::shared_ptr<const config::Config>()> config;
  std::function<std::string()> listen;     ///< the address actually bound, with the real port
  std::function<std::string()> not_ready;  ///< empty: ready; else why not
  /// Re-reads the configuration; the problems found, if any. The old one stays in force on an error.
  std::function<Problems()> reload;
  /// A sample event for the dry test of this connector.
  std::function<std::shared_ptr<const Event>(const std::string& connector)> sample;
  /// The event as it was accepted.
  std::function<Event(const store::StoredEvent& stored)> restore;
  WallTime started_at{};
};

class Api {
 public:
  Api(store::Store& store, deliver::Engine& engine, deliver::Controls& controls, deliver::Replays& replays,
      const deliver::MailboxWatch& mailbox, intake::EventsEndpoint& events, const runtime::Clock& clock, Hooks hooks,
      std::function<transport::ServerStats()> server_stats);

  /// For HttpServer: access is decided here, before any body is read.
  [[nodiscard]] std::optional<transport::ServerResponse> check(const transport::ServerRequest& header) const;
  asio::awaitable<transport::ServerResponse> handle(transport::ServerRequest request);

  /// Who may call an endpoint.
  enum class Access {
    open,     ///< anybody who reaches the port
    intake,   ///< decided by the intake endpoint (senders' credentials)
    observe,  ///< loopback, the local socket, or an API token: metrics
    operate,  ///< the local socket or an API token
    local,    ///< the local socket only: names paths on this machine
  };
  struct Endpoint;
  /// "GET /v1/events/{id}" of every endpoint: the OpenAPI test compares them with docs/openapi.yaml.
  [[nodiscard]] static std::vector<std::string> endpoints();

 private:
  struct Match;
  static const std::vector<Endpoint>& table();
  [[nodiscard]] Match match(const transport::ServerRequest& request) const;
  [[nodiscard]] std::string actor(const transport::ServerRequest& request) const;

  // One per endpoint; `id` is the path parameter or empty.
  using Reply = asio::awaitable<transport::ServerResponse>;
  Reply health(transport::ServerRequest request, std::string id);
  Reply readiness(transport::ServerRequest request, std::string id);
  Reply metrics(transport::ServerRequest request, std::string id);
  Reply openapi(transport::ServerRequest request, std::string id);
  Reply post_events(transport::ServerRequest request, std::string id);
  Reply list_events(transport::ServerRequest request, std::string id);
  Reply show_event(transport::ServerRequest request, std::string id);
  Reply status(transport::ServerRequest request, std::string id);
  Reply list_connectors(transport::ServerRequest request, std::string id);
  Reply test_connector(transport::ServerRequest request, std::string id);
  Reply hold_connector(transport::ServerRequest request, std::string id);
  Reply drain_connector(transport::ServerRequest request, std::string id);
  Reply resume_connector(transport::ServerRequest request, std::string id);
  Reply routes(transport::ServerRequest request, std::string id);
  Reply list_mailbox(transport::ServerRequest request, std::string id);
  Reply group_mailbox(transport::ServerRequest request, std::string id);
  Reply show_mailbox(transport::ServerRequest request, std::string id);
  Reply replay_mailbox(transport::ServerRequest request, std::string id);
  Reply list_replays(transport::ServerRequest request, std::string id);
  Reply cancel_replay(transport::ServerRequest request, std::string id);
  Reply discard_mailbox(transport::ServerRequest request, std::string id);
  Reply audit(transport::ServerRequest request, std::string id);
  Reply backup(transport::ServerRequest request, std::string id);
  Reply reload(transport::ServerRequest request, std::string id);

  Reply control_connector(transport::ServerRequest request, std::string id, store::Control::Mode mode);
  [[nodiscard]] nlohmann::json connectors_document(const store::Totals& totals) const;
  // In mailbox_handlers.cpp.
  asio::awaitable<store::Result<store::MailboxSum>> count(store::MailboxFilter which);
  asio::awaitable<store::Result<store::MailboxPage>> page(store::MailboxFilter which);
  asio::awaitable<std::optional<store::Error>> add_bodies(std::shared_ptr<nlohmann::json> answer,
                                                          std::vector<store::MailboxEntry> entries);
  asio::awaitable<nlohmann::json> rendered(store::MailboxEntry entry);

  store::Store& store_;
  deliver::Engine& engine_;
  deliver::Controls& controls_;
  deliver::Replays& replays_;
  const deliver::MailboxWatch& mailbox_;
  intake::EventsEndpoint& events_;
  const runtime::Clock& clock_;
  Hooks hooks_;
  std::function<transport::ServerStats()> server_stats_;
};

}  // namespace wardex::api
