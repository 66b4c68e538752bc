// What every connector owes whatever the receiver answers: a sane verdict for every status, and no secret in any of it.
#include <gtest/gtest.h>

#include <algorithm>

#include "conformance/events.hpp"
#include "conformance/fixtures.hpp"
#include "wardex/crypto.hpp"
#include "wardex/text.hpp"

namespace wardex::test {
namespace {

class Exchange : public ::testing::TestWithParam<Fixture> {
 protected:
  /// One delivery up to its verdict, each answer given by `receiver`. What was sent stays in `sent`.
  template <class Receiver>
  Verdict run(const Delivery& one, Receiver receiver) {
    return run(one, sink->render(Batch(&one, 1), context()), std::move(receiver));
  }
  template <class Receiver>
  Verdict run(const Delivery& one, Request request, Receiver receiver) {
    sent.clear();
    const Batch batch(&one, 1);
    std::string state;
    for (int step = 0; step < kMostSteps; ++step) {
      sent.push_back(request);
      Verdict verdict = sink->interpret(batch, request, receiver(request), context(state));
      auto* next = std::get_if<Next>(&verdict);
      if (next == nullptr) return verdict;
      state = next->state;
      request = std::move(next->request);
    }
    ADD_FAILURE() << "no verdict after " << kMostSteps << " requests";
    return Retry{};
  }
  Verdict run(const Response& answer) {
    return run(item, first, [&](const Request&) { return answer; });
  }
  Verdict run_with_success(const Delivery& one) {
    const auto& answers = GetParam().success;
    std::size_t next = 0;
    return run(one, [&](const Request&) { return answers.at(std::min(next++, answers.size() - 1)); });
  }
  /// What comes after a first delivery of the case: the connector gets its own link back.
  Delivery later_event() {
    auto event = full_event();
    event.id = "evt-0002";
    event.status = Status::resolved;
    Delivery later = delivery(std::move(event));
    const auto verdict = run_with_success(item);
    const auto& done = std::get<Delivered>(verdict);
    if (!done.external_ref.empty()) later.link = Link{done.external_ref, done.url, done.state};
    return later;
  }
  [[nodiscard]] bool speaks_http() const { return std::holds_alternative<HttpRequest>(first); }

