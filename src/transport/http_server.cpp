#include "transport/http_server.hpp"

#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include <boost/asio/steady_timer.hpp>

#include "runtime/async.hpp"
#include "runtime/log.hpp"
#include "transport/address_class.hpp"
#include "transport/http_wire.hpp"
#include "transport/server_listen.hpp"
#include "transport/server_message.hpp"
#include "transport/server_session.hpp"
#include "transport/tls_context.hpp"

namespace wardex::transport {

namespace {

using Tcp = asio::ip::tcp;
using Local = asio::local::stream_protocol;

constexpr Millis kAcceptPause{100};

/// What a connection limit counts by: an IPv4 address, or the /64 that one IPv6 customer has to himself.
std::string address_key(const asio::ip::address& address) {
  const auto v6 = as_v6(address);
  if (v6.is_v4_mapped()) return v6.to_string();
  auto bytes = v6.to_bytes();
  for (std::size_t i = 8; i < bytes.size(); ++i) bytes[i] = 0;
  return asio::ip::address_v6(bytes).to_string();
}

std::string shown(const asio::ip::address& address) {
  const auto v6 = as_v6(address);
  return v6.is_v4_mapped() ? asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_string() : v6.to_string();
}

/// Best effort, without waiting: a client over the limit must not cost a coroutine.
void turn_away(Socket socket) {
  auto response = problem(503, reason_phrase(503), "too many connections");
  response.headers.emplace_back("Retry-After", "5");
  const auto head = response_head(response, {.keep_alive = false});
  boost::system::error_code ignored;
  socket.non_blocking(true, ignored);
  socket.send(WriteBuffers{asio::buffer(*head), asio::buffer(response.body)}, 0, ignored);
  socket.shutdown(Socket::shutdown_both, ignored);
}

}  // namespace

/// Everything that the accept loops need; they outlive the HttpServer object by a moment.
struct Listener {
  Listener(const asio::any_io_executor& executor, ServerOptions server_options, HeaderCheck check, Handler handler)
      : core(std::make_shared<ServerCore>(executor, server_options.limits, std::move(check), std::move(handler))),
        options(std::move(server_options)) {}

  std::shared_ptr<ServerCore> core;
  ServerOptions options;
  std::optional<Tcp::acceptor> tcp;
  std::optional<Local::acceptor> local;
  SocketFile socket_file;
  std::shared_ptr<asio::ssl::context> tls;
  FileStamps stamps;
  bool starved = false;  // the last accept failed for want of descriptors

  bool load_tls(const ServerTlsFiles& files, std::string& error) {
    const auto now = FileStamps::of({files.certificate, files.key, files.client_ca});
    auto context = server_context(files, error);
    if (!context) return false;
    tls = std::move(context);
    stamps = now;
    options.tls = files;
    return true;
  }
  /// Certificate files may change at any time: three stat calls a connection notice it.
  void refresh_tls() {
    const auto& files = *options.tls;
    const auto now = FileStamps::of({files.certificate, files.key, files.client_ca});
    if (now == stamps) return;
    std::string error;
    const auto copy = files;
    if (load_tls(copy, error)) {
      log::info("tls.reloaded", "certificate files changed; new connections use them", {{"file", copy.certificate}});
    } else {
      stamps = now;
      log::warning("tls.reload_failed", "changed TLS files cannot be used; the previous ones stay in use",
                   {{"error", error}});
    }
  }

  void admit(Tcp::socket socket, const Tcp::endpoint& from) {
    const auto key = address_key(from.address());
    const auto& limits = core->limits;
    const auto same = core->per_address.find(key);
    if (core->connections.size() >= limits.connections ||
        (same != core->per_address.end() && same->second >= limits.connections_per_address)) {
      ++core->stats.refused;
      if (!tls) turn_away(Socket(std::move(socket)));
      return;
    }
    boost::system::error_code ignored;
    socket.set_option(Tcp::no_delay(true), ignored);
    auto connection = std::make_shared<Connection>();
    connection->peer = shown(from.address());
    if (tls) {
      refresh_tls();
      std::shared_ptr<TlsStream> stream = tls_server_stream(Socket(std::move(socket)), tls);
      connection->tls = stream.get();
      connection->stream = std::move(stream);
    } else {
      connection->stream = plain_stream(Socket(std::move(socket)));
    }
    core->enter(connection, key);
    runtime::spawn(core->executor, "http-connection", serve(core, connection, key));
  }
  /// The local socket is the administrator's way in: it is not counted against the limits of the network.
  void admit(Local::socket socket, const Local::endpoint&) {
    auto connection = std::make_shared<Connection>();
    connection->peer = "unix";
    connection->local_socket = true;
    connection->stream = plain_stream(Socket(std::move(socket)));
    core->enter(connection, std::string());
    runtime::spawn(core->executor, "http-connection", serve(core, connection, std::string()));
  }

