// Builds the transport that the daemon and `wardex-gateway test` use.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "transport/egress.hpp"
#include "transport/resolver.hpp"
#include "transport/transport.hpp"

namespace wardex::transport {

/// Limits of the HTTP connection pool.
struct PoolLimits {
  std::size_t open_per_origin = 64;  ///< in use at once; further requests wait, within their own deadline
  std::size_t idle_per_origin = 8;
  std::size_t idle_total = 256;
  Millis idle_timeout{50000};  ///< below the 60 s after which common load balancers drop a connection silently
};

/// A transport over real sockets and files, with the levers that a reload and a SIGHUP pull.
class NetworkTransport : public Transport {
 public:
  /// Holds for connects from now on. Idle connections are closed, so that a narrowed policy bites at once.
  virtual void set_egress(EgressPolicy policy) = 0;
  virtual void set_limits(PoolLimits limits) = 0;
  /// Closes cached log file handles: the next append opens the path anew (logrotate).
  virtual void reopen_files() = 0;
};

/// `lookup` replaces getaddrinfo (tests).
std::unique_ptr<NetworkTransport> make_transport(asio::any_io_executor executor, EgressPolicy egress,
                                                 std::string user_agent, PoolLimits limits = {},
                                                 Lookup lookup = system_lookup);

}  // namespace wardex::transport
