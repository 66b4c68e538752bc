// HTTP/1.1 exchanges: one request, one response, one deadline.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <variant>

#include "runtime/deadline.hpp"
#include "transport/connection_pool.hpp"
#include "transport/dialer.hpp"
#include "transport/make_transport.hpp"
#include "transport/tls_context.hpp"

namespace wardex::transport {

/// Hold it in a shared_ptr: exchanges under way keep it alive.
class HttpClient : public std::enable_shared_from_this<HttpClient> {
 public:
  HttpClient(asio::any_io_executor executor, EgressPolicy egress, std::string user_agent, PoolLimits limits,
             Lookup lookup);

  asio::awaitable<Outcome> send(HttpRequest request, std::shared_ptr<const SendOptions> options);
  void set_egress(EgressPolicy policy);
  void set_limits(PoolLimits limits) { pool_->set_limits(limits); }
  /// Ends every exchange under way with a failure; further ones fail at once.
  void stop();

 private:
  friend class Exchange;

  /// parse_url(), remembered: a connector's address is the same in every request.
  const std::variant<Url, std::string>& parsed(const std::string& url);

  asio::any_io_executor executor_;
  std::string user_agent_;
  Dialer dialer_;
  std::shared_ptr<ConnectionPool> pool_;
  ClientContexts contexts_;
  std::unordered_map<std::string, std::variant<Url, std::string>> parsed_;
  std::set<std::shared_ptr<runtime::Deadline>> under_way_;
  unsigned egress_generation_ = 0;
  bool stopped_ = false;
};

}  // namespace wardex::transport
