// What kind of address this is, whatever its spelling. Pure; the egress guard decides what to do about it.
#pragma once

#include <cstdint>
#include <string_view>

#include <boost/asio/ip/address.hpp>

namespace wardex::transport {

enum class Tier : std::uint8_t { never, listed, open };  ///< never dialled; only when egress.allow lists it; free

struct AddressClass {
  Tier tier;
  std::string_view what;  ///< "a private address (RFC 1918)"
};

/// IPv4 as v4-mapped, so that one kind of network covers both families.
boost::asio::ip::address_v6 as_v6(const boost::asio::ip::address& address);

/// Looks through v4-mapped, v4-compatible, NAT64 (RFC 6052) and 6to4 (RFC 3056) spellings.
AddressClass classify(const boost::asio::ip::address& address);
/// The plain IPv4 (as v4-mapped) that such a spelling stands for, else the address itself.
boost::asio::ip::address_v6 unwrap(const boost::asio::ip::address_v6& address);

bool in_network(const boost::asio::ip::address_v6& address, const boost::asio::ip::address_v6& base, unsigned prefix);
/// The whole network lies inside one that is never dialled: listing it could have no effect.
bool never_dialled(const boost::asio::ip::address_v6& base, unsigned prefix);

}  // namespace wardex::transport
