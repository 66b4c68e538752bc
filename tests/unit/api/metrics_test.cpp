#include "api/metrics.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace wardex::api {
namespace {

MetricsInput input() {
  MetricsInput in;
  in.now = WallTime{std::chrono::seconds(1000)};
  in.started_at = WallTime{std::chrono::seconds(900)};
  in.totals.events = 5;
  in.totals.connectors["hook"] = {
      .routed = 5, .delivered = 2, .muted = 1, .coalesced = 0, .discarded = 0, .pending = 1, .mailbox = 1};
  deliver::LaneStatus lane;
  lane.connector = "hook";
  lane.state = deliver::LaneState::held;
  lane.outcomes = {{"delivered", 2}, {"unauthorised", 1}};
  lane.latency_buckets = {{0.1, 2}, {1.0, 1}, {std::numeric_limits<double>::infinity(), 0}};
  lane.latency_sum = 0.75;
  lane.oldest_received_at = WallTime{std::chrono::seconds(990)};
  in.lanes.push_back(lane);
  return in;
}

bool has_line(const std::string& text, const std::string& line) {
  return text.find("\n" + line + "\n") != std::string::npos;
}

TEST(Metrics, BooksThatBalanceShowNoMismatch) {
  EXPECT_TRUE(has_line(prometheus_text(input()), "wardex_gateway_conservation_mismatch 0"));
}

TEST(Metrics, ALostDeliveryShowsAsAMismatch) {
  auto in = input();
  in.totals.connectors["hook"].pending = 0;
  EXPECT_TRUE(has_line(prometheus_text(in), "wardex_gateway_conservation_mismatch 1"));
}

TEST(Metrics, LaneStateIsOneHot) {
  const auto text = prometheus_text(input());
  EXPECT_TRUE(has_line(text, "wardex_gateway_lane_state{connector=\"hook\",state=\"held\"} 1"));
  EXPECT_TRUE(has_line(text, "wardex_gateway_lane_state{connector=\"hook\",state=\"idle\"} 0"));
}

TEST(Metrics, AHeldLaneSaysWhyAndWhomToTell) {
  auto in = input();
  in.lanes.front().owner = "soc@example.com";
  in.lanes.front().reason = "HTTP 401: \"bad\ttoken\"\n" + std::string(300, 'x');
  const auto text = prometheus_text(in);
  const auto at = text.find("wardex_gateway_lane_held{connector=\"hook\",owner=\"soc@example.com\",reason=\"");
  ASSERT_NE(at, std::string::npos);
  const auto line = text.substr(at, text.find('\n', at) - at);
  EXPECT_NE(line.find(R"(reason="HTTP 401: \"bad token\" xxx)"), std::string::npos) << line;
  EXPECT_TRUE(line.ends_with("x…\"} 1")) << line;
  EXPECT_LT(line.size(), 220U);

  in.lanes.front().state = deliver::LaneState::delivering;
  EXPECT_EQ(prometheus_text(in).find("wardex_gateway_lane_held{"), std::string::npos);
}

TEST(Metrics, HistogramBucketsAreCumulative) {
  const auto text = prometheus_text(input());
  EXPECT_TRUE(has_line(text, "wardex_gateway_attempt_duration_seconds_bucket{connector=\"hook\",le=\"0.1\"} 2"));
  EXPECT_TRUE(has_line(text, "wardex_gateway_attempt_duration_seconds_bucket{connector=\"hook\",le=\"1\"} 3"));
  EXPECT_TRUE(has_line(text, "wardex_gateway_attempt_duration_seconds_bucket{connector=\"hook\",le=\"+Inf\"} 3"));
  EXPECT_TRUE(has_line(text, "wardex_gateway_attempt_duration_seconds_count{connector=\"hook\"} 3"));
  EXPECT_TRUE(has_line(text, "wardex_gateway_queue_oldest_age_seconds{connector=\"hook\"} 10"));
}

TEST(Metrics, EveryFamilyHasItsHelpAndTypeOnce) {
  const auto text = prometheus_text(input());
  std::map<std::string, int> types;
  std::size_t at = 0;
  while ((at = text.find("# TYPE ", at)) != std::string::npos) {
    at += 7;
    ++types[text.substr(at, text.find(' ', at) - at)];
  }
  EXPECT_GT(types.size(), 20U);
  for (const auto& [name, count] : types) EXPECT_EQ(count, 1) << name;
}

}  // namespace
}  // namespace wardex::api
