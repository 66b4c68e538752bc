// Backoff, token bucket, breaker and link cache on their own.
#include <gmock/gmock.h>

#include "deliver/breaker.hpp"
#include "deliver/link_cache.hpp"
#include "deliver/rate.hpp"
#include "deliver/retry.hpp"

namespace wardex::deliver {
namespace {

const RetryPolicy kPolicy{Millis{5000}, Millis{900'000}, Millis{86'400'000}};

TEST(Backoff, StaysBetweenTheFloorAndAnExponentialCeiling) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Jitter jitter(seed);
    for (unsigned failures = 1; failures < 80; ++failures) {
      const auto delay = backoff(kPolicy, failures, jitter.next());
      const auto ceiling = failures > 8 ? kPolicy.max : std::min(kPolicy.max, kPolicy.initial * (1 << (failures - 1)));
      ASSERT_GE(delay, Millis{2500});
      ASSERT_LE(delay, ceiling) << failures;
    }
  }
}

TEST(Backoff, ReachesBothEndsOfItsRange) {
  EXPECT_EQ(backoff(kPolicy, 1, 0.0), Millis{2500});
  EXPECT_EQ(backoff(kPolicy, 1, 0.9999999), Millis{5000});
  EXPECT_EQ(backoff(kPolicy, 4, 0.9999999), Millis{40'000});
  EXPECT_EQ(backoff(kPolicy, 4'000'000'000U, 0.9999999), Millis{900'000});
}

TEST(Backoff, SurvivesOddPolicies) {
  for (const auto& policy : {RetryPolicy{Millis{0}, Millis{0}, Millis{0}}, RetryPolicy{Millis{1}, Millis{1}, Millis{1}},
                             RetryPolicy{Millis{10'000}, Millis{1000}, Millis{5}}})
    for (unsigned failures = 1; failures < 5; ++failures) {
      EXPECT_GE(backoff(policy, failures, 0.0), Millis{1});
      EXPECT_GE(retry_delay(policy, failures, Millis{0}, 0.5), Millis{1});
      EXPECT_GE(probe_delay(policy, failures, 0.0), Millis{1});
    }
}

TEST(Backoff, SpreadsRetriesOverTheWholeRange) {
  Jitter jitter(7);
  std::array<int, 10> buckets{};
  for (int i = 0; i < 10'000; ++i) {
    const auto delay = backoff(kPolicy, 6, jitter.next());  // [2.5 s, 160 s]
    ++buckets.at(std::min<std::size_t>(9, static_cast<std::size_t>((delay.count() - 2500) * 10 / 157'501)));
  }
  for (const int count : buckets) EXPECT_NEAR(count, 1000, 150);
}

TEST(ProbeDelay, DoublesToTheMaximum) {
  const std::pair<unsigned, Millis> table[] = {
      {1, Millis{5000}}, {2, Millis{10'000}}, {3, Millis{20'000}}, {9, Millis{900'000}}, {100, Millis{900'000}}};
  for (const auto& [probe, longest] : table) {
    EXPECT_EQ(probe_delay(kPolicy, probe, 0.9999999), longest);
    EXPECT_EQ(probe_delay(kPolicy, probe, 0.0), longest * 3 / 4);
  }
}

TEST(TokenBucket, AllowsABurstAndThenTheRate) {
  MonoTime now{std::chrono::hours{5}};
  TokenBucket bucket(2, 3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(bucket.ready_at(now), now);
    bucket.take(now);
  }
  const auto next = bucket.ready_at(now);
  EXPECT_NEAR(std::chrono::duration<double>(next - now).count(), 0.5, 1e-6);
  EXPECT_EQ(bucket.ready_at(next), next) << "the timer that fires then finds the token there";
  now = next + std::chrono::hours{1};
  for (int i = 0; i < 3; ++i) bucket.take(now);
  EXPECT_GT(bucket.ready_at(now), now) << "no more than a burst is saved up";
}

TEST(TokenBucket, UnlimitedIsUnlimited) {
  TokenBucket bucket;
  const MonoTime now{std::chrono::hours{5}};
  for (int i = 0; i < 1000; ++i) bucket.take(now);
  EXPECT_EQ(bucket.ready_at(now), now);
  bucket.configure(1, 1);
  EXPECT_EQ(bucket.ready_at(now), now);
  bucket.take(now);
  EXPECT_GT(bucket.ready_at(now), now);
}

TEST(Breaker, ASuccessStartsTheCountAnew) {
  Breaker breaker(3, kPolicy);
  const MonoTime now{};
  for (int round = 0; round < 5; ++round) {
    EXPECT_FALSE(breaker.failed({}, now, 0.5));
    EXPECT_FALSE(breaker.failed({}, now, 0.5));
    EXPECT_FALSE(breaker.succeeded());
  }
  breaker.failed({}, now, 0.5);
  breaker.failed({}, now, 0.5);
  EXPECT_TRUE(breaker.failed({}, now, 0.5));
  EXPECT_TRUE(breaker.open());
  EXPECT_TRUE(breaker.succeeded());
  EXPECT_FALSE(breaker.open());
}

TEST(Breaker, OnlyTheProbeMovesItsSchedule) {
  Breaker breaker(1, kPolicy);
  const MonoTime now{};
  breaker.failed({}, now, 0.9999999);
  const auto first = breaker.probe_at();
  EXPECT_EQ(first, now + Millis{5000});
  breaker.failed({}, now + Millis{10}, 0.9999999);
  EXPECT_EQ(breaker.probe_at(), first) << "an attempt that was under way when it opened says nothing new";
  breaker.failed({.probe = true, .suspect = {}, .hint = {}}, first, 0.9999999);
  EXPECT_EQ(breaker.probe_at(), first + Millis{10'000});
  breaker.failed({.probe = true, .suspect = {}, .hint = Millis{60'000}}, first, 0.9999999);
  EXPECT_EQ(breaker.probe_at(), first + Millis{60'000}) << "the receiver's own wish";
  breaker.failed({.probe = false, .suspect = {}, .hint = Millis{90'000}}, first, 0.9999999);
  EXPECT_EQ(breaker.probe_at(), first + Millis{90'000}) << "which counts whoever hears it";
}

TEST(Breaker, CountsASuspectEventOnce) {
  Breaker breaker(3, kPolicy);
  const MonoTime now{};
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(breaker.failed({.probe = false, .suspect = 7, .hint = {}}, now, 0.5));
  EXPECT_FALSE(breaker.failed({.probe = false, .suspect = 8, .hint = {}}, now, 0.5));
  EXPECT_TRUE(breaker.failed({.probe = false, .suspect = 9, .hint = {}}, now, 0.5));
}

TEST(LinkCache, ForgetsTheOldest) {
  LinkCache cache(2);
  cache.put("A", {"1", "", ""});
  cache.put("B", {"2", "", ""});
  cache.put("A", {"3", "", ""});
  cache.put("C", {"4", "", ""});
  ASSERT_NE(cache.find("A"), nullptr);
  EXPECT_EQ(cache.find("A")->external_ref, "3");
  EXPECT_EQ(cache.find("B"), nullptr);
  EXPECT_NE(cache.find("C"), nullptr);
}

}  // namespace
}  // namespace wardex::deliver
