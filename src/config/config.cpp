#include "config/config.hpp"
#include "config/net.hpp"

namespace wardex::config {

bool Endpoint::is_loopback() const { return host == "localhost" || is_loopback_address(host); }

std::string Endpoint::str() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

const Connector* Config::find(std::string_view id) const {
  for (const auto& connector : connectors)
    if (connector.id == id) return &connector;
  return nullptr;
}

}  // namespace wardex::config