  static constexpr int kMostSteps = 5;
  std::unique_ptr<Sink> sink = make_sink(GetParam());
  const Delivery item = delivery(full_event());
  const Request first = sink->render(Batch(&item, 1), context());
  std::vector<Request> sent;
};

std::string reason_of(const Verdict& verdict) {
  struct Reason {
    std::string operator()(const Delivered& v) const { return v.note; }
    std::string operator()(const Partial& v) const {
      std::string all;
      for (const auto& item : v.items) all += std::string(reason(item)) + " ";
      return all;
    }
    std::string operator()(const Next&) const { return {}; }
    std::string operator()(const Retry& v) const { return v.reason; }
    std::string operator()(const Throttled& v) const { return v.reason; }
    std::string operator()(const Unauthorised& v) const { return v.reason; }
    std::string operator()(const Rejected& v) const { return v.reason; }
  };
  return std::visit(Reason{}, verdict);
}

const std::vector<std::string>& garbage() {
  static const std::vector<std::string> bodies{
      "",
      "ok",
      "OK\n",
      "null",
      "{}",
      R"({"ok":true})",
      R"({"ok":"yes","error":7})",
      R"({"ok":false,"error":"never_heard_of_it"})",
      R"({"ok":true,"channel":{},"ts":[]})",
      "{\"ok\":",
      "<html><body>Sign in to the guest network</body></html>",
      std::string(3, '\0') + "\xFF\xFE\xED\xA0\x80",
  };
  return bodies;
}

void expect_sane(int status, const std::string& body, const Verdict& verdict) {
  const auto word = outcome(verdict);
  SCOPED_TRACE("HTTP " + std::to_string(status) + " with " + text::truncate(text::valid_utf8(body), 40));
  if (status < 200 || status > 299) {
    EXPECT_NE(word, "delivered");
  }
  if (status == 429) {
    EXPECT_EQ(word, "throttled");
  }
  if (status == 401) {
    EXPECT_EQ(word, "unauthorised");
  }
  if (status == 408 || status == 425 || status >= 500) {
    EXPECT_EQ(word, "retry");
  }
  if (status == 413 || status == 415 || status == 422) {
    EXPECT_EQ(word, "rejected");
  }
  const auto said = reason_of(verdict);
  EXPECT_TRUE(word == "delivered" || !said.empty());
  EXPECT_LE(text::length(said), 500U);
  EXPECT_TRUE(text::is_valid_utf8(said));
  EXPECT_EQ(said.find_first_of("\r\n"), std::string::npos);
}

TEST_P(Exchange, GivesASaneVerdictForEveryStatusAndBody) {
  if (!speaks_http()) GTEST_SKIP() << "not an HTTP connector";
  for (int status = 100; status <= 599; ++status)
    for (const auto& body : garbage()) expect_sane(status, body, run(http(status, body)));
}

// As long as the transport lets an answer be, and as deep as that allows.
TEST_P(Exchange, TakesAnswersAtTheTransportsCap) {
  if (!speaks_http()) GTEST_SKIP() << "not an HTTP connector";
  for (int status : {200, 400, 403, 429, 500})
    for (const auto& body : {std::string(64 * 1024, '['), std::string(64 * 1024, 'x'), repeat("\xF0\x9F", 32 * 1024)})
      expect_sane(status, body, run(http(status, body)));
}

TEST_P(Exchange, ObeysRetryAfter) {
  if (!speaks_http()) GTEST_SKIP() << "not an HTTP connector";
  const auto after = [&](std::string value) {
    const auto verdict = run(http(429, "", {{"Retry-After", std::move(value)}}));
    return std::get<Throttled>(verdict).after;
  };
  EXPECT_EQ(after("3"), Millis{3000});
  EXPECT_EQ(after("Tue, 21 Apr 2026 14:22:39 GMT"), Millis{30'000});
  EXPECT_EQ(after("999999999999"), Millis{24 * 60 * 60 * 1000});
  EXPECT_EQ(after("soon"), std::nullopt);
}

TEST_P(Exchange, DeliversWhenTheReceiverIsContent) {
  const auto verdict = run_with_success(item);
  EXPECT_EQ(outcome(verdict), "delivered") << reason_of(verdict);
}

TEST_P(Exchange, DeliversALaterEventOfTheSameCase) {
  const auto verdict = run_with_success(later_event());
  EXPECT_EQ(outcome(verdict), "delivered") << reason_of(verdict);
}

TEST_P(Exchange, GivesASaneVerdictOnALaterEventToo) {
  if (!speaks_http()) GTEST_SKIP() << "not an HTTP connector";
  const auto later = later_event();
  for (int status = 100; status <= 599; ++status)
    for (const auto* body : {"", "ok", "{}", R"({"ok":true})", R"({"ok":false,"error":"message_not_found"})"})
      EXPECT_FALSE(outcome(run(later, [&](const Request&) { return http(status, body); })).empty());
}

TEST_P(Exchange, TakesAnAnswerOfAForeignKind) {
  const Response foreign = speaks_http() ? Response(Written{5}) : Response(http(200, "ok"));
  EXPECT_NE(outcome(run(foreign)), "delivered");
}

// A unique text in every secret setting; none of it, in any spelling, in anything that anybody sees.
TEST_P(Exchange, ShowsNoSecret) {
  std::vector<std::string> secrets;
  collect_secrets(GetParam().settings, secrets);
  std::vector<std::string> spellings;
  for (const auto& whole : secrets) {
    for (auto at = whole.find("canary"); at != std::string::npos; at = whole.find("canary", at + 1)) {
      const auto canary = whole.substr(at, whole.find_first_of("/?&", at) - at);
      for (const auto& spelled :
           {canary, hex(canary), base64(canary), base64("wardex:" + canary), text::percent_encode(canary)})
        spellings.push_back(spelled);
    }
    if (whole.starts_with("whsec_")) spellings.push_back(whole.substr(6));
  }
  ASSERT_EQ(spellings.empty(), secrets.empty()) << "every secret of a fixture holds the word canary";

  std::string seen;
  const auto look = [&](const Verdict& verdict) {
    for (const auto& request : sent) seen += redact(request).dump() + "\n";
    seen += reason_of(verdict) + "\n";
    if (const auto* done = std::get_if<Delivered>(&verdict))
      seen += done->external_ref + done->url + done->state + "\n";
  };
  // A receiver that sends back all that it was sent, as text and as one word of it.
  const auto echo = [](const Request& request) {
    std::string out;
    if (const auto* sent_http = std::get_if<HttpRequest>(&request)) {
      out = sent_http->url.reveal() + "\n";
      for (const auto& header : sent_http->headers) out += header.name + ": " + header.value.reveal() + "\n";
    }
    return out;
  };
  const auto later = later_event();
  for (const auto* one : {&item, &later}) {
    for (int status : {200, 204, 302, 400, 401, 403, 404, 409, 410, 418, 422, 429, 500, 503}) {
      look(run(*one, [&](const Request& request) { return http(status, echo(request)); }));
      look(run(*one, [&](const Request& request) {
        const auto text = echo(request);
        return http(
            status,
            Json{{"ok", status == 200}, {"error", text}, {"needed", text}, {"channel", text}, {"ts", text}}.dump());
      }));
    }
    look(run_with_success(*one));
  }
  if (auto probe = sink->probe(context())) {
    sent = {*probe};
    look(sink->interpret_probe(
        *probe, http(200, Json{{"ok", true}, {"user", echo(*probe)}, {"team", echo(*probe)}}.dump()), context()));
    look(sink->interpret_probe(*probe, http(401, echo(*probe)), context()));
  }
  ASSERT_GT(seen.size(), 100U);
  for (const auto& spelled : spellings) {
    const auto at = seen.find(spelled);
    EXPECT_EQ(at, std::string::npos) << "..." << seen.substr(at < 80 ? 0 : at - 80, 120);
  }
}

INSTANTIATE_TEST_SUITE_P(Connectors, Exchange, ::testing::ValuesIn(fixtures()),
                         [](const auto& instance) { return instance.param.name(); });

}  // namespace
}  // namespace wardex::test
