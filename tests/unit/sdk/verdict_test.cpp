#include <gtest/gtest.h>

#include "wardex/text.hpp"
#include "wardex/verdict.hpp"

namespace wardex {
namespace {

using namespace std::chrono_literals;

ItemVerdict classify(int status, std::string_view retry_after = "", std::string_view body = "") {
  return classify_http(status, retry_after, body, from_iso("2026-04-21T14:22:09Z").value());
}

TEST(ClassifyHttp, EveryStatus) {
  const auto expected = [](int status) -> std::string_view {
    if (status >= 200 && status <= 299) return "delivered";
    if (status == 401 || status == 403 || status == 407) return "unauthorised";
    if (status == 408 || status == 425) return "retry";
    if (status == 429) return "throttled";
    if (status >= 300 && status <= 499) return "rejected";
    return "retry";  // 5xx, 1xx and what is no status at all
  };
  for (int status = 0; status < 700; ++status) EXPECT_EQ(outcome(classify(status)), expected(status)) << status;
  EXPECT_EQ(outcome(classify(-1)), "retry");
}

TEST(ClassifyHttp, RetryAfter) {
  EXPECT_EQ(std::get<Throttled>(classify(429, "3")).after, 3s);
  EXPECT_EQ(std::get<Throttled>(classify(429, "Tue, 21 Apr 2026 14:23:09 GMT")).after, 60s);
  EXPECT_EQ(std::get<Throttled>(classify(429, "999999")).after, 24h);
  EXPECT_EQ(std::get<Throttled>(classify(429, "soon")).after, std::nullopt);
  EXPECT_EQ(std::get<Throttled>(classify(429)).after, std::nullopt);
  EXPECT_EQ(std::get<Retry>(classify(503, "7")).after, 7s);
  EXPECT_EQ(std::get<Retry>(classify(503, "-7")).after, std::nullopt);
  // RFC 9110 gives it a meaning with 503, 429 and 3xx only.
  EXPECT_EQ(std::get<Retry>(classify(500, "7")).after, std::nullopt);
}

TEST(ClassifyHttp, Reasons) {
  EXPECT_EQ(reason(classify(404, "", "no such hook")), "HTTP 404: no such hook");
  EXPECT_EQ(reason(classify(404)), "HTTP 404");
  EXPECT_EQ(reason(classify(500, "", " \n ")), "HTTP 500");
  EXPECT_EQ(reason(classify(400, "", "{\n  \"error\": \"bad\"\n}")), "HTTP 400: {   \"error\": \"bad\" }");
  EXPECT_EQ(reason(classify(400, "", "a\x1B[31m\xFF")), "HTTP 400: a[31m\xEF\xBF\xBD");
  EXPECT_EQ(reason(classify(301)), "HTTP 301 (redirects are not followed: put the new URL into the settings)");
  EXPECT_EQ(reason(classify(410, "", "Gone")), "HTTP 410: Gone (the receiver says this URL is gone for good)");
}

TEST(ClassifyHttp, ExcerptIsBoundedAndValid) {
  std::string body;
  for (int i = 0; i < 60'000; ++i) body += "😀";
  const auto verdict = classify(400, "", body);
  EXPECT_EQ(text::length(reason(verdict)), std::string_view("HTTP 400: ").size() + 200);
  EXPECT_TRUE(text::is_valid_utf8(reason(verdict)));
  EXPECT_TRUE(reason(verdict).ends_with("…"));
  // However the rough cut falls into a character.
  for (std::size_t pad = 0; pad < 4; ++pad)
    EXPECT_TRUE(text::is_valid_utf8(reason(classify(400, "", std::string(pad, '\0') + body))));
}

TEST(Outcome, Words) {
  EXPECT_EQ(outcome(Verdict(Delivered{})), "delivered");
  EXPECT_EQ(outcome(Verdict(Retry{})), "retry");
  EXPECT_EQ(outcome(Verdict(Throttled{})), "throttled");
  EXPECT_EQ(outcome(Verdict(Unauthorised{})), "unauthorised");
  EXPECT_EQ(outcome(Verdict(Rejected{})), "rejected");
  EXPECT_EQ(outcome(Verdict(Partial{})), "partial");
  EXPECT_EQ(outcome(Verdict(Next{})), "next");
}

TEST(Reason, IsTheNoteOfADelivered) {
  Delivered delivered;
  delivered.note = "accepted by the workflow";
  EXPECT_EQ(reason(delivered), "accepted by the workflow");
  EXPECT_EQ(reason(Retry{"down", std::nullopt}), "down");
}

}  // namespace
}  // namespace wardex
