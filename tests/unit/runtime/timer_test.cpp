#include "runtime/timer.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "runtime/clock.hpp"
#include "virtual_time/clock.hpp"

namespace wardex::runtime {
namespace {

TEST(AsioTimers, FireOnceWithWhatTheyWereArmedWithLast) {
  boost::asio::io_context loop;
  AsioTimers timers(loop.get_executor());
  const auto timer = timers.make();
  const auto now = SystemClock().mono();
  std::string fired;
  timer->arm(now, [&fired] { fired += "a"; });
  timer->arm(now, [&fired] { fired += "b"; });
  EXPECT_EQ(fired, "") << "never from inside arm()";
  loop.run();
  EXPECT_EQ(fired, "b");
}

TEST(AsioTimers, ACancelledOrDestroyedTimerIsSilentEvenWhenItsHandlerWaitsInTheQueue) {
  boost::asio::io_context loop;
  AsioTimers timers(loop.get_executor());
  auto cancelled = timers.make();
  auto destroyed = timers.make();
  const auto now = SystemClock().mono();
  std::string fired;
  const auto first = timers.make();
  first->arm(now - Millis{2}, [&] {
    cancelled->cancel();
    destroyed.reset();
    fired += "1";
  });
  cancelled->arm(now - Millis{1}, [&fired] { fired += "c"; });
  destroyed->arm(now - Millis{1}, [&fired] { fired += "d"; });
  loop.run();
  EXPECT_EQ(fired, "1");
}

TEST(VirtualTimers, FireInOrderAndNotWhatWasArmedMeanwhile) {
  test::VirtualTimers timers;
  test::VirtualClock clock;
  std::vector<std::string> fired;
  const auto late = timers.make();
  const auto early = timers.make();
  const auto again = timers.make();
  late->arm(clock.mono() + Millis{2}, [&] { fired.emplace_back("late"); });
  early->arm(clock.mono() + Millis{1}, [&] {
    fired.emplace_back("early");
    again->arm(clock.mono(), [&] { fired.emplace_back("again"); });
  });
  EXPECT_EQ(timers.next_due(), clock.mono() + Millis{1});
  clock.advance(Millis{5});
  timers.fire_due(clock.mono());
  EXPECT_EQ(fired, (std::vector<std::string>{"early", "late"}));
  timers.fire_due(clock.mono());
  EXPECT_EQ(fired.back(), "again");
  EXPECT_FALSE(timers.next_due());
}

}  // namespace
}  // namespace wardex::runtime
