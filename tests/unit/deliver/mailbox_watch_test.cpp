#include "deliver/mailbox_watch.hpp"

#include "unit/deliver/mailbox_fixture.hpp"

namespace wardex::deliver::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(MailboxAlarm, HasTwoMarks) {
  const MailboxMarks marks{1000, hours(24)};
  EXPECT_EQ(mailbox_alarm(marks, 0, std::nullopt), "");
  EXPECT_EQ(mailbox_alarm(marks, 999, Millis(hours(24)) - Millis{1}), "");
  EXPECT_EQ(mailbox_alarm(marks, 5, std::nullopt), "");
  EXPECT_THAT(mailbox_alarm(marks, 1000, std::nullopt), HasSubstr("mailbox.alarm.entries"));
  EXPECT_THAT(mailbox_alarm(marks, 1, Millis(hours(24))), HasSubstr("mailbox.alarm.age"));
  EXPECT_THAT(mailbox_alarm(marks, 1, Millis(hours(25)) + Millis{7}), HasSubstr("25h"));
  EXPECT_EQ(mailbox_alarm(marks, 0, Millis(hours(25))), "");  // the last one just left
}

struct MailboxWatchTest : testing::Test {
  World world;
  MailboxStore store{world.loop};
  MailboxWatch watch{store, world.clock, world.timers};
};

TEST_F(MailboxWatchTest, AnEmptyMailboxCostsNothing) {
  watch.configure({1000, hours(24)});
  world.run_for(hours(1));
  EXPECT_EQ(store.oldest_asked, 0U);
  EXPECT_THAT(watch.states(), IsEmpty());
}

TEST_F(MailboxWatchTest, CountsAreExactAndAgesAreFollowed) {
  store.fill("hook", 3, world.clock.wall());
  watch.configure({1000, hours(24)});
  world.run_for(seconds(1));
  ASSERT_TRUE(watch.states().contains("hook"));
  EXPECT_EQ(watch.states().at("hook").entries, 3U);
  EXPECT_EQ(watch.states().at("hook").oldest_at, store.entries.begin()->second.at);
  EXPECT_EQ(watch.states().at("hook").alarm, "");
  world.run_for(hours(24));
  EXPECT_THAT(watch.states().at("hook").alarm, HasSubstr("mailbox.alarm.age"));
  store.known = {"hook"};
  store.entries.clear();
  world.run_for(minutes(1));
  EXPECT_THAT(watch.states(), IsEmpty());
}

TEST_F(MailboxWatchTest, OneConnectorsAlarmIsItsOwn) {
  store.fill("hook", 10, world.clock.wall());
  store.fill("chat", 2, world.clock.wall());
  watch.configure({10, hours(24)});
  world.run_for(seconds(1));
  EXPECT_THAT(watch.states().at("hook").alarm, HasSubstr("10 entries"));
  EXPECT_EQ(watch.states().at("chat").alarm, "");
  watch.configure({100, hours(24)});  // a reload counts at once
  EXPECT_EQ(watch.states().at("hook").alarm, "");
}

TEST_F(MailboxWatchTest, AFailedReadLeavesWhatIsKnown) {
  store.fill("hook", 1, world.clock.wall());
  watch.configure({1000, hours(24)});
  world.run_for(seconds(1));
  store.broken = store::Error{store::Fault::io, "read error"};
  world.run_for(hours(25));
  EXPECT_THAT(watch.states().at("hook").alarm, HasSubstr("mailbox.alarm.age"));
}

TEST_F(MailboxWatchTest, AStopEndsIt) {
  store.fill("hook", 1, world.clock.wall());
  watch.configure({1000, hours(24)});
  world.run_for(seconds(1));
  const auto asked = store.oldest_asked;
  watch.stop();
  world.run_for(hours(1));
  EXPECT_EQ(store.oldest_asked, asked);
}

}  // namespace
}  // namespace wardex::deliver::test
