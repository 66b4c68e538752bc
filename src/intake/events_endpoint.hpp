// POST /v1/events: bytes -> authenticated, normalised, routed, durable events -> 202.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "config/config.hpp"
#include "route/router.hpp"
#include "runtime/clock.hpp"
#include "store/store.hpp"
#include "transport/http_server.hpp"

namespace wardex::intake {

namespace asio = boost::asio;

/// One configuration generation as intake sees it; swapped whole on reload.
struct Generation {
  std::shared_ptr<const config::Config> config;
  std::shared_ptr<const route::Router> router;
};

/// A committed event on its way to a lane.
struct AcceptedEvent {
  store::Seq seq = 0;
  std::shared_ptr<const Event> event;
  std::vector<std::string> connectors;  ///< not the muted ones
};

/// What more should be taken, though everything could still be kept.
struct Room {
  enum class For : std::uint8_t {
    everything,
    critical,  ///< the reserve: critical events only
    nothing,
  };
  For left = For::everything;
  std::string why;  ///< not everything: which mark is reached
};

struct Hooks {
  std::function<Generation()> generation;
  std::function<void(std::vector<AcceptedEvent>)> accepted;  ///< after commit, before the 202
  /// Not empty: intake is closed for now (store failing, disk nearly full, shutting down); the text says why.
  std::function<std::string()> closed;
  /// Healthy, but more is waiting than the configuration allows (429 rather than 503). May be left out.
  std::function<Room()> room = {};
};

struct Stats {
  std::uint64_t requests = 0;
  std::uint64_t accepted = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t rejected = 0;
  std::uint64_t turned_away = 0;  ///< for want of room, out of requests whose critical events were taken
  std::uint64_t heartbeats = 0;
  std::uint64_t unauthorised = 0;
};

class EventsEndpoint {
 public:
  EventsEndpoint(store::Store& store, const runtime::Clock& clock, Hooks hooks);
  ~EventsEndpoint();

  /// From the header alone: method, content type, encoding, bearer token or client certificate, declared size, and
  /// whether there is room for anything at all. An HMAC signature can only be checked with the body, in handle(), and
  /// so can whether events are critical.
  [[nodiscard]] std::optional<transport::ServerResponse> check(const transport::ServerRequest& header) const;
  asio::awaitable<transport::ServerResponse> handle(transport::ServerRequest request);
  [[nodiscard]] Stats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wardex::intake
