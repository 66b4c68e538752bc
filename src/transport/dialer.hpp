// From a URL to a connected stream: resolve, egress guard, connect, proxy, TLS; each failure with its phase.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include <boost/asio/any_io_executor.hpp>

#include "runtime/deadline.hpp"
#include "transport/egress.hpp"
#include "transport/resolver.hpp"
#include "transport/stream.hpp"
#include "transport/transport.hpp"
#include "transport/url.hpp"

namespace wardex::transport {

struct Route {
  Url url;
  std::string shown;  ///< the receiver's authority for messages; "the receiver" when the URL hides it
  std::optional<ProxyUrl> proxy;
  std::string proxy_authorization;          ///< "Basic ...", empty: none
  std::shared_ptr<asio::ssl::context> tls;  ///< set for https
  bool verify = true;
  std::string user_agent;
};

using Dialled = std::variant<std::shared_ptr<Stream>, Failure>;

class Dialer {
 public:
  Dialer(asio::any_io_executor executor, EgressPolicy egress, Lookup lookup);

  void set_egress(EgressPolicy policy) { egress_ = std::move(policy); }
  /// Within `deadline`, which it moves earlier for each of several addresses and restores. The egress guard judges the
  /// address of the next hop, on every connect. Behind a proxy that is the proxy: names of receivers are then resolved
  /// by the proxy, whose own rules hold; only literal addresses are still judged here.
  asio::awaitable<Dialled> dial(Route route, std::shared_ptr<runtime::Deadline> deadline);

 private:
  asio::awaitable<std::variant<Socket, Failure>> connect(Url next_hop, std::string shown,
                                                         std::shared_ptr<runtime::Deadline> deadline);

  asio::any_io_executor executor_;
  EgressPolicy egress_;
  Resolver resolver_;
};

}  // namespace wardex::transport
