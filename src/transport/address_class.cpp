#include "transport/address_class.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace wardex::transport {

namespace ip = boost::asio::ip;

namespace {

struct Range {
  std::string_view base;
  unsigned prefix;
  Tier tier;
  std::string_view what;
};

constexpr std::string_view kMetadata = "a cloud metadata address";
constexpr std::string_view kReserved = "a reserved address (RFC 6890)";
constexpr std::string_view kDocumentation = "a documentation address";

// First match wins. IANA special-purpose registries (RFC 6890), plus the metadata services of the large clouds.
constexpr std::array<Range, 35> kRanges{{
    {"169.254.0.0", 16, Tier::never, "a link-local address (cloud metadata lives there)"},
    {"0.0.0.0", 8, Tier::never, "an address of \"this network\" (RFC 1122)"},
    {"224.0.0.0", 4, Tier::never, "a multicast address"},
    {"240.0.0.0", 4, Tier::never, "a broadcast or class E address"},
    {"100.100.100.200", 32, Tier::never, kMetadata},  // Alibaba
    {"192.0.0.192", 32, Tier::never, kMetadata},      // Oracle
    {"168.63.129.16", 32, Tier::never, kMetadata},    // Azure's WireServer
    {"fd00:ec2::254", 128, Tier::never, kMetadata},   // AWS
    {"fd20:ce::254", 128, Tier::never, kMetadata},    // Google
    {"fe80::", 10, Tier::never, "a link-local address"},
    {"ff00::", 8, Tier::never, "a multicast address"},
    {"::", 128, Tier::never, "the unspecified address"},

    {"127.0.0.0", 8, Tier::listed, "a loopback address"},
    {"::1", 128, Tier::listed, "a loopback address"},
    {"10.0.0.0", 8, Tier::listed, "a private address (RFC 1918)"},
    {"172.16.0.0", 12, Tier::listed, "a private address (RFC 1918)"},
    {"192.168.0.0", 16, Tier::listed, "a private address (RFC 1918)"},
    {"100.64.0.0", 10, Tier::listed, "a carrier-grade NAT address (RFC 6598)"},
    {"192.0.0.0", 24, Tier::listed, kReserved},
    {"192.0.2.0", 24, Tier::listed, kDocumentation},
    {"198.51.100.0", 24, Tier::listed, kDocumentation},
    {"203.0.113.0", 24, Tier::listed, kDocumentation},
    {"192.88.99.0", 24, Tier::listed, kReserved},
    {"198.18.0.0", 15, Tier::listed, "a benchmarking address (RFC 2544)"},
    {"fc00::", 7, Tier::listed, "a unique local address (RFC 4193)"},
    {"fec0::", 10, Tier::listed, "a site-local address (RFC 3879)"},
    {"2001:db8::", 32, Tier::listed, kDocumentation},
    {"3fff::", 20, Tier::listed, kDocumentation},
    {"2001::", 32, Tier::listed, "a Teredo address (RFC 4380)"},
    {"2001:2::", 48, Tier::listed, "a benchmarking address (RFC 5180)"},
    {"2001:10::", 28, Tier::listed, kReserved},  // ORCHID
    {"64:ff9b:1::", 48, Tier::listed, "a local-use NAT64 address (RFC 8215)"},
    {"100::", 64, Tier::listed, "a discard-only address (RFC 6666)"},
    {"5f00::", 16, Tier::listed, "a segment routing address (RFC 9602)"},
    {"::", 96, Tier::listed, "a deprecated IPv4-compatible address (RFC 4291)"},
}};

struct Network {
  ip::address_v6 base;
  unsigned prefix;
  const Range* range;
};

const std::array<Network, kRanges.size()>& networks() {
  static const auto table = [] {
    std::array<Network, kRanges.size()> out;
    for (std::size_t i = 0; i < kRanges.size(); ++i) {
      const auto address = ip::make_address(std::string(kRanges[i].base));
      out[i] = {as_v6(address), kRanges[i].prefix + (address.is_v4() ? 96U : 0U), &kRanges[i]};
    }
    return out;
  }();
  return table;
}

ip::address_v6 mapped(const ip::address_v6::bytes_type& from, std::size_t at) {
  return ip::make_address_v6(ip::v4_mapped, ip::address_v4({from[at], from[at + 1], from[at + 2], from[at + 3]}));
}

}  // namespace

ip::address_v6 as_v6(const ip::address& address) {
  if (address.is_v4()) return ip::make_address_v6(ip::v4_mapped, address.to_v4());
  return ip::address_v6(address.to_v6().to_bytes());  // a zone index plays no part
}

ip::address_v6 unwrap(const ip::address_v6& address) {
  static const auto nat64 = ip::make_address_v6("64:ff9b::");
  static const auto six_to_four = ip::make_address_v6("2002::");
  const auto bytes = address.to_bytes();
  if (in_network(address, nat64, 96)) return mapped(bytes, 12);
  if (in_network(address, six_to_four, 16)) return mapped(bytes, 2);
  // ::a.b.c.d, but not :: and ::1
  if (in_network(address, ip::address_v6(), 96) && (bytes[12] != 0 || bytes[13] != 0)) return mapped(bytes, 12);
  return address;
}

AddressClass classify(const ip::address& address) {
  const auto plain = unwrap(as_v6(address));
  for (const auto& network : networks())
    if (in_network(plain, network.base, network.prefix)) return {network.range->tier, network.range->what};
  return {Tier::open, "a public address"};
}

bool in_network(const ip::address_v6& address, const ip::address_v6& base, unsigned prefix) {
  const auto a = address.to_bytes();
  const auto b = base.to_bytes();
  for (std::size_t i = 0; i < a.size() && i * 8 < prefix; ++i) {
    const auto bits = std::min<std::size_t>(8, prefix - i * 8);
    const auto mask = static_cast<unsigned>(0xFF00U >> bits) & 0xFFU;
    if ((a[i] & mask) != (b[i] & mask)) return false;
  }
  return true;
}

bool never_dialled(const ip::address_v6& base, unsigned prefix) {
  for (const auto& network : networks())
    if (network.range->tier == Tier::never && prefix >= network.prefix &&
        in_network(unwrap(base), network.base, network.prefix))
      return true;
  return false;
}

}  // namespace wardex::transport
