// Random documents, made of the words that rules look for: nothing throws, and what is accepted is restored.
#include <random>

#include "unit/normalise/random_document.hpp"
#include "unit/normalise/reading.hpp"
#include "wardex/text.hpp"

namespace wardex::normalise {
namespace {

using nlohmann::json;

TEST(Property, RandomDocumentsNeverThrowAndAcceptedOnesAreRestored) {
  std::size_t accepted = 0;
  for (unsigned seed = 0; seed < 4'000; ++seed) {
    Maker maker(seed);
    const auto text = maker.object(0).dump();
    Outcome outcome;
    ASSERT_NO_THROW(outcome = read(text)) << text;
    const auto* event = std::get_if<Event>(&outcome);
    if (event == nullptr) continue;
    ++accepted;
    ASSERT_FALSE(event->id.empty()) << text;
    ASSERT_LE(event->id.size(), 200U);
    ASSERT_LE(event->case_id.size(), 200U);
    ASSERT_FALSE(event->title.empty()) << text;
    ASSERT_TRUE(text::is_valid_utf8(to_json(*event).dump()));
    ASSERT_EQ(whole(restore(text, event->id, event->case_id, test_options())), whole(*event)) << text;
  }
  EXPECT_GT(accepted, 600U);  // else the property says little
}

TEST(Property, BrokenBytesNeverThrow) {
  std::mt19937 random(7);
  for (unsigned seed = 0; seed < 4'000; ++seed) {
    auto text = Maker(seed).object(0).dump();
    for (int n = 0; n < 3; ++n) text[random() % text.size()] = static_cast<char>(random());
    ASSERT_NO_THROW((void)read(text)) << text;
    ASSERT_NO_THROW((void)split_json(text, 32)) << text;
  }
}

TEST(Property, TheSplitterFindsWhatTheParserFinds) {
  for (unsigned seed = 0; seed < 2'000; ++seed) {
    Maker maker(seed);
    json list = json::array();
    for (auto n = maker.below(5); n > 0; --n) list.push_back(maker.value(0));
    const auto text = list.dump(seed % 2 == 0 ? -1 : 2);
    const auto split = split_json(text, 64);
    ASSERT_TRUE(std::holds_alternative<std::vector<std::string_view>>(split)) << text;
    const auto& slices = std::get<std::vector<std::string_view>>(split);
    ASSERT_EQ(slices.size(), list.size()) << text;
    for (std::size_t i = 0; i < slices.size(); ++i) ASSERT_EQ(json::parse(slices[i]), list[i]) << text;
  }
}

TEST(Restore, KeepsTheStoredIdentity) {
  auto options = test_options();
  options.case_prefix = "INCIDENT-";
  const auto event = restore(R"({"case_id":7,"title":"t"})", "id-1", "CASE-7", options);
  EXPECT_EQ(event.id, "id-1");
  EXPECT_EQ(event.case_id, "CASE-7");
  EXPECT_EQ(event.wardex_url, "https://console.example/cases/CASE-7");
}

TEST(Restore, DeliversWhatItCanNoLongerRead) {
  for (const auto* body : {"", "{", R"({"foo":1})", R"({"type":"heartbeat"})"}) {
    const auto event = restore(body, "id-1", "CASE-7", test_options());
    EXPECT_EQ(event.id, "id-1");
    EXPECT_EQ(event.case_id, "CASE-7");
    EXPECT_EQ(event.original, body);
    EXPECT_FALSE(event.title.empty());
  }
}

}  // namespace
}  // namespace wardex::normalise
