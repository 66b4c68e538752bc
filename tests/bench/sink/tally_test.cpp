#include "sink/tally.hpp"

#include <gtest/gtest.h>

namespace wardex::bench {
namespace {

constexpr std::uint32_t kRun = 0xBE;

std::string event(std::uint64_t sequence, std::uint32_t case_number = 0, std::int64_t sent_us = 0,
                  std::uint32_t run = kRun) {
  return R"({"event_id":")" + to_string({run, case_number, sequence, sent_us}) + "\"}";
}

class TallyTest : public ::testing::Test {
 protected:
  TallyTest() { tally.reset(kRun); }
  void arrive(const std::string& body, std::int64_t at = 1) { tally.take(body, at); }
  [[nodiscard]] nlohmann::ordered_json figures(std::uint64_t expected, std::uint64_t first = 0) const {
    return tally.json(expected, first);
  }
  Tally tally;
};

TEST_F(TallyTest, SaysWhichAreMissing) {
  arrive("[" + event(0) + "," + event(2) + "]");
  arrive(event(5));
  const auto all = figures(7);
  EXPECT_EQ(all.at("unique"), 3);
  EXPECT_EQ(all.at("missing"), 4);
  EXPECT_EQ(all.at("first_missing"), (nlohmann::json{1, 3, 4, 6}));
  EXPECT_EQ(figures(2, 5).at("first_missing"), nlohmann::json{6}) << "of those from 5 on";
}

TEST_F(TallyTest, NamesTwentyOfManyThatAreMissing) {
  const auto all = figures(100'000);
  EXPECT_EQ(all.at("missing"), 100'000);
  EXPECT_EQ(all.at("first_missing").size(), 20U);
}

TEST_F(TallyTest, CountsEveryRepetition) {
  for (int i = 0; i < 300; ++i) arrive(event(0));
  arrive(event(1));
  const auto all = figures(2);
  EXPECT_EQ(all.at("events"), 301);
  EXPECT_EQ(all.at("unique"), 2);
  EXPECT_EQ(all.at("duplicates"), 299);
  EXPECT_EQ(all.at("repeated_ids"), 1);
  EXPECT_EQ(all.at("missing"), 0);
}

TEST_F(TallyTest, AnIdTwiceInARequestCountsOnceWhereAskedFor) {
  tally = Tally(true);
  tally.reset(kRun);
  arrive(event(0) + event(0));
  arrive(event(0));
  EXPECT_EQ(figures(1).at("duplicates"), 1) << "the second request";
}

TEST_F(TallyTest, OrderIsThatOfFirstArrivalsWithinACase) {
  struct Row {
    const char* what;
    std::vector<std::pair<std::uint64_t, std::uint32_t>> arrivals;  // sequence, case
    int breaks;
  };
  for (const auto& row : std::vector<Row>{{"in order, with gaps", {{0, 1}, {3, 1}, {9, 1}}, 0},
                                          {"other cases do not matter", {{5, 1}, {2, 2}, {6, 1}, {3, 2}}, 0},
                                          {"without a case there is no order", {{5, 0}, {2, 0}}, 0},
                                          {"a repetition may be late", {{1, 1}, {2, 1}, {1, 1}}, 0},
                                          {"one overtook two", {{3, 1}, {1, 1}, {2, 1}}, 2}}) {
    tally.reset(kRun);
    for (const auto& [sequence, case_number] : row.arrivals) arrive(event(sequence, case_number));
    EXPECT_EQ(figures(0).at("order_breaks"), row.breaks) << row.what;
  }
}

TEST_F(TallyTest, TakesItsOwnRunOnly) {
  arrive(event(0, 0, 0, kRun + 1));
  arrive(event(0));
  EXPECT_EQ(figures(1).at("unique"), 1);
  EXPECT_EQ(figures(1).at("foreign"), 1);

  tally.reset(std::nullopt);
  arrive(event(0, 0, 0, 7));
  arrive(event(1, 0, 0, 8));
  EXPECT_EQ(figures(1).at("run"), "00000007") << "the first that comes";
  EXPECT_EQ(figures(1).at("foreign"), 1);
}

TEST_F(TallyTest, ASequenceNumberBeyondAllBoundsTakesNoMemory) {
  arrive(event(kMostEvents));
  EXPECT_EQ(figures(0).at("foreign"), 1);
}

TEST_F(TallyTest, DelayRunsFromSendingToTheFirstArrival) {
  arrive(event(0, 0, 1'000'000), 1'000'040);
  arrive(event(0, 0, 1'000'000), 9'000'000);
  const auto all = figures(1);
  EXPECT_EQ(all.at("delay_us").at("count"), 1);
  EXPECT_EQ(all.at("delay_us").at("max"), 40);
  EXPECT_EQ(all.at("last_us"), 1'000'040);
  EXPECT_EQ(all.at("touched_us"), 9'000'000);
}

TEST_F(TallyTest, KeepsTheRateOfEachSecond) {
  arrive(event(0) + event(1), 10'000'000);
  arrive(event(2), 10'999'999);
  arrive(event(3), 13'000'000);
  const auto all = figures(4);
  EXPECT_EQ(all.at("seconds"), (nlohmann::json{3, 0, 0, 1}));
  EXPECT_EQ(all.at("longest_gap_us"), 2'000'001);
}

/// However the stream is cut into pieces.
TEST_F(TallyTest, FindsIdsAcrossThePiecesOfAStream) {
  const auto stream = "<134>1 - a " + event(0) + "\n<134>1 - a " + event(1) + "\n";
  for (std::size_t piece = 1; piece < stream.size(); ++piece) {
    tally.reset(kRun);
    std::string left;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      left += stream.substr(at, piece);
      left.erase(0, tally.take_stream(left, 1));
    }
    EXPECT_EQ(tally.events(), 2U) << piece;
  }
}

TEST_F(TallyTest, CountsWhatOnlyBeginsLikeAnId) {
  auto text = event(0);
  text[30] = 'z';
  arrive(text);
  EXPECT_EQ(figures(0).at("unreadable"), 1);
}

}  // namespace
}  // namespace wardex::bench
