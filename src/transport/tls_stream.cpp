#include <sys/socket.h>

#include <cerrno>

#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include "runtime/async.hpp"
#include "transport/stream.hpp"
#include "transport/tls_names.hpp"

namespace wardex::transport {

namespace ssl = asio::ssl;

namespace {

class TlsStreamImpl final : public TlsStream {
 public:
  TlsStreamImpl(Socket socket, std::shared_ptr<ssl::context> context, ssl::stream_base::handshake_type role,
                std::string host)
      : context_(std::move(context)), stream_(std::move(socket), *context_), role_(role), host_(std::move(host)) {}

  SSL* native() { return stream_.native_handle(); }

  asio::awaitable<Handshake> handshake() override {
    const auto [error] = co_await stream_.async_handshake(role_, runtime::nothrow);
    if (!error) co_return Handshake{};
    auto reason = describe_handshake_failure(native(), error, host_);
    co_return Handshake{error, std::move(reason)};
  }
  std::vector<std::string> peer_names() override { return certificate_names(native()); }

  asio::awaitable<IoResult> read_some(asio::mutable_buffer into) override {
    const auto [error, bytes] = co_await stream_.async_read_some(into, runtime::nothrow);
    co_return IoResult{error, bytes};
  }
  asio::awaitable<IoResult> write(WriteBuffers buffers) override {
    const auto [error, bytes] = co_await asio::async_write(stream_, buffers, runtime::nothrow);
    co_return IoResult{error, bytes};
  }
  asio::awaitable<void> finish() override {
    // Sends close_notify and waits for the peer's; the caller's deadline bounds the wait.
    co_await stream_.async_shutdown(runtime::nothrow);
    boost::system::error_code ignored;
    stream_.next_layer().shutdown(Socket::shutdown_send, ignored);
  }
  void cancel() override {
    boost::system::error_code ignored;
    stream_.next_layer().cancel(ignored);
  }
  void close() override {
    boost::system::error_code ignored;
    stream_.next_layer().close(ignored);
  }
  bool quiet() override {
    if (SSL_pending(native()) > 0) return false;
    char byte = 0;
    return recv(stream_.next_layer().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
           (errno == EAGAIN || errno == EWOULDBLOCK);
  }

 private:
  std::shared_ptr<ssl::context> context_;
  ssl::stream<Socket> stream_;
  ssl::stream_base::handshake_type role_;
  std::string host_;
};

}  // namespace

std::unique_ptr<TlsStream> tls_client_stream(Socket socket, std::shared_ptr<ssl::context> context,
                                             const std::string& host, bool host_is_address, bool verify) {
  auto stream = std::make_unique<TlsStreamImpl>(std::move(socket), std::move(context), ssl::stream_base::client, host);
  auto* native = stream->native();
  // SNI carries names only (RFC 6066 3).
  if (!host_is_address) SSL_set_tlsext_host_name(native, host.c_str());
  if (verify) {
    // OpenSSL's own host check rather than Asio's callback: its failure has a code of its own to report.
    auto* parameters = SSL_get0_param(native);
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    const int set = host_is_address ? X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str())
                                    : X509_VERIFY_PARAM_set1_host(parameters, host.c_str(), host.size());
    if (set != 1) throw std::bad_alloc();  // without the check we must not go on
  }
  return stream;
}

std::unique_ptr<TlsStream> tls_server_stream(Socket socket, std::shared_ptr<ssl::context> context) {
  return std::make_unique<TlsStreamImpl>(std::move(socket), std::move(context), ssl::stream_base::server,
                                         std::string());
}

}  // namespace wardex::transport
