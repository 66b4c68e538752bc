// What the tests of this folder share: a sink from settings, and a delivery taken through its steps.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "conformance/events.hpp"
#include "conformance/fixtures.hpp"
#include "slack/slack.hpp"

namespace wardex::slack {

using test::context;
using test::delivery;
using test::Json;

inline constexpr const char* kPosted = R"({"ok":true,"channel":"C0123456789","ts":"1776781330.000200"})";

inline std::unique_ptr<Sink> make(const Json& settings) {
  Problems problems;
  auto sink = manifest().make_sink(test::tree(settings), "s", problems);
  EXPECT_FALSE(problems.has_errors()) << test::describe(problems);
  return sink;
}
inline std::unique_ptr<Sink> webhook(Json more = Json::object()) {
  more["webhook_url"] = test::secret("https://hooks.slack.com/services/T000/B000/XXXX");
  return make(more);
}
inline std::unique_ptr<Sink> bot(Json more = Json::object()) {
  more.update({{"mode", "bot"}, {"bot_token", test::secret("xoxb-1-2-abc")}, {"channel", "C0123456789"}});
  return make(more);
}

/// A delivery from render to its verdict, the answers given one by one.
struct Exchange {
  std::vector<HttpRequest> sent;
  Verdict verdict;

  Exchange(const Sink& sink, const Delivery& item, const std::vector<HttpResponse>& answers) {
    const Batch batch(&item, 1);
    Request request = sink.render(batch, context());
    std::string state;
    for (const auto& answer : answers) {
      sent.push_back(std::get<HttpRequest>(request));
      verdict = sink.interpret(batch, request, answer, context(state));
      auto* next = std::get_if<Next>(&verdict);
      if (next == nullptr) return;
      state = next->state;
      request = next->request;
    }
    sent.push_back(std::get<HttpRequest>(request));
  }
  [[nodiscard]] Json body(std::size_t i) const { return Json::parse(sent.at(i).body.reveal()); }
  [[nodiscard]] std::string method(std::size_t i) const {
    const auto& url = sent.at(i).url.reveal();
    return url.substr(url.rfind('/') + 1);
  }
  [[nodiscard]] Delivered delivered() const { return std::get<Delivered>(verdict); }
  [[nodiscard]] std::string reason() const {
    return std::visit(
        [](const auto& v) -> std::string {
          if constexpr (requires { v.reason; }) return v.reason;
          return {};
        },
        verdict);
  }
};

inline Event resolved(Event event) {
  event.action = "resolved";
  event.status = Status::resolved;
  return event;
}

inline Delivery linked(Event event) {
  auto item = delivery(test::guide_event());
  const Exchange first(*bot(), item, {test::http(200, kPosted)});
  item.link = Link{first.delivered().external_ref, {}, first.delivered().state};
  item.event = std::move(event);
  return item;
}

}  // namespace wardex::slack
