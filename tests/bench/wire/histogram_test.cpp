#include "wire/histogram.hpp"

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace wardex::bench {
namespace {

TEST(Histogram, IsEmptyAtFirst) {
  const Histogram none;
  EXPECT_EQ(none.percentile(50), 0U);
  EXPECT_EQ(none.json().at("count"), 0);
}

TEST(Histogram, IsExactForSmallValues) {
  Histogram times;
  for (int micros = 1; micros <= 50; ++micros) times.add(micros);
  EXPECT_EQ(times.percentile(0), 1U);
  EXPECT_EQ(times.percentile(50), 25U);
  EXPECT_EQ(times.percentile(100), 50U);
}

TEST(Histogram, CountsAClockThatRanBackwardsAsNothing) {
  Histogram times;
  times.add(-5);
  EXPECT_EQ(times.percentile(50), 0U);
  EXPECT_EQ(times.count(), 1U);
}

/// Against sorting: never above the real percentile, and at most a sixty-fourth below.
TEST(Histogram, IsAtMostASixtyFourthLow) {
  std::mt19937_64 random(1);
  Histogram times;
  std::vector<std::int64_t> sorted;
  for (int i = 0; i < 20'000; ++i) {
    const auto value = static_cast<std::int64_t>(random() >> (20 + random() % 44));  // over all powers of two
    sorted.push_back(value);
    times.add(value);
  }
  std::sort(sorted.begin(), sorted.end());
  for (const double percent : {0.0, 1.0, 50.0, 90.0, 99.0, 99.9, 100.0}) {
    const auto exact = sorted[static_cast<std::size_t>(percent / 100 * static_cast<double>(sorted.size() - 1))];
    const auto stated = static_cast<std::int64_t>(times.percentile(percent));
    EXPECT_LE(stated, exact) << percent;
    EXPECT_GE(stated, exact - exact / 64) << percent;
  }
  EXPECT_EQ(times.largest(), static_cast<std::uint64_t>(sorted.back()));
}

TEST(Histogram, HasRoomForTheLargestValue) {
  Histogram times;
  times.add(std::numeric_limits<std::int64_t>::max());
  EXPECT_GT(times.percentile(50), 1ULL << 62U);
}

}  // namespace
}  // namespace wardex::bench
