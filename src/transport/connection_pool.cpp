#include "transport/connection_pool.hpp"

#include <algorithm>

namespace wardex::transport {

using Clock = std::chrono::steady_clock;

ConnectionPool::ConnectionPool(asio::any_io_executor executor, PoolLimits limits)
    : executor_(executor), limits_(limits), sweep_(executor) {}

asio::awaitable<bool> ConnectionPool::admit(std::string key, std::shared_ptr<runtime::Deadline> deadline) {
  if (auto& origin = origins_[key]; origin.open < limits_.open_per_origin) {
    ++origin.open;
    co_return true;
  }
  auto turn = std::make_shared<runtime::OneShot<bool>>(executor_);
  origins_[key].waiting.push_back(turn);
  deadline->on_expiry([turn] { turn->give_up(); });
  const auto admitted = co_await turn->wait();
  deadline->on_expiry(nullptr);
  // Both may have happened: a right handed over is ours to give back, whatever the clock says.
  co_return admitted.has_value();
}

void ConnectionPool::leave(const std::string& key) {
  const auto found = origins_.find(key);
  if (found == origins_.end()) return;
  auto& origin = found->second;
  while (!origin.waiting.empty()) {
    const auto next = std::move(origin.waiting.front());
    origin.waiting.pop_front();
    if (next->done()) continue;  // gave up
    next->set(true);             // the right passes on; `open` stays
    return;
  }
  if (--origin.open == 0) origins_.erase(found);
}

std::shared_ptr<Stream> ConnectionPool::take(const std::string& key) {
  const auto now = Clock::now();
  for (auto it = idle_.end(); it != idle_.begin();) {
    --it;
    if (it->key != key) continue;
    auto found = std::move(*it);
    it = idle_.erase(it);
    if (now - found.since < limits_.idle_timeout && found.stream->quiet()) return std::move(found.stream);
    found.stream->close();
  }
  return nullptr;
}

void ConnectionPool::keep(const std::string& key, std::shared_ptr<Stream> stream) {
  if (limits_.idle_per_origin == 0 || limits_.idle_total == 0) {
    stream->close();
    return;
  }
  const auto same = [&key](const Idle& entry) { return entry.key == key; };
  auto evict = idle_.end();
  if (static_cast<std::size_t>(std::count_if(idle_.begin(), idle_.end(), same)) >= limits_.idle_per_origin)
    evict = std::find_if(idle_.begin(), idle_.end(), same);
  else if (idle_.size() >= limits_.idle_total)
    evict = idle_.begin();
  if (evict != idle_.end()) {
    evict->stream->close();
    idle_.erase(evict);
  }
  idle_.push_back({key, std::move(stream), Clock::now()});
  sweep_later();
}

void ConnectionPool::close_idle() {
  for (const auto& entry : idle_) entry.stream->close();
  idle_.clear();
  sweep_.cancel();
}

void ConnectionPool::sweep_later() {
  if (sweeping_ || idle_.empty()) return;
  sweeping_ = true;
  sweep_.expires_at(idle_.front().since + limits_.idle_timeout);
  sweep_.async_wait([weak = weak_from_this()](boost::system::error_code) {
    const auto self = weak.lock();
    if (!self) return;
    self->sweeping_ = false;
    const auto now = Clock::now();
    while (!self->idle_.empty() && now - self->idle_.front().since >= self->limits_.idle_timeout) {
      self->idle_.front().stream->close();
      self->idle_.pop_front();
    }
    self->sweep_later();
  });
}

}  // namespace wardex::transport
