// Kept-alive connections per origin, and how many may be open at once. Loop thread only.
#pragma once

#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "runtime/deadline.hpp"
#include "runtime/one_shot.hpp"
#include "transport/make_transport.hpp"
#include "transport/stream.hpp"

namespace wardex::transport {

class ConnectionPool : public std::enable_shared_from_this<ConnectionPool> {
 public:
  ConnectionPool(asio::any_io_executor executor, PoolLimits limits);

  /// The right to have one connection open to an origin; waits while too many are. False: the deadline came first.
  asio::awaitable<bool> admit(std::string key, std::shared_ptr<runtime::Deadline> deadline);
  /// Gives the right back.
  void leave(const std::string& key);

  /// The most recently used connection that is still quiet; null: none.
  std::shared_ptr<Stream> take(const std::string& key);
  void keep(const std::string& key, std::shared_ptr<Stream> stream);
  void close_idle();

  /// What is open stays; whoever comes later meets the new limits.
  void set_limits(PoolLimits limits) { limits_ = limits; }

  [[nodiscard]] std::size_t idle() const { return idle_.size(); }

 private:
  struct Idle {
    std::string key;
    std::shared_ptr<Stream> stream;
    MonoTime since;
  };
  struct Origin {
    std::size_t open = 0;
    std::deque<std::shared_ptr<runtime::OneShot<bool>>> waiting;
  };
  void sweep_later();

  asio::any_io_executor executor_;
  PoolLimits limits_;
  std::list<Idle> idle_;  // oldest first; a few hundred at most
  std::map<std::string, Origin> origins_;
  asio::steady_timer sweep_;
  bool sweeping_ = false;
};

}  // namespace wardex::transport
