// The endpoint with everything around it scripted: store, router, clock, configuration.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include "intake/events_endpoint.hpp"
#include "unit/intake/fake_store.hpp"
#include "wardex/crypto.hpp"

namespace wardex::intake {

using nlohmann::json;

class FakeRouter final : public route::Router {
 public:
  [[nodiscard]] route::Decision decide(const Event& event, WallTime, bool) const override {
    route::Decision decision;
    decision.targets.push_back({"hook", "matrix " + std::string(to_string(event.severity)), ""});
    decision.targets.push_back({"mail", "route 1", "window 'nights'"});
    return decision;
  }
};

class ManualClock final : public runtime::Clock {
 public:
  WallTime now = *from_iso("2026-04-21T14:22:09Z");
  [[nodiscard]] WallTime wall() const override { return now; }
  [[nodiscard]] MonoTime mono() const override { return MonoTime(now.time_since_epoch()); }
};

inline constexpr std::string_view kToken = "control-plane-token-0123456789";
inline constexpr std::string_view kOtherToken = "backup-plane-token-9876543210";
inline constexpr std::string_view kEvent = R"({"title":"t","severity":"high","event_id":"e-1"})";

class IntakeTest : public testing::Test {
 protected:
  IntakeTest() {
    config_->intake.limits.body = Bytes{8UL * 1024UL * 1024UL};
    config_->intake.limits.item = Bytes{256UL * 1024UL};
    config_->intake.limits.depth = 32;
    config_->intake.limits.items = 1000;
    config_->intake.auth.none = true;
    config_->wardex.case_prefix = "CASE-";
    config_->wardex.console_url = "https://console.example";
    endpoint_ = std::make_unique<EventsEndpoint>(store_, clock_,
                                                 Hooks{.generation =
                                                           [this] {
                                                             return Generation{config_, router_};
                                                           },
                                                       .accepted =
                                                           [this](std::vector<AcceptedEvent> events) {
                                                             for (auto& event : events) handed_on_.push_back(event);
                                                           },
                                                       .closed = [this] { return closed_; },
                                                       .room = [this] { return room_; }});
  }

  static transport::ServerRequest post(std::string body,
                                       std::vector<std::pair<std::string, std::string>> headers = {}) {
    transport::ServerRequest request;
    request.method = "POST";
    request.path = "/v1/events";
    request.body = std::move(body);
    request.peer = "192.0.2.7";
    request.headers = std::move(headers);
    return request;
  }

  /// What the server does: the header check, then the handler. Runs until there is an answer or nothing left to do.
  std::optional<transport::ServerResponse> send(transport::ServerRequest request) {
    auto header = request;
    header.body.clear();
    if (auto refused = endpoint_->check(header)) return refused;
    auto answer = std::make_shared<std::optional<transport::ServerResponse>>();
    asio::co_spawn(loop_, endpoint_->handle(std::move(request)),
                   [answer](const std::exception_ptr& error, transport::ServerResponse response) {
                     if (error) std::rethrow_exception(error);
                     *answer = std::move(response);
                   });
    answers_.push_back(answer);
    loop_.restart();
    loop_.poll();
    return *answer;
  }

  /// Sends, expects this status and gives the body.
  json expect(int status, transport::ServerRequest request) {
    const auto answer = send(std::move(request));
    if (!answer) {
      ADD_FAILURE() << "no answer";
      return {};
    }
    EXPECT_EQ(answer->status, status) << answer->body;
    last_ = *answer;
    const auto body = json::parse(answer->body, nullptr, false);
    EXPECT_TRUE(body.is_object()) << answer->body;
    if (status >= 400) {
      EXPECT_EQ(answer->content_type, "application/problem+json");
      EXPECT_EQ(body.value("status", 0), status);
      EXPECT_TRUE(body.value("type", "").starts_with("urn:wardex:problem:")) << answer->body;
      EXPECT_FALSE(body.value("title", "").empty());
      EXPECT_FALSE(body.value("detail", "").empty());
    }
    return body;
  }

  static std::string header_of(const transport::ServerResponse& response, std::string_view name) {
    for (const auto& [key, value] : response.headers)
      if (key == name) return value;
    return "";
  }

  FakeStore store_;
  ManualClock clock_;
  std::shared_ptr<config::Config> config_ = std::make_shared<config::Config>();
  std::shared_ptr<const route::Router> router_ = std::make_shared<FakeRouter>();
  std::string closed_;
  Room room_;
  std::vector<AcceptedEvent> handed_on_;
  transport::ServerResponse last_;
  asio::io_context loop_{1};
  std::unique_ptr<EventsEndpoint> endpoint_;
  std::vector<std::shared_ptr<std::optional<transport::ServerResponse>>> answers_;
};

}  // namespace wardex::intake
