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

TEST(RefuseIntake, TakesEventsBelowBothMarks) { EXPECT_EQ(refuse_intake(mark(10, 1000), 9, 1000), ""); }

TEST(RefuseIntake, NamesTheMarkThatIsReached) {
  EXPECT_NE(refuse_intake(mark(10, 0), 10, 1).find("intake.high_water.pending"), std::string::npos);
  EXPECT_NE(refuse_intake(mark(10, 1000), 0, 999).find("intake.high_water.free_disk"), std::string::npos);
}

}  // namespace
}  // namespace wardex::app
