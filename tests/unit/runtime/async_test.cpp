#include "runtime/async.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "runtime/log.hpp"

namespace wardex::runtime {
namespace {

using Callback = std::function<void(std::string)>;

asio::awaitable<void> collect(std::function<void(Callback)> start, std::shared_ptr<std::vector<std::string>> out,
                              std::shared_ptr<std::thread::id> resumed_on) {
  auto value = co_await await_callback<std::string>(std::move(start));
  out->push_back(std::move(value));
  *resumed_on = std::this_thread::get_id();
}

TEST(AwaitCallback, ResumesWithTheValueOfACallbackMadeAtOnce) {
  asio::io_context context;
  auto out = std::make_shared<std::vector<std::string>>();
  auto on = std::make_shared<std::thread::id>();
  const std::string value(100, 'x');  // longer than any small-string buffer
  spawn(context.get_executor(), "t", collect([value](Callback done) { done(value); }, out, on));
  context.run();
  ASSERT_EQ(out->size(), 1U);
  EXPECT_EQ(out->front(), value);
}

TEST(AwaitCallback, ResumesOnItsOwnThreadWhenAnotherThreadCompletes) {
  asio::io_context context;
  auto out = std::make_shared<std::vector<std::string>>();
  auto on = std::make_shared<std::thread::id>();
  std::vector<std::thread> threads;
  for (int i = 0; i < 50; ++i) {
    auto start = [&threads, i](Callback done) {
      threads.emplace_back(
          [done = std::move(done), i] { done("value number " + std::to_string(i) + std::string(40, '.')); });
    };
    spawn(context.get_executor(), "t", collect(std::move(start), out, on));
  }
  context.run();  // returns only when all fifty have resumed: outstanding work is tracked
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(out->size(), 50U);
  EXPECT_EQ(*on, std::this_thread::get_id());
}

TEST(AwaitCallback, ACallbackKeptAfterItsCallHoldsUpNothing) {
  asio::io_context context;
  auto out = std::make_shared<std::vector<std::string>>();
  auto on = std::make_shared<std::thread::id>();
  Callback kept;
  auto start = [&kept](Callback done) {
    kept = std::move(done);
    kept("once");
    kept("twice");
  };
  spawn(context.get_executor(), "t", collect(std::move(start), out, on));
  context.run();  // returns, though `kept` lives
  EXPECT_EQ(*out, std::vector<std::string>{"once"});
}

TEST(AwaitCallback, AnUnfinishedOneIsFreedWithItsContext) {
  auto out = std::make_shared<std::vector<std::string>>();
  auto on = std::make_shared<std::thread::id>();
  {
    asio::io_context context;
    spawn(context.get_executor(), "t", collect([](const Callback&) {}, out, on));
    context.poll();
  }
  EXPECT_TRUE(out->empty());
  EXPECT_EQ(out.use_count(), 1);  // the frame is gone
}

asio::awaitable<void> fail() {
  throw std::runtime_error("broken");
  co_return;
}

class Spawn : public ::testing::Test {
 protected:
  void SetUp() override {
    log::configure(log::Level::info, log::Format::json);
    log::redirect([this](std::string_view line) { lines_.emplace_back(line); });
  }
  void TearDown() override { log::redirect(nullptr); }
  std::vector<std::string> lines_;
};

TEST_F(Spawn, LogsAnEscapedExceptionWithTheTaskName) {
  asio::io_context context;
  spawn(context.get_executor(), "pump", fail());
  EXPECT_NO_THROW(context.run());
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_NE(lines_[0].find(R"("event":"task.failed")"), std::string::npos) << lines_[0];
  EXPECT_NE(lines_[0].find(R"("fields":{"task":"pump","error":"broken"})"), std::string::npos) << lines_[0];
}

TEST_F(Spawn, AVitalTaskEndsTheLoop) {
  asio::io_context context;
  spawn(context.get_executor(), "writer", fail(), true);
  EXPECT_THROW(context.run(), std::runtime_error);
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_NE(lines_[0].find("task.fatal"), std::string::npos);
}

}  // namespace
}  // namespace wardex::runtime
