// An HttpServer on a loop in its own thread, and raw clients against it.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>

#include "peer.hpp"
#include "runtime/async.hpp"
#include "runtime/log.hpp"
#include "transport/http_server.hpp"

namespace wardex::transport::testing {

/// Echoes what it got as JSON; "/throw" throws, "/wait" blocks until released, "/204" and "/split" as they say.
struct Echo {
  std::shared_ptr<std::promise<void>> entered = std::make_shared<std::promise<void>>();
  std::function<void()> resume;  // set while a request waits; loop thread
};

inline asio::awaitable<ServerResponse> echo(Echo* state, ServerRequest request) {
  if (request.path == "/throw") throw std::runtime_error("canary");
  if (request.path == "/wait") {
    std::function<void(std::function<void(int)>)> start = [state](std::function<void(int)> done) {
      state->resume = [done = std::move(done)] { done(1); };
      state->entered->set_value();
    };
    co_await runtime::await_callback<int>(std::move(start));
  }
  ServerResponse response;
  if (request.path == "/204") response.status = 204;
  if (request.path == "/split") response.headers.emplace_back("X", "a\r\nSet-Cookie: b");
  nlohmann::json body = {{"method", request.method},     {"path", request.path}, {"query", request.query},
                         {"body", request.body},         {"peer", request.peer}, {"local", request.local_socket},
                         {"names", request.client_names}};
  response.body = body.dump();
  co_return response;
}

class HttpServerTest : public ::testing::Test {
 protected:
  void SetUp() override { log::configure(log::Level::error, log::Format::json); }
  void TearDown() override {
    on_loop([this] {
      if (server_) server_->stop();
    });
    guard_.reset();
    thread_.join();
    server_.reset();
    log::configure(log::Level::info, log::Format::automatic);
  }
  void listen(ServerOptions options = {.host = "127.0.0.1"}) {
    on_loop([&] {
      server_ = HttpServer::listen(
          context_.get_executor(), std::move(options),
          [](const ServerRequest& request) -> std::optional<ServerResponse> {
            if (request.header("Authorization") == "bad") return problem(401, "Unauthorized", "no");
            return std::nullopt;
          },
          [this](ServerRequest request) { return echo(&echo_, std::move(request)); });
    });
  }
  template <class F>
  void on_loop(F f) {
    std::promise<void> done;
    asio::post(context_, [&] {
      try {
        f();
        done.set_value();
      } catch (...) {
        done.set_exception(std::current_exception());
      }
    });
    done.get_future().get();
  }
  ServerStats stats() {
    ServerStats out;
    on_loop([&] { out = server_->stats(); });
    return out;
  }
  Conn connect() { return Conn::to_port(server_->port()); }
  /// What one connection answers to these bytes, until it closes.
  std::string exchange(const std::string& bytes) {
    auto conn = connect();
    conn.send(bytes);
    return conn.read_all();
  }
  static int status(const std::string& answer) {
    return answer.starts_with("HTTP/1.1 ") ? std::stoi(answer.substr(9, 3)) : 0;
  }
  static nlohmann::json body(const std::string& answer) {
    return nlohmann::json::parse(answer.substr(answer.find("\r\n\r\n") + 4));
  }

  asio::io_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> guard_{context_.get_executor()};
  std::thread thread_{[this] { context_.run(); }};
  Echo echo_;
  std::unique_ptr<HttpServer> server_;
};

inline const std::string kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
inline const std::string kGetClose = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

inline std::string post(const std::string& content, const std::string& headers = "",
                        const std::string& path = "/v1/events") {
  return "POST " + path + " HTTP/1.1\r\nHost: a\r\n" + headers + "Content-Length: " + std::to_string(content.size()) +
         "\r\n\r\n" + content;
}

}  // namespace wardex::transport::testing
