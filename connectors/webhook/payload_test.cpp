// Most payloads are written straight, those that must be cut by way of a document: both must say the same.
#include "webhook/payload.hpp"

#include <random>

#include <gtest/gtest.h>

#include "conformance/events.hpp"

namespace wardex::webhook {
namespace {

class Sender {
 public:
  explicit Sender(unsigned seed) : random_(seed) {}
  bool maybe() { return random_() % 2 == 0; }
  std::string text() {
    static const std::vector<std::string> pieces{"plain", " ",  "\"", "\\",   "\n",       "\x01",
                                                 "é",     "漢", "😀",  "\xff", "</script>"};
    std::string out;
    for (std::size_t i = random_() % 6; i > 0; --i) out += pieces[random_() % pieces.size()];
    return out;
  }
  std::string optional_text() { return maybe() ? text() : std::string(); }
  std::vector<std::string> list() {
    std::vector<std::string> out(random_() % 3);
    for (auto& one : out) one = text();
    return out;
  }
  Delivery delivery() {
    Event event = maybe() ? test::full_event() : test::guide_event();
    event.id = "e" + text();
    event.kind = kKinds[random_() % kKinds.size()];
    event.severity = kSeverities[random_() % kSeverities.size()];
    for (auto* field :
         {&event.action, &event.case_id, &event.title, &event.description, &event.endpoint_id, &event.host, &event.user,
          &event.process, &event.rule, &event.assignee, &event.tenant, &event.wardex_url})
      *field = optional_text();
    event.alert_ids = list();
    event.mitre = list();
    event.tags = list();
    event.labels.clear();
    for (std::size_t i = random_() % 3; i > 0; --i) event.labels[text()] = text();
    if (maybe()) event.status.reset();
    if (maybe()) event.occurred_at.reset();
    event.score = maybe() ? std::optional(static_cast<double>(random_() % 1000) / 7) : std::nullopt;
    Delivery out = test::delivery(event);
    out.stands_in_for = optional_text();
    out.also_sent_via = optional_text();
    out.coalesced = random_() % 3;
    return out;
  }

 private:
  std::mt19937 random_;
};

TEST(Payload, IsTheSameWhicheverWayItWasMade) {
  Sender sender(20260421);
  for (int round = 0; round < 3000; ++round) {
    const auto delivery = sender.delivery();
    const std::string id = sender.maybe() ? delivery.key : "";
    for (const auto form : {PayloadForm::flat, PayloadForm::envelope, PayloadForm::thin}) {
      const auto written = make_payload(delivery, form, 1 << 20, id);
      const auto cut = cut_payload(delivery, form, 1 << 20, id);
      ASSERT_EQ(written.body, cut.body);
      EXPECT_EQ(written.type, cut.type);
      EXPECT_TRUE(cut.trimmed.empty());
    }
  }
}

TEST(Payload, IsCutOnlyWhenItIsTooLong) {
  auto event = test::guide_event();
  event.description = std::string(10'000, 'd');
  const auto delivery = test::delivery(event);
  const auto whole = make_payload(delivery, PayloadForm::flat, 1 << 20);
  EXPECT_TRUE(whole.trimmed.empty());
  const auto fits = make_payload(delivery, PayloadForm::flat, whole.body.size());
  EXPECT_EQ(fits.body, whole.body);
  const auto cut = make_payload(delivery, PayloadForm::flat, whole.body.size() - 1);
  EXPECT_EQ(cut.trimmed, std::vector<std::string>{"description"});
  EXPECT_LT(cut.body.size(), whole.body.size());
}

}  // namespace
}  // namespace wardex::webhook
