#include "transport/dialer.hpp"

#include <algorithm>
#include <array>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include "runtime/async.hpp"
#include "transport/http_wire.hpp"
#include "transport/response_reader.hpp"

namespace wardex::transport {

namespace {

using Clock = std::chrono::steady_clock;

/// A share of the connect budget that still lets a slow but living address answer.
constexpr Millis kLeastShare{250};
constexpr std::size_t kMaxAddresses = 8;

std::shared_ptr<Socket> shared_socket(const asio::any_io_executor& executor) {
  return std::make_shared<Socket>(executor);
}

void close(Socket& socket) {
  boost::system::error_code ignored;
  socket.close(ignored);
}

/// One address, within its own deadline; the error is timed_out when that passed.
asio::awaitable<boost::system::error_code> connect_one(std::shared_ptr<Socket> socket, asio::ip::tcp::endpoint endpoint,
                                                       std::shared_ptr<runtime::Deadline> share) {
  share->on_expiry([socket] { close(*socket); });
  const asio::generic::stream_protocol::endpoint generic(endpoint);
  const auto [error] = co_await socket->async_connect(generic, runtime::nothrow);
  share->on_expiry(nullptr);
  if (share->expired()) co_return make_error_code(boost::system::errc::timed_out);
  co_return error;
}

/// CONNECT (RFC 9110 9.3.6). Empty: the tunnel stands.
asio::awaitable<std::string> open_tunnel(std::shared_ptr<Socket> socket, std::shared_ptr<const Route> route) {
  const auto head =
      connect_head(route->url, {.user_agent = route->user_agent, .proxy_authorization = route->proxy_authorization});
  const auto out = asio::buffer(head);
  const auto [write_error, written] = co_await asio::async_write(*socket, out, runtime::nothrow);
  if (write_error) co_return write_error.message();
  ResponseReader reader(1024, false, true);
  std::array<char, 1024> bytes{};
  auto state = ResponseReader::State::more;
  while (state == ResponseReader::State::more) {
    // Byte by byte would be pedantic: a proxy sends nothing after its answer until the client speaks TLS.
    const auto into = asio::buffer(bytes);
    const auto [error, size] = co_await socket->async_read_some(into, runtime::nothrow);
    if (error == asio::error::eof)
      state = reader.end(true);
    else if (error)
      co_return error.message();
    else
      state = reader.feed({bytes.data(), size});
  }
  if (state == ResponseReader::State::failed) co_return reader.error();
  const bool clean = reader.exact();
  const auto answer = reader.take();
  if (answer.status / 100 == 2) co_return clean ? std::string() : "it sent bytes ahead of the tunnel";
  co_return "it answered " + std::to_string(answer.status) + " to CONNECT" +
      (answer.status == 407 ? " (proxy credentials missing or wrong)" : "");
}

}  // namespace

Dialer::Dialer(asio::any_io_executor executor, EgressPolicy egress, Lookup lookup)
    : executor_(executor), egress_(std::move(egress)), resolver_(std::move(executor), std::move(lookup)) {}

asio::awaitable<std::variant<Socket, Failure>> Dialer::connect(Url next_hop, std::string shown,
                                                               std::shared_ptr<runtime::Deadline> deadline) {
  using Result = std::variant<Socket, Failure>;
  Resolved resolved = Addresses();
  if (next_hop.literal)
    resolved = Addresses{*next_hop.literal};
  else
    resolved = co_await resolver_.resolve(next_hop.host, deadline);
  if (const auto* error = std::get_if<std::string>(&resolved))
    co_return Result(Failure{Phase::resolve, "resolve " + shown + ": " + *error});

  auto addresses = std::get<Addresses>(std::move(resolved));
  std::string refusal;
  std::erase_if(addresses, [&](const asio::ip::address& address) {
    auto why = egress_.refuse(address, next_hop.port, next_hop.host);
    if (why) refusal = std::move(*why);
    return why.has_value();
  });
  if (addresses.empty()) co_return Result(Failure{Phase::refused, shown + ": " + refusal, true});
  if (addresses.size() > kMaxAddresses) addresses.resize(kMaxAddresses);

  Failure failure{Phase::connect, "connect to " + shown + ": timed out"};
  for (std::size_t i = 0; i < addresses.size() && !deadline->expired(); ++i) {
    const asio::ip::tcp::endpoint endpoint(addresses[i], next_hop.port);
    const auto left = std::chrono::duration_cast<Millis>(deadline->at() - Clock::now());
    const auto share = std::max(kLeastShare, left / static_cast<Millis::rep>(addresses.size() - i));
    auto own = std::make_shared<runtime::Deadline>(executor_);
    own->expire_at(std::min(deadline->at(), Clock::now() + share));
    deadline->on_expiry([own] { own->expire_now(); });
    auto socket = shared_socket(executor_);
    const auto error = co_await connect_one(socket, endpoint, own);
    deadline->on_expiry(nullptr);
    if (!error) {
      boost::system::error_code ignored;
      socket->set_option(asio::ip::tcp::no_delay(true), ignored);
      socket->set_option(asio::socket_base::keep_alive(true), ignored);
      co_return Result(std::move(*socket));
    }
    auto at = endpoint.address().to_string();
    const auto where = next_hop.literal ? shown : shown + " (" + at + ")";
    failure.reason = "connect to " + where + ": " +
                     (error == boost::system::errc::timed_out ? std::string("timed out") : error.message());
  }
  co_return Result(std::move(failure));
}

asio::awaitable<Dialled> Dialer::dial(Route route, std::shared_ptr<runtime::Deadline> deadline) {
  const auto shared = std::make_shared<const Route>(std::move(route));
  if (shared->proxy && shared->url.literal)
    if (auto why = egress_.refuse(*shared->url.literal, shared->url.port, shared->url.host))
      co_return Dialled(Failure{Phase::refused, shared->shown + ": " + *why, true});

  const auto hop = shared->proxy ? shared->proxy->server : shared->url;
  const auto hop_shown = shared->proxy ? "proxy " + hop.authority() : shared->shown;
  auto connected = co_await connect(hop, hop_shown, deadline);
  if (auto* failure = std::get_if<Failure>(&connected)) co_return Dialled(std::move(*failure));
  auto socket = std::make_shared<Socket>(std::get<Socket>(std::move(connected)));
  if (!shared->url.tls) co_return Dialled(std::shared_ptr<Stream>(plain_stream(std::move(*socket))));

  if (shared->proxy) {
    deadline->on_expiry([socket] { close(*socket); });
    const auto why = co_await open_tunnel(socket, shared);
    deadline->on_expiry(nullptr);
    if (!why.empty() || deadline->expired())
      co_return Dialled(
          Failure{Phase::connect, hop_shown + ": " + (deadline->expired() ? std::string("timed out") : why)});
  }
  std::shared_ptr<TlsStream> stream = tls_client_stream(std::move(*socket), shared->tls, shared->url.host,
                                                        shared->url.literal.has_value(), shared->verify);
  deadline->on_expiry([stream] { stream->close(); });
  auto handshake = co_await stream->handshake();
  deadline->on_expiry(nullptr);
  if (!handshake.ok() || deadline->expired())
    co_return Dialled(Failure{Phase::tls, "TLS with " + shared->shown + ": " +
                                              (deadline->expired() ? std::string("timed out") : handshake.reason)});
  co_return Dialled(std::shared_ptr<Stream>(std::move(stream)));
}

}  // namespace wardex::transport
