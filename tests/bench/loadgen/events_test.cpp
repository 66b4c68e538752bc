#include "loadgen/events.hpp"

#include <map>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace wardex::bench {
namespace {

using nlohmann::json;

constexpr std::size_t kConnections = 4;

std::string body(Options options, std::uint64_t first, std::size_t count, std::size_t connection = 0) {
  options.connections = kConnections;
  std::string out;
  Events(options).body(out, first, count, connection, 1'776'781'329'000'000);
  return out;
}

TEST(Events, AreJsonOfTheSizeAskedFor) {
  for (const auto kind : {EventKind::alert, EventKind::case_, EventKind::telemetry, EventKind::mixed})
    for (const std::size_t size : {400U, 500U, 3U * 1024}) {
      const auto text = body({.kind = kind, .size = size}, 0, 1);
      EXPECT_TRUE(json::accept(text)) << text;
      EXPECT_NEAR(static_cast<double>(text.size()), static_cast<double>(size), 2);
    }
}

TEST(Events, HaveAnIdEachWhateverTheFormat) {
  for (const auto format : {Format::json, Format::array, Format::ndjson, Format::alertmanager, Format::syslog}) {
    const std::size_t count = format == Format::json ? 1 : 100;
    const auto text = body({.batch = count, .format = format, .run = 0xBE}, 7, count);
    std::set<std::uint64_t> sequences;
    for (auto at = text.find(kIdMarker); at != std::string::npos; at = text.find(kIdMarker, at + 1))
      sequences.insert(read_event_id(std::string_view(text).substr(at)).value().sequence);
    EXPECT_EQ(sequences.size(), count);
    EXPECT_EQ(*sequences.begin(), 7U);
    EXPECT_EQ(*sequences.rbegin(), 7 + count - 1);
  }
}

TEST(Events, CaseOfAnIdIsTheCaseOfItsEvent) {
  for (const auto& event : json::parse(body({.kind = EventKind::mixed, .format = Format::array}, 0, 500))) {
    const auto id = read_event_id(event.at("event_id").get<std::string>()).value();
    EXPECT_EQ(event.contains("case_id"), id.case_number != 0);
    if (id.case_number == 0) continue;
    EXPECT_EQ(event.at("case_id"), "CASE-" + case_digits(id.case_number));
  }
}

TEST(Events, ACaseBelongsToOneConnection) {
  const Events events(Options{.connections = kConnections, .kind = EventKind::mixed, .cases = 40});
  std::map<std::uint32_t, std::size_t> owner;
  for (std::size_t connection = 0; connection < kConnections; ++connection)
    for (std::uint64_t sequence = 0; sequence < 5000; ++sequence) {
      const auto number = events.case_of(sequence, connection);
      if (number == 0) continue;
      EXPECT_EQ(owner.emplace(number, connection).first->second, connection);
    }
  EXPECT_EQ(owner.size(), 40U) << "and all of them are used";
}

TEST(Events, OfAMixtureSomeAreCasesAndSomeAlerts) {
  std::map<std::string, int> kinds;
  for (const auto& event : json::parse(body({.kind = EventKind::mixed, .format = Format::array}, 0, 1000)))
    ++kinds[event.at("kind").get<std::string>()];
  EXPECT_NEAR(kinds["case"], 250, 60);
  EXPECT_EQ(kinds["case"] + kinds["alert"], 1000);
}

}  // namespace
}  // namespace wardex::bench
