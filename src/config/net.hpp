// Address notations in settings, checked without a resolver.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wardex::config {

struct HostPort {
  std::string host;  ///< without the brackets of an IPv6 address
  std::optional<std::uint16_t> port;
};

/// "host", "host:8088", "10.0.0.1:53", "[::1]:8640", ":8640", "::1".
std::optional<HostPort> split_host_port(std::string_view text);
/// An IPv4 or IPv6 address.
bool is_address(std::string_view text);
bool is_loopback_address(std::string_view text);
/// A DNS name or an address.
bool is_host(std::string_view text);

struct Cidr {
  bool v6 = false;
  unsigned prefix = 0;
};
/// "10.20.0.0/16"; nullopt and the reason otherwise. Host bits must be zero: 10.20.1.0/16 is nearly always a slip.
std::optional<Cidr> parse_cidr(std::string_view text, std::string& why);

}  // namespace wardex::config
