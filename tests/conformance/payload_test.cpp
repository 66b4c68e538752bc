// What every connector owes its receiver: ids and link always, limits kept, hostile text harmless, and the same bytes
// for the same delivery.
#include <gtest/gtest.h>

#include "conformance/events.hpp"
#include "conformance/fixtures.hpp"
#include "conformance/golden.hpp"
#include "wardex/text.hpp"

namespace wardex::test {
namespace {

class Payload : public ::testing::TestWithParam<Fixture> {
 protected:
  [[nodiscard]] Request render(const Delivery& item, std::chrono::seconds later = {}) const {
    return sink->render(Batch(&item, 1), context({}, later));
  }
  std::unique_ptr<Sink> sink = make_sink(GetParam());
};

std::string payload(const Request& request) {
  if (const auto* http = std::get_if<HttpRequest>(&request)) return http->body.reveal();
  if (const auto* append = std::get_if<FileAppend>(&request)) return append->bytes;
  ADD_FAILURE() << "teach payload() this kind of request";
  return {};
}

void expect_well_formed(const Request& request) {
  EXPECT_TRUE(text::is_valid_utf8(payload(request)));
  EXPECT_TRUE(Json::accept(payload(request)));
  const auto* http = std::get_if<HttpRequest>(&request);
  if (http == nullptr) return;
  for (const auto& header : http->headers)
    for (const unsigned char c : header.name + header.value.reveal())
      EXPECT_TRUE(c >= 0x20 && c < 0x7F) << header.name << ": " << header.value.redacted();
}

TEST_P(Payload, CarriesCaseEndpointAndLink) {
  for (const auto& event : {guide_event(), full_event(), huge_event(), hostile_event()}) {
    const auto body = payload(render(delivery(event)));
    for (const auto& wanted : {"CASE-1042", "macbook-sec-17", "https://console.example/cases/CASE-1042"})
      EXPECT_NE(body.find(wanted), std::string::npos) << wanted << " is not in " << text::truncate(body, 300);
  }
}

TEST_P(Payload, CarriesTheEventsIdWhenThereIsNoCase) {
  auto event = guide_event();
  event.case_id.clear();
  EXPECT_NE(payload(render(delivery(event))).find("evt-0001"), std::string::npos);
}

TEST_P(Payload, KeepsToTheReceiversLimit) {
  const auto request = render(delivery(huge_event()));
  expect_well_formed(request);
  EXPECT_LE(body_size(request), GetParam().max_body);
}

TEST_P(Payload, MakesHostileTextHarmless) {
  const auto hostile = render(delivery(hostile_event()));
  expect_well_formed(hostile);
  // No text of an alert reaches the address or adds a header.
  const auto benign = render(delivery(full_event()));
  const auto* a = std::get_if<HttpRequest>(&hostile);
  const auto* b = std::get_if<HttpRequest>(&benign);
  if (a == nullptr || b == nullptr) return;
  EXPECT_EQ(a->url.reveal(), b->url.reveal());
  ASSERT_EQ(a->headers.size(), b->headers.size());
  for (std::size_t i = 0; i < a->headers.size(); ++i) EXPECT_EQ(a->headers[i].name, b->headers[i].name);
}

TEST_P(Payload, RendersAnEmptyEvent) {
  Event event;
  event.id = "evt-empty";
  expect_well_formed(render(delivery(event)));
}

TEST_P(Payload, RendersEveryKindItAccepts) {
  for (const auto kind : GetParam().manifest().accepts) {
    auto event = guide_event();
    event.kind = kind;
    expect_well_formed(render(delivery(event)));
  }
}

TEST_P(Payload, IsTheSameForEveryAttempt) {
  auto item = delivery(full_event());
  const auto first = render(item);
  item.attempt = 9;
  item.previous_unknown = true;
  const auto later = render(item, std::chrono::hours{30});
  EXPECT_EQ(payload(first), payload(later));
  if (!GetParam().manifest().dedups_by_key) return;
  // The key is somewhere the receiver can see it, at both times.
  const auto has_key = [&](const Request& request) {
    if (payload(request).find(item.key) != std::string::npos) return true;
    for (const auto& header : std::get<HttpRequest>(request).headers)
      if (header.value.reveal() == item.key) return true;
    return false;
  };
  EXPECT_TRUE(has_key(first));
  EXPECT_TRUE(has_key(later));
}

TEST_P(Payload, SaysWhenItStandsInForAnother) {
  auto item = delivery(guide_event());
  item.stands_in_for = "soc-pager";
  EXPECT_NE(payload(render(item)).find("soc-pager"), std::string::npos);
}

TEST_P(Payload, Golden) {
  expect_golden(GetParam().connector, GetParam().variant, render(delivery(guide_event())));
  expect_golden(GetParam().connector, GetParam().variant + "_full", render(delivery(full_event())));
}

INSTANTIATE_TEST_SUITE_P(Connectors, Payload, ::testing::ValuesIn(fixtures()),
                         [](const auto& instance) { return instance.param.name(); });

}  // namespace
}  // namespace wardex::test
