#include "transport/resolver.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include <boost/asio/ip/tcp.hpp>

#include "runtime/one_shot.hpp"
#include "runtime/worker_pool.hpp"

namespace wardex::transport {

namespace asio = boost::asio;

Resolved system_lookup(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  if (const int code = getaddrinfo(host.c_str(), nullptr, &hints, &found); code != 0) {
    if (code == EAI_SYSTEM) return std::generic_category().message(errno);
    return std::string(gai_strerror(code));
  }
  Addresses out;
  for (const auto* entry = found; entry; entry = entry->ai_next) {
    asio::ip::tcp::endpoint endpoint;
    if (entry->ai_addrlen > endpoint.capacity()) continue;
    std::copy_n(reinterpret_cast<const char*>(entry->ai_addr), entry->ai_addrlen,
                reinterpret_cast<char*>(endpoint.data()));
    endpoint.resize(entry->ai_addrlen);
    out.push_back(endpoint.address());
  }
  freeaddrinfo(found);
  if (out.empty()) return std::string("the name has no address");
  return out;
}

struct Resolver::State : std::enable_shared_from_this<State> {
  using Waiter = std::shared_ptr<runtime::OneShot<Resolved>>;
  struct Entry {
    Resolved answer;
    MonoTime until;
  };

  State(asio::any_io_executor loop, Lookup look_up, ResolverLimits bounds, Now clock)
      : executor(std::move(loop)),
        lookup(std::move(look_up)),
        limits(bounds),
        now(std::move(clock)),
        pool(std::make_unique<runtime::WorkerPool>(executor, bounds.threads)) {}

  asio::any_io_executor executor;
  Lookup lookup;
  ResolverLimits limits;
  Now now;
  std::map<std::string, Entry, std::less<>> cache;
  std::map<std::string, std::vector<Waiter>, std::less<>> asking;
  std::unique_ptr<runtime::WorkerPool> pool;

  [[nodiscard]] std::optional<Resolved> cached(const std::string& host) const {
    const auto found = cache.find(host);
    if (found == cache.end() || found->second.until <= now()) return std::nullopt;
    return found->second.answer;
  }
  void ask(const std::string& host, Waiter waiter) {
    auto& waiters = asking[host];
    waiters.push_back(std::move(waiter));
    if (waiters.size() > 1) return;
    auto answer = std::make_shared<Resolved>();
    pool->run(
        [answer, host, ask_system = lookup] {
          try {
            *answer = ask_system(host);
          } catch (const std::exception& error) {
            *answer = std::string(error.what());
          }
        },
        [weak = weak_from_this(), answer, host] {
          if (auto self = weak.lock()) self->finish(host, *answer);
        });
  }
  void finish(const std::string& host, const Resolved& answer) {
    const bool good = std::holds_alternative<Addresses>(answer);
    make_room();
    cache.insert_or_assign(host, Entry{answer, now() + (good ? limits.ttl : limits.negative_ttl)});
    const auto waiters = std::exchange(asking[host], {});
    asking.erase(host);
    for (const auto& waiter : waiters) waiter->set(answer);
  }
  void make_room() {
    if (cache.size() < limits.entries) return;
    const auto time = now();
    std::erase_if(cache, [time](const auto& entry) { return entry.second.until <= time; });
    if (cache.size() >= limits.entries) cache.clear();
  }
};

Resolver::Resolver(asio::any_io_executor executor, Lookup lookup, ResolverLimits limits, Now now)
    : state_(std::make_shared<State>(std::move(executor), std::move(lookup), limits, std::move(now))) {}

Resolver::~Resolver() {
  state_->pool.reset();
  for (const auto& [host, waiters] : state_->asking)
    for (const auto& waiter : waiters) waiter->give_up();
}

asio::awaitable<Resolved> Resolver::resolve(std::string host, std::shared_ptr<runtime::Deadline> deadline) {
  if (auto answer = state_->cached(host)) co_return std::move(*answer);
  auto waiter = std::make_shared<runtime::OneShot<Resolved>>(state_->executor);
  state_->ask(host, waiter);
  deadline->on_expiry([waiter] { waiter->give_up(); });
  auto answer = co_await waiter->wait();
  deadline->on_expiry(nullptr);
  if (answer) co_return std::move(*answer);
  co_return Resolved(std::string("timed out"));
}

}  // namespace wardex::transport
