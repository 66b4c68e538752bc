// The few coroutine idioms this code base allows itself (Boost 1.81, GCC 12; see CONTRIBUTING.md, "Coroutines").
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace wardex::runtime {

namespace asio = boost::asio;

/// Spawns a detached coroutine. An exception that escapes it is logged with `name`; when `vital`, it is rethrown out of
/// io_context::run() so that the process dies loudly instead of limping (co_spawn's `detached` would swallow it).
void spawn(const asio::any_io_executor& executor, std::string name, asio::awaitable<void> task, bool vital = false);

/// Turns a callback verb into something to co_await:
///   auto result = co_await await_callback<store::Result<store::Ok>>(std::move(start));
/// `start` is called at once with the callback. The coroutine resumes on its own executor, wherever the callback runs.
template <class T>
asio::awaitable<T> await_callback(std::function<void(std::function<void(T)>)> start) {
  auto initiation = [](auto handler, std::function<void(std::function<void(T)>)> begin) {
    auto executor = asio::get_associated_executor(handler);
    auto work = asio::prefer(executor, asio::execution::outstanding_work.tracked);
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    begin([shared, work](T value) mutable {
      asio::post(work, [shared, value = std::move(value)]() mutable { (*shared)(std::move(value)); });
    });
  };
  return asio::async_initiate<const asio::use_awaitable_t<>, void(T)>(std::move(initiation), asio::use_awaitable,
                                                                      std::move(start));
}

}  // namespace wardex::runtime
