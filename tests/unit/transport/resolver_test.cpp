#include "transport/resolver.hpp"

#include <atomic>
#include <future>
#include <optional>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "runtime/async.hpp"

namespace wardex::transport {
namespace {

namespace asio = boost::asio;

const Addresses one{asio::ip::make_address("192.0.2.1")};

using Out = std::shared_ptr<std::optional<Resolved>>;

asio::awaitable<void> ask(Resolver* resolver, std::string host, std::shared_ptr<runtime::Deadline> deadline, Out out) {
  auto answer = co_await resolver->resolve(std::move(host), std::move(deadline));
  *out = std::move(answer);
}

class ResolverTest : public ::testing::Test {
 protected:
  void make(Lookup lookup) {
    resolver_ = std::make_unique<Resolver>(context_.get_executor(), std::move(lookup), ResolverLimits{},
                                           [this] { return now_; });
  }
  Out begin(const std::string& host, Millis patience = Millis{10000}) {
    auto out = std::make_shared<std::optional<Resolved>>();
    auto deadline = std::make_shared<runtime::Deadline>(context_.get_executor());
    deadline->expire_after(patience);
    runtime::spawn(context_.get_executor(), "test", ask(resolver_.get(), host, deadline, out));
    return out;
  }
  Resolved finish(const Out& out) {
    context_.restart();
    while (!out->has_value()) context_.run_one();
    return **out;
  }
  Resolved resolve(const std::string& host, Millis patience = Millis{10000}) { return finish(begin(host, patience)); }

  asio::io_context context_;
  MonoTime now_{};
  std::unique_ptr<Resolver> resolver_;
};

TEST_F(ResolverTest, CachesAnswersForThirtySeconds) {
  std::atomic<int> asked{0};
  make([&](const std::string&) -> Resolved { return ++asked, one; });
  EXPECT_EQ(resolve("a"), Resolved(one));
  now_ += std::chrono::seconds(29);
  EXPECT_EQ(resolve("a"), Resolved(one));
  EXPECT_EQ(asked, 1);
  now_ += std::chrono::seconds(2);
  EXPECT_EQ(resolve("a"), Resolved(one));
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(resolve("b"), Resolved(one));
  EXPECT_EQ(asked, 3);
}

TEST_F(ResolverTest, CachesFailuresForFiveSeconds) {
  std::atomic<int> asked{0};
  make([&](const std::string&) -> Resolved { return ++asked, std::string("no such name"); });
  EXPECT_EQ(resolve("a"), Resolved(std::string("no such name")));
  now_ += std::chrono::seconds(4);
  EXPECT_EQ(resolve("a"), Resolved(std::string("no such name")));
  EXPECT_EQ(asked, 1);
  now_ += std::chrono::seconds(2);
  (void)resolve("a");
  EXPECT_EQ(asked, 2);
}

TEST_F(ResolverTest, QuestionsForOneNameShareALookup) {
  std::promise<void> go;
  auto gone = go.get_future().share();
  std::atomic<int> asked{0};
  make([&, gone](const std::string&) -> Resolved {
    ++asked;
    gone.wait();
    return one;
  });
  std::vector<Out> all;
  for (int i = 0; i < 20; ++i) all.push_back(begin("dead.zone"));
  context_.poll();
  go.set_value();
  for (const auto& out : all) EXPECT_EQ(finish(out), Resolved(one));
  EXPECT_EQ(asked, 1);
}

TEST_F(ResolverTest, ADeadZoneHoldsUpNobodyElse) {
  std::promise<void> go;
  auto gone = go.get_future().share();
  make([gone](const std::string& host) -> Resolved {
    if (host == "dead.zone") gone.wait();
    return one;
  });
  std::vector<Out> stuck;
  for (int i = 0; i < 10; ++i) stuck.push_back(begin("dead.zone", Millis{30}));
  EXPECT_EQ(resolve("fine.example"), Resolved(one));
  for (const auto& out : stuck) EXPECT_EQ(finish(out), Resolved(std::string("timed out")));
  go.set_value();
}

TEST_F(ResolverTest, NorDoTwentyOfThem) {
  std::promise<void> go;
  auto gone = go.get_future().share();
  make([gone](const std::string& host) -> Resolved {
    if (host.ends_with("dead.zone")) gone.wait();
    return one;
  });
  std::vector<Out> stuck;
  for (int i = 0; i < 20; ++i) stuck.push_back(begin(std::to_string(i) + ".dead.zone", Millis{30}));
  EXPECT_EQ(resolve("fine.example"), Resolved(one));
  for (const auto& out : stuck) EXPECT_EQ(finish(out), Resolved(std::string("timed out")));
  go.set_value();
}

TEST_F(ResolverTest, ALateAnswerStillFillsTheCache) {
  std::promise<void> go;
  auto gone = go.get_future().share();
  std::atomic<int> asked{0};
  make([&, gone](const std::string&) -> Resolved {
    ++asked;
    gone.wait();
    return one;
  });
  EXPECT_EQ(resolve("slow", Millis{20}), Resolved(std::string("timed out")));
  auto second = begin("slow");
  go.set_value();
  EXPECT_EQ(finish(second), Resolved(one));
  EXPECT_EQ(asked, 1);
}

TEST_F(ResolverTest, DestructionDoesNotWaitForAStuckLookup) {
  auto go = std::make_shared<std::promise<void>>();
  auto gone = go->get_future().share();
  auto entered = std::make_shared<std::promise<void>>();
  // It may end after everything else in this process has: it returns what is its own.
  make([gone, entered, answer = Resolved(one)](const std::string&) -> Resolved {
    entered->set_value();
    gone.wait();
    return answer;
  });
  auto out = begin("slow");
  context_.poll();
  entered->get_future().wait();
  resolver_.reset();
  EXPECT_EQ(finish(out), Resolved(std::string("timed out")));
  go->set_value();
}

TEST_F(ResolverTest, AnExceptionInTheLookupIsAFailure) {
  make([](const std::string&) -> Resolved { throw std::runtime_error("out of memory"); });
  EXPECT_EQ(resolve("a"), Resolved(std::string("out of memory")));
}

TEST(SystemLookup, KnowsLocalhost) {
  const auto found = system_lookup("localhost");
  ASSERT_TRUE(std::holds_alternative<Addresses>(found)) << std::get<std::string>(found);
  EXPECT_TRUE(std::get<Addresses>(found).front().is_loopback());
}

}  // namespace
}  // namespace wardex::transport
