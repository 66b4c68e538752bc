// One byte stream over a socket, plain or TLS, client or server: what everything above sockets is written against.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>

namespace wardex::transport {

namespace asio = boost::asio;

/// TCP and unix sockets alike.
using Socket = asio::generic::stream_protocol::socket;

struct IoResult {
  boost::system::error_code error;
  std::size_t bytes = 0;
};
/// Head and body: two buffers, one system call.
using WriteBuffers = std::array<asio::const_buffer, 2>;

/// Operations have no time limit of their own: a runtime::Deadline closes the stream. One read and one write at a time.
class Stream {
 public:
  virtual ~Stream() = default;
  virtual asio::awaitable<IoResult> read_some(asio::mutable_buffer into) = 0;
  /// Writes all of it; on error `bytes` says how much the kernel took (for TLS: of the plain text).
  virtual asio::awaitable<IoResult> write(WriteBuffers buffers) = 0;
  /// Tells the peer that no more will come (FIN, for TLS close_notify first).
  virtual asio::awaitable<void> finish() = 0;
  /// Operations under way end with operation_aborted; the stream stays usable.
  virtual void cancel() = 0;
  virtual void close() = 0;
  /// An idle connection is quiet: anything to read on it, be it EOF or bytes nobody asked for, ends it.
  [[nodiscard]] virtual bool quiet() = 0;
};

std::unique_ptr<Stream> plain_stream(Socket socket);

/// What a TLS handshake came to. On failure `reason` names the check that failed.
struct Handshake {
  boost::system::error_code error;
  std::string reason;
  [[nodiscard]] bool ok() const { return !error; }
};

class TlsStream : public Stream {
 public:
  virtual asio::awaitable<Handshake> handshake() = 0;
  /// Common name and subject alternative names of the peer's verified certificate.
  [[nodiscard]] virtual std::vector<std::string> peer_names() = 0;
};

/// `host`: for SNI (unless it is an address) and for the certificate check (unless `verify` is off).
std::unique_ptr<TlsStream> tls_client_stream(Socket socket, std::shared_ptr<asio::ssl::context> context,
                                             const std::string& host, bool host_is_address, bool verify);
std::unique_ptr<TlsStream> tls_server_stream(Socket socket, std::shared_ptr<asio::ssl::context> context);

/// For a read or write error on an established TLS stream: "the receiver refused our certificate: ..." when a TLS alert
/// says so (TLS 1.3 reports it only after the handshake), else empty.
std::string tls_alert(const boost::system::error_code& error);

}  // namespace wardex::transport
