#include "runtime/deadline.hpp"

#include <future>
#include <memory>
#include <optional>
#include <thread>

#include <gtest/gtest.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "runtime/one_shot.hpp"
#include "runtime/worker_pool.hpp"

namespace wardex::runtime {
namespace {

using std::chrono::steady_clock;

TEST(Deadline, RunsItsCallbackOnceAndRemembers) {
  asio::io_context context;
  int calls = 0;
  Deadline deadline(context.get_executor());
  deadline.on_expiry([&] { ++calls; });
  deadline.expire_after(Millis{5});
  context.run();
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(deadline.expired());
  deadline.expire_now();
  EXPECT_EQ(calls, 1);
  deadline.on_expiry([&] { ++calls; });  // late guards are cancelled at once
  EXPECT_EQ(calls, 2);
}

TEST(Deadline, MovesEarlierAndLater) {
  asio::io_context context;
  Deadline deadline(context.get_executor());
  deadline.expire_after(Millis{60000});
  const auto start = steady_clock::now();
  deadline.expire_after(Millis{5});
  deadline.expire_after(Millis{30});
  context.run();
  EXPECT_TRUE(deadline.expired());
  EXPECT_GE(steady_clock::now() - start, Millis{30});
  EXPECT_LT(steady_clock::now() - start, Millis{10000});
}

TEST(Deadline, DisarmedOneNeverFires) {
  asio::io_context context;
  Deadline deadline(context.get_executor());
  deadline.on_expiry([] { FAIL(); });
  deadline.expire_after(Millis{5});
  deadline.disarm();
  context.run();
  EXPECT_FALSE(deadline.expired());
}

TEST(Deadline, MayDieWhileItsHandlerIsQueued) {
  asio::io_context context;
  auto deadline = std::make_unique<Deadline>(context.get_executor());
  deadline->on_expiry([] { FAIL(); });
  deadline->expire_at(steady_clock::now() - Millis{1});
  deadline.reset();
  context.run();
}

asio::awaitable<void> take(std::shared_ptr<OneShot<int>> shot, std::shared_ptr<std::optional<int>> out) {
  *out = co_await shot->wait();
}

TEST(OneShot, DeliversBeforeAndAfterTheWaitBegins) {
  for (const bool early : {true, false}) {
    asio::io_context context;
    auto shot = std::make_shared<OneShot<int>>(context.get_executor());
    auto out = std::make_shared<std::optional<int>>();
    if (early) shot->set(7);
    spawn(context.get_executor(), "t", take(shot, out));
    context.poll();
    shot->set(7);
    shot->set(8);
    context.run();
    EXPECT_EQ(*out, 7);
  }
}

TEST(OneShot, GivesUpWithNothing) {
  asio::io_context context;
  auto shot = std::make_shared<OneShot<int>>(context.get_executor());
  auto out = std::make_shared<std::optional<int>>(1);
  spawn(context.get_executor(), "t", take(shot, out));
  context.poll();
  shot->give_up();
  context.run();
  EXPECT_FALSE(out->has_value());
}

TEST(WorkerPool, WorksElsewhereAndCompletesOnTheLoop) {
  asio::io_context context;
  auto guard = asio::make_work_guard(context);
  WorkerPool pool(context.get_executor(), 2);
  std::thread::id worked;
  std::thread::id finished;
  pool.run([&] { worked = std::this_thread::get_id(); },
           [&] {
             finished = std::this_thread::get_id();
             guard.reset();
           });
  context.run();
  EXPECT_NE(worked, std::this_thread::get_id());
  EXPECT_EQ(finished, std::this_thread::get_id());
}

TEST(WorkerPool, LeavesAStuckThreadBehind) {
  asio::io_context context;
  auto release = std::make_shared<std::promise<void>>();
  auto begun = std::make_shared<std::promise<void>>();
  auto over = std::make_shared<std::promise<void>>();
  const auto of_the_loop = std::make_shared<int>();
  {
    WorkerPool pool(context.get_executor(), 1);
    const auto stuck = [release, begun, over] {
      begun->set_value();
      release->get_future().wait();
      over->set_value();
    };
    pool.run(stuck, [of_the_loop] { FAIL(); });
    pool.run([] { FAIL(); }, [of_the_loop] { FAIL(); });  // never begins
    begun->get_future().wait();
  }                                       // does not wait
  EXPECT_EQ(of_the_loop.use_count(), 1);  // nothing of the loop is left to the thread
  release->set_value();
  over->get_future().wait();
  context.run();
}

}  // namespace
}  // namespace wardex::runtime
