// The readers: each with its own read-only connection, every read under a deadline, because a long one pins the WAL and
// it grows.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "store/sqlite/database.hpp"
#include "store/sqlite/open.hpp"

namespace wardex::store::sqlite {

class Readers {
 public:
  Readers(std::vector<std::unique_ptr<Connection>> connections, const Options& options);
  ~Readers();
  Readers(const Readers&) = delete;
  Readers& operator=(const Readers&) = delete;

  /// Runs `work` with a reader's connection; `done` gets its result, or what it threw as an error, on the executor.
  template <class T>
  void read(Done<T> done, std::function<T(Connection&)> work) {
    submit([this, done = std::move(done), work = std::move(work)](Connection* connection) {
      auto result = std::make_shared<Result<T>>(run(connection, work));
      post_([done, result] { done(std::move(*result)); });
    });
  }
  /// Reads still queued get Fault::closed.
  void close();

 private:
  /// With no connection: the pool is closed.
  using Task = std::function<void(Connection*)>;

  template <class T>
  static Result<T> run(Connection* connection, const std::function<T(Connection&)>& work) {
    try {
      if (connection == nullptr) return Error{Fault::closed, "the store is closed"};
      return work(*connection);
    } catch (const Refused& refused) {
      return refused.error;
    } catch (const Failure& failure) {
      return judge(failure).error;
    }
  }
  void submit(Task task);
  std::optional<MonoTime> serve(Connection& connection);

  std::function<void(std::function<void()>)> post_;
  std::function<MonoTime()> mono_;
  Millis deadline_;
  std::mutex mutex_;
  std::deque<Task> queue_;
  bool closing_ = false;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace wardex::store::sqlite
