// HTTP/1.1 server shell: sockets, TLS, limits and the strict header check live here; handlers see plain values.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "wardex/time.hpp"

namespace wardex::transport {

namespace asio = boost::asio;

struct ServerRequest {
  std::string method;
  std::string path;   ///< decoded, without the query
  std::string query;  ///< raw, without '?'
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string peer;                       ///< "192.0.2.7", or "unix" for the local socket
  bool local_socket = false;              ///< came over the unix socket: guarded by file permissions
  std::vector<std::string> client_names;  ///< mTLS: CN and SANs of the verified client certificate

  [[nodiscard]] std::string_view header(
      std::string_view name) const;  ///< first value, case-insensitive; empty if absent
  [[nodiscard]] bool has_header(std::string_view name) const;
  /// A query parameter, percent-decoded; empty if absent.
  [[nodiscard]] std::string query_parameter(std::string_view name) const;
};
struct ServerResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};
/// RFC 9457 problem details.
ServerResponse problem(int status, std::string_view title, std::string_view detail);

/// Told the header before the body is read, so that a bad token or an oversized body is answered without reading it.
/// nullopt: go on. The body of a refused request is not read; the connection closes after the answer.
using HeaderCheck = std::function<std::optional<ServerResponse>(const ServerRequest& without_body)>;
using Handler = std::function<asio::awaitable<ServerResponse>(ServerRequest request)>;

struct ServerLimits {
  std::size_t header_bytes = 8UL * 1024UL;
  std::size_t header_count = 100;
  std::size_t body_bytes = 8UL * 1024UL * 1024UL;
  Millis header_timeout{10000};
  Millis body_timeout{60000};
  Millis idle_timeout{75000};
  std::size_t connections = 4096;
  std::size_t connections_per_address = 256;
};
struct ServerTlsFiles {
  std::string certificate, key, client_ca;
};
struct ServerOptions {
  std::string host{};                   ///< TCP; "*": all addresses of both families; empty: none
  std::uint16_t port = 0;               ///< 0: any free one
  std::string unix_path{};              ///< local socket, mode 0600; empty: none
  std::optional<ServerTlsFiles> tls{};  ///< TCP only; files re-read when they change
  ServerLimits limits{};
};
struct ServerStats {
  std::uint64_t connections = 0;  ///< open now
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;  ///< over a limit
  std::uint64_t requests = 0;
  std::uint64_t bad_requests = 0;
};

class HttpServer {
 public:
  /// Binds at once; throws std::system_error naming the address when it cannot.
  static std::unique_ptr<HttpServer> listen(asio::any_io_executor executor, ServerOptions options, HeaderCheck check,
                                            Handler handler);
  virtual ~HttpServer() = default;
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  [[nodiscard]] virtual ServerStats stats() const = 0;
  /// Re-reads the certificate files; new connections use them. False and `error` set when they cannot be used.
  virtual bool reload_tls(const ServerTlsFiles& files, std::string& error) = 0;
  /// From now on; what an open connection may send stays.
  virtual void set_limits(const ServerLimits& limits) = 0;
  /// Stops accepting, answers what is under way with `Connection: close`, then calls `done`.
  virtual void drain(std::function<void()> done) = 0;
  /// Closes everything now.
  virtual void stop() = 0;
};

}  // namespace wardex::transport
