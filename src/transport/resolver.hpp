// Names to addresses, bounded in time: Asio's own resolver has one thread per context and cannot be interrupted, so
// one dead zone would stall every connector.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>

#include "runtime/deadline.hpp"
#include "wardex/time.hpp"

namespace wardex::transport {

using Addresses = std::vector<boost::asio::ip::address>;
/// The addresses (not empty), or why there are none.
using Resolved = std::variant<Addresses, std::string>;
/// Blocking; called on a worker thread, several at a time.
using Lookup = std::function<Resolved(const std::string& host)>;

/// getaddrinfo, in the order of RFC 6724.
Resolved system_lookup(const std::string& host);

struct ResolverLimits {
  /// More than there are receivers: a name whose server never answers takes one of them for half a minute, again and
  /// again, and must not keep others waiting.
  std::size_t threads = 64;
  Millis ttl{30000};  ///< getaddrinfo does not tell the record's own
  Millis negative_ttl{5000};
  std::size_t entries = 1024;
};

class Resolver {
 public:
  using Now = std::function<MonoTime()>;
  Resolver(
      boost::asio::any_io_executor executor, Lookup lookup, ResolverLimits limits = {},
      Now now = [] { return std::chrono::steady_clock::now(); });
  ~Resolver();

  /// Concurrent questions for one name share one lookup. At the deadline the question is given up; the lookup goes on
  /// and fills the cache.
  boost::asio::awaitable<Resolved> resolve(std::string host, std::shared_ptr<runtime::Deadline> deadline);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace wardex::transport
