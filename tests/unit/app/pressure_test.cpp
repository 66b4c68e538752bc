#include "app/pressure.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace wardex::app {
namespace {

using For = intake::Room::For;

config::HighWater marks(std::uint64_t pending, std::uint64_t database, std::uint32_t reserve) {
  config::HighWater out;
  out.pending = pending;
  out.database = Bytes{database};
  out.reserve = reserve;
  return out;
}

struct RoomCase {
  const char* name;
  config::HighWater marks;
  Load load;
  For left;
  std::vector<std::string> words;
};

TEST(Pressure, LeavesRoomByRowsAndBytes) {
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  const std::string pending = "intake.high_water.pending";
  const std::string database = "intake.high_water.database";
  const std::vector<RoomCase> cases{
      {"idle", marks(100, 1000, 10), {0, 0}, For::everything, {}},
      {"just below both", marks(100, 1000, 10), {99, 999}, For::everything, {}},
      {"rows at the mark", marks(100, 1000, 10), {100, 0}, For::critical, {pending, "100 deliveries"}},
      {"rows at the end of the reserve", marks(100, 1000, 10), {109, 0}, For::critical, {pending}},
      {"rows beyond it", marks(100, 1000, 10), {110, 0}, For::nothing, {pending, "reserve is used up"}},
      {"bytes at the mark", marks(100, 1000, 10), {0, 1000}, For::critical, {database}},
      {"bytes at the end of the reserve", marks(100, 1000, 10), {0, 1099}, For::critical, {database}},
      {"bytes beyond it", marks(100, 1000, 10), {0, 1100}, For::nothing, {database, "reserve is used up"}},
      {"both: the worse one is named", marks(100, 1000, 10), {105, 2000}, For::nothing, {database}},
      {"both alike: rows are named", marks(100, 1000, 10), {105, 1005}, For::critical, {pending}},
      {"no reserve", marks(100, 1000, 0), {100, 0}, For::nothing, {pending}},
      {"a reserve as large as the mark", marks(100, 1000, 100), {199, 1999}, For::critical, {}},
      {"... used up", marks(100, 1000, 100), {200, 0}, For::nothing, {}},
      {"a mark too small for a reserve", marks(3, 1000, 10), {3, 0}, For::nothing, {}},
      {"the largest marks", marks(kMost, kMost, 100), {kMost - 1, kMost - 1}, For::everything, {}},
      {"a mark near the end of the numbers", marks(kMost - 10, 1000, 100), {kMost - 5, 0}, For::critical, {}},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    const auto found = room(one.marks, one.load);
    EXPECT_EQ(found.left, one.left) << found.why;
    EXPECT_EQ(found.why.empty(), one.left == For::everything) << found.why;
    for (const auto& word : one.words) EXPECT_NE(found.why.find(word), std::string::npos) << found.why;
  }
  EXPECT_EQ(room(marks(100, 1000, 0), {100, 0}).why.find("reserve"), std::string::npos);
}

TEST(Pressure, NamesTheDiskThatIsNearlyFull) {
  config::HighWater mark;
  mark.free_disk = Bytes{1000};
  EXPECT_EQ(short_of_disk(mark, 1000), "");
  EXPECT_NE(short_of_disk(mark, 999).find("intake.high_water.free_disk"), std::string::npos);
}

}  // namespace
}  // namespace wardex::app