  void close() {
    boost::system::error_code ignored;
    if (tcp) tcp->close(ignored);
    if (local) local->close(ignored);
    socket_file.remove();
  }
};

namespace {

/// Survives every error of accept: out of descriptors (EMFILE) is a time to wait, not to die.
template <class Acceptor>
asio::awaitable<void> accept_loop(std::shared_ptr<Listener> self, Acceptor* acceptor) {
  asio::steady_timer pause(self->core->executor);
  while (acceptor->is_open()) {
    typename Acceptor::protocol_type::socket socket(self->core->executor);
    typename Acceptor::protocol_type::endpoint from;
    const auto [error] = co_await acceptor->async_accept(socket, from, runtime::nothrow);
    if (!acceptor->is_open()) co_return;
    if (!error) {
      self->starved = false;
      self->admit(std::move(socket), from);
      continue;
    }
    if (error == asio::error::connection_aborted) continue;
    if (!std::exchange(self->starved, true))
      log::error("http.accept_failed", "cannot accept connections; trying again", {{"error", error.message()}});
    pause.expires_after(kAcceptPause);
    co_await pause.async_wait(runtime::nothrow);
  }
}

class HttpServerImpl final : public HttpServer {
 public:
  explicit HttpServerImpl(std::shared_ptr<Listener> listener) : self_(std::move(listener)) {}
  ~HttpServerImpl() override { HttpServerImpl::stop(); }

  std::uint16_t port() const override { return self_->tcp ? self_->options.port : std::uint16_t{0}; }
  ServerStats stats() const override { return self_->core->stats; }
  bool reload_tls(const ServerTlsFiles& files, std::string& error) override {
    if (!self_->options.tls) {
      error = "the listener was started without TLS; restart the gateway to turn it on";
      return false;
    }
    return self_->load_tls(files, error);
  }
  void set_limits(const ServerLimits& limits) override { self_->core->limits = limits; }
  void drain(std::function<void()> done) override {
    auto& core = *self_->core;
    core.draining = true;
    self_->close();
    for (const auto& connection : core.connections)
      if (connection->waiting) connection->stream->cancel();
    if (core.connections.empty())
      asio::post(core.executor, std::move(done));
    else
      core.drained = std::move(done);
  }
  void stop() override {
    self_->core->draining = true;
    self_->close();
    for (const auto& connection : self_->core->connections) connection->stream->close();
  }

 private:
  std::shared_ptr<Listener> self_;
};

}  // namespace

std::unique_ptr<HttpServer> HttpServer::listen(asio::any_io_executor executor, ServerOptions options, HeaderCheck check,
                                               Handler handler) {
  auto self = std::make_shared<Listener>(executor, std::move(options), std::move(check), std::move(handler));
  if (self->options.tls) {
    std::string error;
    const auto files = *self->options.tls;
    if (!self->load_tls(files, error)) throw std::system_error(EINVAL, std::generic_category(), error);
  }
  if (!self->options.host.empty()) {
    self->tcp.emplace(listen_tcp(executor, self->options.host, self->options.port));
    self->options.port = self->tcp->local_endpoint().port();
  }
  if (!self->options.unix_path.empty()) {
    self->local.emplace(listen_unix(executor, self->options.unix_path));
    self->socket_file = SocketFile(self->options.unix_path);
  }
  if (self->tcp) runtime::spawn(executor, "http-accept", accept_loop(self, &*self->tcp), true);
  if (self->local) runtime::spawn(executor, "http-accept-local", accept_loop(self, &*self->local), true);
  return std::make_unique<HttpServerImpl>(std::move(self));
}

}  // namespace wardex::transport
