// A transport on its own loop, driven until one outcome is there.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "runtime/async.hpp"
#include "transport/make_transport.hpp"

namespace wardex::transport::testing {

inline asio::awaitable<void> send_into(NetworkTransport* transport, Request request,
                                       std::shared_ptr<const SendOptions> options,
                                       std::shared_ptr<std::optional<Outcome>> out) {
  auto outcome = co_await transport->send(std::move(request), std::move(options));
  *out = std::move(outcome);
}

class ClientTest : public ::testing::Test {
 protected:
  ClientTest() { make({"127.0.0.0/8", "::1"}); }
  ~ClientTest() override {
    transport_->stop();
    context_.run_for(Millis{200});
  }

  void make(const std::vector<std::string>& allow, PoolLimits limits = {}, Lookup lookup = system_lookup) {
    std::string error;
    auto policy = EgressPolicy::parse(allow, error);
    ASSERT_TRUE(policy) << error;
    transport_ =
        make_transport(context_.get_executor(), std::move(*policy), "wardex-gateway/test", limits, std::move(lookup));
  }
  using Pending = std::shared_ptr<std::optional<Outcome>>;
  Pending begin(Request request, SendOptions options = {}) {
    auto out = std::make_shared<std::optional<Outcome>>();
    runtime::spawn(
        context_.get_executor(), "test",
        send_into(transport_.get(), std::move(request), std::make_shared<SendOptions>(std::move(options)), out));
    return out;
  }
  Outcome finish(const Pending& pending) {
    context_.restart();
    while (!pending->has_value()) context_.run_one();
    return std::move(**pending);
  }
  Outcome send(Request request, SendOptions options = {}) {
    return finish(begin(std::move(request), std::move(options)));
  }
  static HttpRequest post(const std::string& url, std::string body = "{}") {
    HttpRequest request;
    request.url = url;
    request.body = std::move(body);
    return request;
  }
  static HttpResponse response(const Outcome& outcome) {
    if (const auto* failure = std::get_if<Failure>(&outcome)) {
      ADD_FAILURE() << to_string(failure->phase) << ": " << failure->reason;
      return {};
    }
    return std::get<HttpResponse>(std::get<Response>(outcome));
  }
  static Failure failure(const Outcome& outcome) {
    if (std::holds_alternative<Failure>(outcome)) return std::get<Failure>(outcome);
    ADD_FAILURE() << "succeeded";
    return {};
  }

  asio::io_context context_;
  std::unique_ptr<NetworkTransport> transport_;
};

}  // namespace wardex::transport::testing
