#include "webhook/webhook.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "conformance/events.hpp"
#include "conformance/fixtures.hpp"
#include "conformance/golden.hpp"

namespace wardex::webhook {
namespace {

using test::context;
using test::delivery;
using test::Json;

// 32 bytes; tests/receivers verifies the golden request with it.
constexpr const char* kSecret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

std::unique_ptr<Sink> make(Json settings) {
  if (!settings.contains("url")) settings["url"] = "https://receiver.example/hooks/wardex";
  Problems problems;
  auto sink = manifest().make_sink(test::tree(settings), "w", problems);
  EXPECT_FALSE(problems.has_errors()) << test::describe(problems);
  return sink;
}

HttpRequest render(const Sink& sink, const Delivery& item) {
  return std::get<HttpRequest>(sink.render(Batch(&item, 1), context()));
}
std::string header(const HttpRequest& request, std::string_view name) {
  const auto* value = request.header(name);
  return value == nullptr ? "" : value->reveal();
}

TEST(Webhook, TheGuidesFieldsAreExactlyTheGuides) {
  const auto guide = Json::parse(
      R"({"case_id":"CASE-1042","severity":"high","status":"triage","title":"Suspicious shell spawned from Office",)"
      R"("endpoint_id":"macbook-sec-17","rule":"office-child-process","mitre":["T1204","T1059"],)"
      R"("wardex_url":"https://console.example/cases/CASE-1042"})");
  const auto body = Json::parse(render(*make(Json::object()), delivery(test::guide_event())).body.reveal());
  for (const auto& [name, value] : guide.items()) EXPECT_EQ(body[name], value) << name;
  EXPECT_EQ(body["type"], "case.created");
  EXPECT_EQ(body["timestamp"], "2026-04-21T14:22:09Z");
}

TEST(Webhook, TheGuidesFieldsAreThereEvenWhenUnknown) {
  Event bare;
  bare.id = "evt-1";
  const auto body = Json::parse(render(*make(Json::object()), delivery(bare)).body.reveal());
  for (const auto* name : {"case_id", "status", "title", "endpoint_id", "rule", "wardex_url"})
    EXPECT_EQ(body[name], "") << name;
  EXPECT_EQ(body["severity"], "info");
  EXPECT_EQ(body["mitre"], Json::array());
}

// The whole request as it goes over the wire, which tests/receivers replays to an independent verifier.
TEST(Webhook, GoldenWireForm) {
  const auto request = render(*make({{"signing_secret", test::secret(kSecret)}}), delivery(test::guide_event()));
  std::string wire = request.method + " /hooks/wardex HTTP/1.1\n";
  for (const auto& field : request.headers) wire += field.name + ": " + field.value.reveal() + "\n";
  test::expect_golden_text(test::golden_folder("webhook") / "signed.http", wire + "\n" + request.body.reveal());
}

TEST(Webhook, AttemptsHaveTheirOwnTimeAndTheSameId) {
  const auto sink = make({{"signing_secret", test::secret(kSecret)}});
  auto item = delivery(test::guide_event());
  const auto first = render(*sink, item);
  item.attempt = 4;
  const auto later = std::get<HttpRequest>(sink->render(Batch(&item, 1), context({}, std::chrono::hours{2})));
  EXPECT_EQ(header(first, "webhook-id"), header(later, "webhook-id"));
  EXPECT_EQ(header(first, "webhook-id").find('.'), std::string::npos);
  EXPECT_EQ(std::stoll(header(later, "webhook-timestamp")) - std::stoll(header(first, "webhook-timestamp")), 7200);
  EXPECT_NE(header(first, "webhook-signature"), header(later, "webhook-signature"));
  EXPECT_EQ(header(later, "X-Wardex-Attempt"), "4");
}

TEST(Webhook, SendsCredentialsMasked) {
  const auto basic =
      render(*make({{"auth", {{"basic", {{"username", "Aladdin"}, {"password", test::secret("open sesame")}}}}}}),
             delivery(test::guide_event()));
  EXPECT_EQ(header(basic, "Authorization"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");  // RFC 7617's example
  EXPECT_EQ(basic.header("Authorization")->redacted(), "Basic ***");
  const auto custom = render(*make({{"headers", {{"X-Env", "prod"}}}}), delivery(test::guide_event()));
  EXPECT_EQ(header(custom, "X-Env"), "prod");
  EXPECT_EQ(custom.header("X-Env")->redacted(), "***");
}

TEST(Webhook, CutsTheDescriptionFirstThenDetailsThenTechniques) {
  const auto sink = make({{"max_body_bytes", "4KiB"}});
  auto event = test::full_event();
  event.description = test::repeat("\n\"", 10'000);
  auto request = render(*sink, delivery(event));
  auto body = Json::parse(request.body.reveal());
  EXPECT_LE(request.body.size(), 4096U);
  EXPECT_GT(request.body.size(), 4000U);  // and not more than needed
  EXPECT_TRUE(body["description"].get<std::string>().ends_with("…"));
  EXPECT_EQ(body["mitre"], Json(event.mitre));
  EXPECT_EQ(header(request, "X-Wardex-Truncated"), "description");

  for (int i = 0; i < 1000; ++i) event.mitre.push_back("T" + std::to_string(1000 + i));
  event.title = std::string(100'000, 'T');
  const auto item = delivery(event);
  request = render(*sink, item);
  body = Json::parse(request.body.reveal());
  EXPECT_LE(request.body.size(), 4096U);
  EXPECT_EQ(body["mitre"], Json::array());
  EXPECT_EQ(body["case_id"], "CASE-1042");
  EXPECT_EQ(body["wardex_url"], event.wardex_url);
  EXPECT_EQ(header(request, "X-Wardex-Truncated"),
            "description, labels, intel, observables, tags, process, user, mitre, title");
  const auto verdict = sink->interpret(Batch(&item, 1), request, test::http(204), context());
  EXPECT_EQ(std::get<Delivered>(verdict).note, "trimmed to max_body_bytes: " + header(request, "X-Wardex-Truncated"));

  event.wardex_url = std::string(8000, 'u');
  const auto impossible = delivery(event);
  EXPECT_THROW(static_cast<void>(render(*sink, impossible)), std::length_error);
}

TEST(Webhook, ThinHasIdsStatusAndLinkOnly) {
  const auto body = Json::parse(render(*make({{"payload", "thin"}}), delivery(test::full_event())).body.reveal());
  std::vector<std::string> names;
  for (const auto& [name, value] : body.items()) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"alert_ids", "case_id", "endpoint_id", "event_id", "schema_version",
                                             "sequence", "status", "tenant", "timestamp", "type", "wardex_url"}));
}

TEST(Webhook, ReadsAnswers) {
  const struct {
    int status;
    const char* outcome;
    const char* reason;
  } table[] = {
      {200, "delivered", ""},
      {202, "delivered", ""},
      {204, "delivered", ""},
      {301, "unauthorised", "set `url` to the final address"},
      {307, "unauthorised", "redirects are not followed"},
      {400, "rejected", "HTTP 400: no"},
      {401, "unauthorised", "HTTP 401: no"},
      {403, "unauthorised", "HTTP 403: no"},
      {404, "unauthorised", "check `url`"},
      {405, "unauthorised", "check `method`"},
      {407, "unauthorised", "HTTP 407: no"},
      {408, "retry", "HTTP 408: no"},
      {409, "rejected", "HTTP 409: no"},
      {410, "unauthorised", "gone for good"},
      {413, "rejected", "HTTP 413: no"},
      {415, "rejected", "HTTP 415: no"},
      {422, "rejected", "HTTP 422: no"},
      {425, "retry", "HTTP 425: no"},
      {429, "throttled", "HTTP 429: no"},
      {500, "retry", "HTTP 500: no"},
      {502, "retry", "HTTP 502: no"},
      {503, "retry", "HTTP 503: no"},
      {504, "retry", "HTTP 504: no"},
  };
  const auto sink = make(Json::object());
  const auto item = delivery(test::guide_event());
  const Request request = sink->render(Batch(&item, 1), context());
  for (const auto& row : table) {
    const auto verdict = sink->interpret(Batch(&item, 1), request, test::http(row.status, "no"), context());
    EXPECT_EQ(outcome(verdict), row.outcome) << row.status;
    std::visit(
        [&](const auto& v) {
          if constexpr (requires { v.reason; }) {
            EXPECT_NE(v.reason.find(row.reason), std::string::npos) << v.reason;
          }
        },
        verdict);
  }
}

TEST(Webhook, HonoursItsSuccessCodes) {
  const auto sink = make({{"success_codes", {202, 409}}});
  const auto item = delivery(test::guide_event());
  const Request request = sink->render(Batch(&item, 1), context());
  const auto verdict = [&](int status) {
    return sink->interpret(Batch(&item, 1), request, test::http(status), context());
  };
  EXPECT_EQ(outcome(verdict(202)), "delivered");
  EXPECT_EQ(outcome(verdict(409)), "delivered");
  EXPECT_EQ(outcome(verdict(200)), "retry");  // a login page, say: nothing is lost
}

TEST(Webhook, AnEchoedCredentialDoesNotComeBackInTheReason) {
  const auto sink = make({{"auth", {{"bearer", test::secret("tok-123456")}}}});
  const auto item = delivery(test::guide_event());
  const Request request = sink->render(Batch(&item, 1), context());
  const auto verdict = sink->interpret(Batch(&item, 1), request, test::http(400, "bad: Bearer tok-123456"), context());
  EXPECT_EQ(std::get<Rejected>(verdict).reason, "HTTP 400: bad: Bearer ***");
}

std::vector<Delivery> three() {
  std::vector<Delivery> out;
  for (const auto* id : {"e1", "e2", "e3"}) {
    auto event = test::guide_event();
    event.id = id;
    out.push_back(delivery(event));
  }
  return out;
}

TEST(WebhookBatch, IsOneArrayUnderOneSignatureAndEachEventKeepsItsId) {
  const auto sink = make({{"signing_secret", test::secret(kSecret)}, {"batch", Json::object()}});
  const auto limits = sink->batch_limits();
  EXPECT_EQ(limits.max_events, 100U);
  EXPECT_EQ(limits.max_bytes, 1024U * 1024U);
  EXPECT_TRUE(limits.ordered);
  EXPECT_TRUE(limits.streaming);
  const auto events = three();
  const auto request = std::get<HttpRequest>(sink->render(events, context()));
  EXPECT_EQ(header(request, "Content-Type"), "application/json");
  EXPECT_EQ(header(request, "X-Wardex-Event"), "batch");
  EXPECT_EQ(header(request, "X-Wardex-Count"), "3");
  EXPECT_EQ(header(request, "webhook-signature").substr(0, 3), "v1,");
  const auto body = Json::parse(request.body.reveal());
  ASSERT_EQ(body.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(body[i]["event_id"], events[i].event->id);
    EXPECT_EQ(body[i]["webhook_id"], events[i].key);
  }
}

TEST(WebhookBatch, ItsOwnIdIsThatOfItsContent) {
  const auto sink = make({{"batch", {{"format", "ndjson"}}}});
  const auto events = three();
  const auto id = [&](Batch batch) {
    return header(std::get<HttpRequest>(sink->render(batch, context())), "webhook-id");
  };
  EXPECT_EQ(id(events), id(events));
  EXPECT_EQ(id(events).substr(0, 4), "wdb_");
  EXPECT_NE(id(events), id(Batch(events).first(2)));
  const auto request = std::get<HttpRequest>(sink->render(events, context()));
  EXPECT_EQ(header(request, "Content-Type"), "application/x-ndjson");
  const auto& body = request.body.reveal();
  EXPECT_EQ(std::count(body.begin(), body.end(), '\n'), 3);
  EXPECT_EQ(Json::parse(body.substr(0, body.find('\n')))["event_id"], "e1");
}

TEST(WebhookBatch, WithoutItEachEventHasARequestOfItsOwn) {
  EXPECT_EQ(make(Json::object())->batch_limits().max_events, 1U);
  EXPECT_FALSE(make(Json::object())->batch_limits().streaming);
}

}  // namespace
}  // namespace wardex::webhook
