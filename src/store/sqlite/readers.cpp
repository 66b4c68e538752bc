#include "store/sqlite/readers.hpp"

namespace wardex::store::sqlite {

Readers::Readers(std::vector<std::unique_ptr<Connection>> connections, const Options& options)
    : post_(options.post), deadline_(options.read_deadline), connections_(std::move(connections)) {
  threads_.reserve(connections_.size());
  for (const auto& connection : connections_) {
    threads_.emplace_back([this, raw = connection.get()] { serve(*raw); });
  }
}

Readers::~Readers() { close(); }

void Readers::submit(Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (!closing_) {
      queue_.push_back(std::move(task));
      wake_.notify_one();
      return;
    }
  }
  task(nullptr);
}

void Readers::serve(Connection& connection) {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return closing_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const Task task = std::move(queue_.front());
    queue_.pop_front();
    Connection* const usable = closing_ ? nullptr : &connection;
    lock.unlock();
    connection.set_deadline(std::chrono::steady_clock::now() + deadline_);
    task(usable);
    lock.lock();
  }
}

void Readers::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  for (const auto& connection : connections_) connection->interrupt();
  wake_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  connections_.clear();
}

}  // namespace wardex::store::sqlite
