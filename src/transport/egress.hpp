// Which addresses may be dialled. Checked on the address actually connected to, on every connect.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>

namespace wardex::transport {

/// Tier 0 (metadata, link-local, multicast, broadcast, 0/8 and their v4-mapped, NAT64 and 6to4 spellings) is always
/// refused. Tier 1 (loopback, RFC 1918, CGNAT, ULA, ...) only as `allow` lists it: CIDR, "host:port" or "host".
class EgressPolicy {
 public:
  /// nullopt and `error` set when an entry cannot be read.
  static std::optional<EgressPolicy> parse(const std::vector<std::string>& allow, std::string& error);
  /// nullopt: may be dialled. Otherwise why not, with the way out.
  [[nodiscard]] std::optional<std::string> refuse(const boost::asio::ip::address& address, std::uint16_t port,
                                                  std::string_view host) const;

 private:
  struct Network {
    boost::asio::ip::address_v6 base;  // v4 as v4-mapped
    unsigned prefix;
  };
  struct Host {
    std::string name;
    std::uint16_t port;  // 0: any
  };
  std::vector<Network> networks_;
  std::vector<Host> hosts_;
};

}  // namespace wardex::transport
