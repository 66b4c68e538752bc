// File descriptors are shared out, so that neither a crowd of clients nor receivers that hang take those that the
// store, the local socket and a reload need.
#pragma once

#include <cstddef>

#include "transport/http_server.hpp"
#include "transport/make_transport.hpp"

namespace wardex::app {

struct DescriptorShares {
  transport::ServerLimits server;
  transport::PoolLimits pool;
  bool reduced = false;  ///< clients get fewer connections than the configuration says
};

/// `limit`: what the process may open in all; `connectors`: how many want a share of the connections to receivers.
DescriptorShares share_descriptors(std::size_t limit, const transport::ServerLimits& asked, std::size_t connectors);

/// Raises the soft limit of the process to the hard one (systemd's soft limit is 1024) and returns it.
std::size_t raise_descriptor_limit();

}  // namespace wardex::app
