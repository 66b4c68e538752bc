#include "app/pressure.hpp"

#include <gtest/gtest.h>

namespace wardex::app {
namespace {

config::HighWater mark(std::uint64_t pending, std::uint64_t bytes) {
  config::HighWater out;
  out.pending = pending;
  out.free_disk = Bytes{bytes};
  return out;
}

TEST(Pressure, IsNoneBelowBothMarks) {
  EXPECT_EQ(over_backlog(mark(10, 1000), 9), "");
  EXPECT_EQ(short_of_disk(mark(10, 1000), 1000), "");
}

TEST(Pressure, NamesTheMarkThatIsReached) {
  EXPECT_NE(over_backlog(mark(10, 0), 10).find("intake.high_water.pending"), std::string::npos);
  EXPECT_NE(short_of_disk(mark(10, 1000), 999).find("intake.high_water.free_disk"), std::string::npos);
}

}  // namespace
}  // namespace wardex::app
