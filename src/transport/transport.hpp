// Sends requests. Knows sockets, TLS, pools, proxies, files and deadlines; knows no connector.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include <boost/asio/awaitable.hpp>

#include "wardex/request.hpp"
#include "wardex/response.hpp"
#include "wardex/time.hpp"

namespace wardex::transport {

namespace asio = boost::asio;

/// How far an exchange got when it failed. From `sent` on the receiver may have acted: the outcome is unknown.
enum class Phase : std::uint8_t { refused, resolve, connect, tls, send, sent, response };
std::string_view to_string(Phase phase);

struct Failure {
  Phase phase = Phase::connect;
  std::string reason;      ///< for humans, redacted: "connect to 10.0.0.5:443: connection refused"
  bool permanent = false;  ///< refused by policy or configuration (egress guard, bad URL): no retry will help
  /// Request bytes left us and no answer came back: the receiver may have acted on it.
  [[nodiscard]] bool ambiguous() const { return phase >= Phase::sent; }
};

using Outcome = std::variant<Response, Failure>;

struct TlsOptions {
  std::string ca_file;
  std::string client_cert;
  std::string client_key;
  bool insecure_skip_verify = false;
};

/// Fixed per lane for a configuration generation.
struct SendOptions {
  Millis timeout{15000};  ///< whole exchange
  Millis connect_timeout{5000};
  std::size_t max_response = 64UL * 1024UL;
  TlsOptions tls;
  SensitiveText proxy;  ///< empty: direct
};

class Transport {
 public:
  virtual ~Transport() = default;
  /// Never throws; completes by the deadline whatever the peer does. `options` outlives the operation through the
  /// shared_ptr; the request is taken by value for the same reason.
  virtual asio::awaitable<Outcome> send(Request request, std::shared_ptr<const SendOptions> options) = 0;
  /// Closes idle connections and makes operations under way fail soon.
  virtual void stop() = 0;
};

}  // namespace wardex::transport
