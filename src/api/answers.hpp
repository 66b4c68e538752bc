// What the endpoints' bodies share: reading parameters, asking the store, answering.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include <boost/asio/awaitable.hpp>
#include <nlohmann/json.hpp>

#include "runtime/async.hpp"
#include "store/store.hpp"
#include "transport/http_server.hpp"

namespace wardex::api {

/// Rows of one answer at most.
inline constexpr std::uint64_t kMaxPage = 1000;

transport::ServerResponse document(const nlohmann::json& body, int status = 200);
/// not_found 404, conflict 409, anything else 503 with Retry-After.
transport::ServerResponse store_problem(const store::Error& error);
/// A non-negative number from the query; `fallback` if absent, nullopt if it is none.
std::optional<std::uint64_t> number(const transport::ServerRequest& request, std::string_view name,
                                    std::uint64_t fallback);
transport::ServerResponse bad_number(std::string_view name);
/// The body of an operator's call: a small JSON object, or none.
std::variant<nlohmann::json, transport::ServerResponse> object_body(const transport::ServerRequest& request);

/// Awaits a verb of the store: `verb` is called with the callback.
template <class T>
boost::asio::awaitable<store::Result<T>> ask(std::function<void(store::Done<T>)> verb) {
  auto pending = runtime::await_callback<store::Result<T>>(std::move(verb));
  auto result = co_await std::move(pending);
  co_return result;
}

}  // namespace wardex::api
