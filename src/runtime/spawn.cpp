#include <exception>

#include <boost/asio/co_spawn.hpp>

#include "runtime/async.hpp"
#include "runtime/log.hpp"

namespace wardex::runtime {

void spawn(const asio::any_io_executor& executor, std::string name, asio::awaitable<void> task, bool vital) {
  asio::co_spawn(executor, std::move(task), [name = std::move(name), vital](const std::exception_ptr& failure) {
    if (!failure) return;
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      log::error(vital ? "task.fatal" : "task.failed", "a task ended with an exception",
                 {{"task", name}, {"error", error.what()}});
      if (vital) throw;
    }
  });
}

}  // namespace wardex::runtime
