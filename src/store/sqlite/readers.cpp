#include "store/sqlite/readers.hpp"

namespace wardex::store::sqlite {

Readers::Readers(std::vector<std::unique_ptr<Connection>> connections, const Options& options)
    : post_(options.post), mono_(options.mono), deadline_(options.read_deadline), connections_(std::move(connections)) {
  workers_.reserve(connections_.size());
  for (const auto& connection : connections_) {
    workers_.push_back(options.workers->start([this, raw = connection.get()] { return serve(*raw); }));
  }
}

Readers::~Readers() { close(); }

void Readers::submit(Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (!closing_) {
      queue_.push_back(std::move(task));
      // All of them: nobody knows which is idle, and they are few.
      for (const auto& worker : workers_) worker->wake();
      return;
    }
  }
  task(nullptr);
}

std::optional<MonoTime> Readers::serve(Connection& connection) {
  Task task;
  bool closing = false;
  {
    const std::lock_guard lock(mutex_);
    closing = closing_;
    if (queue_.empty()) return closing ? std::nullopt : std::optional(kWhenWoken);
    task = std::move(queue_.front());
    queue_.pop_front();
  }
  connection.set_deadline(mono_() + deadline_, mono_);
  task(closing ? nullptr : &connection);
  return kAtOnce;
}

void Readers::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  for (const auto& connection : connections_) connection->interrupt();
  for (const auto& worker : workers_) worker->finish();
  connections_.clear();
}

}  // namespace wardex::store::sqlite
