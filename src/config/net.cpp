#include "config/net.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace wardex::config {

namespace {

using AddressBytes = std::array<unsigned char, 16>;

/// Number of bytes filled: 4, 16, or 0 for no address.
std::size_t parse_address(std::string_view text, AddressBytes& bytes) {
  const std::string name(text);
  if (::inet_pton(AF_INET, name.c_str(), bytes.data()) == 1) return 4;
  if (::inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1) return 16;
  return 0;
}

template <class N>
std::optional<N> parse_number(std::string_view text) {
  N out{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

}  // namespace

std::optional<HostPort> split_host_port(std::string_view text) {
  HostPort out;
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    out.host = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
    if (out.host.find(':') == std::string::npos || !is_address(out.host)) return std::nullopt;
    if (text.empty()) return out;
    if (text.front() != ':') return std::nullopt;
    port = text.substr(1);
  } else if (is_address(text)) {
    out.host = text;
    return out;
  } else {
    const auto colon = text.find(':');
    out.host = text.substr(0, colon);
    if (colon == std::string_view::npos) return out;
    port = text.substr(colon + 1);
  }
  out.port = parse_number<std::uint16_t>(port);
  if (!out.port) return std::nullopt;
  return out;
}

bool is_address(std::string_view text) {
  AddressBytes bytes{};
  return parse_address(text, bytes) != 0;
}

bool is_loopback_address(std::string_view text) {
  AddressBytes bytes{};
  const auto size = parse_address(text, bytes);
  if (size == 4) return bytes[0] == 127;
  static constexpr AddressBytes one{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return size == 16 && bytes == one;
}

bool is_host(std::string_view text) {
  if (is_address(text)) return true;
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.empty() || text.size() > 253) return false;  // RFC 1035 2.3.4
  std::size_t label = 0;
  for (const char c : text) {
    if (c == '.') {
      if (label == 0) return false;
      label = 0;
      continue;
    }
    const bool good =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (!good || ++label > 63) return false;
  }
  // All digits and dots, yet no address: a mistyped one.
  return label > 0 && text.find_first_not_of("0123456789.") != std::string_view::npos;
}

std::optional<Cidr> parse_cidr(std::string_view text, std::string& why) {
  const auto slash = text.find('/');
  AddressBytes bytes{};
  const auto size = parse_address(text.substr(0, slash), bytes);
  const auto prefix = slash == std::string_view::npos ? std::nullopt : parse_number<unsigned>(text.substr(slash + 1));
  if (size == 0 || !prefix || *prefix > size * 8) {
    why = "is no network; write it like 10.20.0.0/16 or fd12:3456::/32";
    return std::nullopt;
  }
  AddressBytes network = bytes;
  for (std::size_t i = 0; i < size; ++i) {
    const auto kept = std::clamp(static_cast<int>(*prefix) - static_cast<int>(i) * 8, 0, 8);
    network[i] &= static_cast<unsigned char>(0xFF00U >> static_cast<unsigned>(kept));
  }
  if (network != bytes) {
    std::array<char, INET6_ADDRSTRLEN> name{};
    ::inet_ntop(size == 4 ? AF_INET : AF_INET6, network.data(), name.data(), name.size());
    why = "has bits set beyond its prefix; the network is " + std::string(name.data()) + "/" + std::to_string(*prefix);
    return std::nullopt;
  }
  return Cidr{size == 16, *prefix};
}

}  // namespace wardex::config
