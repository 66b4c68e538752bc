// The few coroutine idioms this code base allows itself (Boost 1.81, GCC 12; see CONTRIBUTING.md, "Coroutines").
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace wardex::runtime {

namespace asio = boost::asio;

/// The completion token of every asynchronous operation: errors come back as values, never as exceptions.
inline constexpr auto nothrow = asio::as_tuple(asio::use_awaitable);

/// Spawns a detached coroutine. An exception that escapes it is logged with `name`; when `vital`, it is rethrown out of
/// io_context::run() so that the process dies loudly instead of limping (co_spawn's `detached` would swallow it).
void spawn(const asio::any_io_executor& executor, std::string name, asio::awaitable<void> task, bool vital = false);

/// Turns a callback verb into something to co_await:
///   auto result = co_await await_callback<store::Result<store::Ok>>(std::move(start));
/// `start` is called at once with the callback. The coroutine resumes on its own executor, wherever the callback runs.
/// The callback must be called once, by one thread. Dropping it instead destroys the suspended coroutine, as Asio does
/// with every abandoned handler.
template <class T>
asio::awaitable<T> await_callback(std::function<void(std::function<void(T)>)> start) {
  auto initiation = [](auto handler, std::function<void(std::function<void(T)>)> begin) {
    auto executor = asio::get_associated_executor(handler);
    // Tracked work keeps run() from returning while nothing but another thread is working for us. Both go at the first
    // call: a callback that somebody keeps afterwards holds up nothing, and a second call does nothing.
    auto work = asio::prefer(executor, asio::execution::outstanding_work.tracked);
    using Pending = std::optional<std::pair<decltype(handler), decltype(work)>>;
    auto pending = std::make_shared<Pending>(std::in_place, std::move(handler), std::move(work));
    begin([pending](T value) {
      if (!*pending) return;
      auto [resume, loop] = *std::exchange(*pending, std::nullopt);
      asio::post(loop, [resume = std::move(resume), value = std::move(value)]() mutable {
        std::move(resume)(std::move(value));
      });
    });
  };
  return asio::async_initiate<const asio::use_awaitable_t<>, void(T)>(std::move(initiation), asio::use_awaitable,
                                                                      std::move(start));
}

}  // namespace wardex::runtime
