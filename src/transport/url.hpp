// Absolute http(s) URLs as connectors give them, read strictly: what we dial must be what a reader sees.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <boost/asio/ip/address.hpp>

namespace wardex::transport {

struct Url {
  bool tls = false;
  std::string host;                                 ///< lower case, no brackets, no trailing dot: for DNS and SNI
  std::optional<boost::asio::ip::address> literal;  ///< the host is an IP address
  std::uint16_t port = 0;
  std::string target;  ///< origin-form: path and query, at least "/"

  /// "host", "host:8088" or "[::1]:8088": the default port is left out (RFC 9110 7.2).
  [[nodiscard]] std::string host_field() const;
  /// "host:443", always with the port: for CONNECT and messages.
  [[nodiscard]] std::string authority() const;
};

struct ProxyUrl {
  Url server;
  std::string basic;  ///< "user:password", percent-decoded; empty: none
};

/// Or why not, in words that repeat nothing of the URL, for it may be secret.
std::variant<Url, std::string> parse_url(std::string_view text);
std::variant<ProxyUrl, std::string> parse_proxy(std::string_view text);

/// %XX decoding; nullopt for a bad escape.
std::optional<std::string> percent_decode(std::string_view text);

}  // namespace wardex::transport
