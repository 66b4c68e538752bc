#include "wire/event_id.hpp"

#include <gtest/gtest.h>

namespace wardex::bench {
namespace {

TEST(EventId, SurvivesBeingWrittenAndRead) {
  for (const auto& id : {EventId{}, EventId{0xDEADBEEF, 42, 7, 1'776'781'329'000'001},
                         EventId{0xFFFFFFFF, kMostCases, kMostEvents, 9'999'999'999'999'999}}) {
    const auto text = to_string(id);
    EXPECT_EQ(text.size(), kIdSize);
    EXPECT_EQ(read_event_id(text), id) << text;
    EXPECT_EQ(read_event_id(text + "\",more"), id) << "what follows is the event's";
  }
}

TEST(EventId, HasAFixedLayout) {
  EXPECT_EQ(to_string({0xBE000001, 17, 4711, 1'776'781'329'123'456}),
            "wbe1-be000001-000017-0000004711-1776781329123456");
  EXPECT_EQ(run_name(0xBE000001), "be000001");
  EXPECT_EQ(case_digits(17), "000017");
}

TEST(EventId, IsNotReadFromAnythingElse) {
  const auto good = to_string({1, 2, 3, 4});
  for (const auto& bad : {good.substr(0, kIdSize - 1), good.substr(1) + "0", std::string(kIdSize, 'x'), std::string()})
    EXPECT_FALSE(read_event_id(bad)) << bad;
  for (std::size_t at = 0; at < kIdSize; ++at) {
    auto damaged = good;
    damaged[at] = 'z';
    EXPECT_FALSE(read_event_id(damaged)) << damaged;
  }
}

TEST(Run, IsEightHexDigits) {
  EXPECT_EQ(parse_run("be000001"), 0xBE000001U);
  for (const auto* bad : {"", "be00001", "be0000011", "be00000g", "-e000001"}) EXPECT_FALSE(parse_run(bad)) << bad;
}

}  // namespace
}  // namespace wardex::bench
