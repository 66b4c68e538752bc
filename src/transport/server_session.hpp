// One connection of the HTTP server, from handshake to close.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "runtime/deadline.hpp"
#include "transport/http_server.hpp"
#include "transport/stream.hpp"

namespace wardex::transport {

struct Connection {
  std::shared_ptr<Stream> stream;
  TlsStream* tls = nullptr;  ///< the same stream, when it is TLS
  std::string peer;
  bool local_socket = false;
  bool waiting = false;  ///< between requests: closing it now loses nothing
};

/// What all connections of a server share. Loop thread only.
struct ServerCore {
  ServerCore(asio::any_io_executor loop, ServerLimits bounds, HeaderCheck header_check, Handler request_handler)
      : executor(std::move(loop)),
        limits(bounds),
        check(std::move(header_check)),
        handler(std::move(request_handler)) {}

  asio::any_io_executor executor;
  ServerLimits limits;
  HeaderCheck check;
  Handler handler;
  ServerStats stats;
  bool draining = false;
  std::set<std::shared_ptr<Connection>> connections;
  std::map<std::string, std::size_t> per_address;
  std::function<void()> drained;

  void enter(const std::shared_ptr<Connection>& connection, const std::string& address_key);
  void leave(const std::shared_ptr<Connection>& connection, const std::string& address_key);
};

/// `address_key`: what connections_per_address counts by; empty: not counted.
asio::awaitable<void> serve(std::shared_ptr<ServerCore> core, std::shared_ptr<Connection> connection,
                            std::string address_key);

}  // namespace wardex::transport
