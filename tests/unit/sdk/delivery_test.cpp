#include <gtest/gtest.h>

#include "wardex/delivery.hpp"

namespace wardex {
namespace {

// Receivers dedup on this key, across our restarts, upgrades and replays. These values were computed by another program
// (SHA-256 over 8-byte big-endian lengths and bytes) and must never change.
TEST(DeliveryKey, IsStableAcrossReleases) {
  EXPECT_EQ(delivery_key("soc-hook", "CASE-1042"), "wdx_9e96f1cab2c9373615d915b42dc151bc");
  EXPECT_EQ(delivery_key("soc-mail", "CASE-1042"), "wdx_0cba4f2a7f821a0e50bc854fdd8c0378");
  EXPECT_EQ(delivery_key("soc-hook", "evt-1"), "wdx_9491bd3a538083e82b0d4e5cc57ccc0d");
  EXPECT_EQ(delivery_key("münchen", "CASE-…"), "wdx_74ea7cf3f802677a81fcfed1aee53642");
  EXPECT_EQ(delivery_key("", ""), "wdx_374708fff7719dd5979ec875d56cd228");
}

TEST(DeliveryKey, IsFramed) {
  EXPECT_EQ(delivery_key("ab", "c"), "wdx_601d5476e2ccfe2c87a2bba7a3226597");
  EXPECT_EQ(delivery_key("a", "bc"), "wdx_3fafa1cf2f19a7c1129beb20cf0983f7");
}

TEST(DeliveryKey, NeverContainsADot) {
  EXPECT_EQ(delivery_key("a.b", "c.d").find('.'), std::string::npos);
  EXPECT_EQ(delivery_key("a.b", "c.d").size(), 36U);
}

}  // namespace
}  // namespace wardex
