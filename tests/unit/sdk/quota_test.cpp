#include <gtest/gtest.h>

#include "wardex/response.hpp"

namespace wardex {
namespace {

const WallTime kNow = Timestamp::parse("2026-04-21T14:00:00Z")->at;  // 1776780000

struct Row {
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<Quota> expected;
};

TEST(Quota, ReadsTheSpellingsThatAreAbout) {
  const auto seconds = [](int n) { return Millis{n * 1000}; };
  const std::vector<Row> table{
      {{}, std::nullopt},
      {{{"RateLimit", R"("default";r=50;t=30)"}}, Quota{50, seconds(30)}},
      {{{"RateLimit", R"("burst";r=5;t=1, "daily";r=2;t=3600)"}}, Quota{2, seconds(3600)}},
      {{{"RateLimit", "limit=100, remaining=7, reset=5"}}, Quota{7, seconds(5)}},
      {{{"RateLimit", R"("default";r=50)"}}, std::nullopt},
      {{{"ratelimit-remaining", "0"}, {"ratelimit-reset", "12"}}, Quota{0, seconds(12)}},
      {{{"x-ratelimit-remaining", "4987"}, {"x-ratelimit-reset", "1776780060"}}, Quota{4987, seconds(60)}},
      {{{"X-Rate-Limit-Remaining", "1"}, {"X-Rate-Limit-Reset", "900"}}, Quota{1, seconds(900)}},
      {{{"X-RateLimit-Requests-Remaining", "3"}, {"X-RateLimit-Requests-Reset", "1776780002500"}},
       Quota{3, Millis{2500}}},
      {{{"X-RateLimit-Remaining", "3"}, {"X-RateLimit-Reset", "2026-04-21T14:01Z"}}, Quota{3, seconds(60)}},
      {{{"X-RateLimit-Remaining", "3"}, {"X-RateLimit-Reset", "2026-04-21T14:01:00Z"}}, Quota{3, seconds(60)}},
      {{{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset-After", "1.5"}, {"X-RateLimit-Reset", "1"}},
       Quota{0, Millis{1500}}},
      {{{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "1776779000"}}, Quota{0, Millis{0}}},
      {{{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "1999999999999"}}, Quota{0, std::chrono::hours{24}}},
      {{{"X-RateLimit-Remaining", "5"}}, std::nullopt},
      {{{"X-RateLimit-Remaining", "-5"}, {"X-RateLimit-Reset", "5"}}, std::nullopt},
      {{{"X-RateLimit-Remaining", "many"}, {"X-RateLimit-Reset", "5"}}, std::nullopt},
      {{{"X-RateLimit-Remaining", "nan"}, {"X-RateLimit-Reset", "5"}}, std::nullopt},
      {{{"X-RateLimit-Remaining", "5"}, {"X-RateLimit-Reset", "soon"}}, std::nullopt},
      {{{"X-RateLimit-Remaining", "5"}, {"X-RateLimit-Reset", "-1"}}, std::nullopt},
  };
  for (std::size_t i = 0; i < table.size(); ++i) {
    const HttpResponse response{200, table[i].headers, "", false};
    const auto got = read_quota(response, kNow);
    EXPECT_EQ(got, table[i].expected) << "row " << i << ": " << (got ? std::to_string(got->remaining) : "none")
                                      << " in " << (got ? got->resets_in.count() : -1) << " ms";
  }
}

}  // namespace
}  // namespace wardex
