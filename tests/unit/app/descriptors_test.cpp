#include "app/descriptors.hpp"

#include <gtest/gtest.h>

namespace wardex::app {
namespace {

struct ShareCase {
  const char* name;
  std::size_t limit;
  std::size_t connectors;
  std::size_t connections, per_address, open_per_origin, idle_per_origin, idle_total;
  bool reduced;
};

TEST(Descriptors, AreSharedOut) {
  transport::ServerLimits asked;
  asked.connections = 1024;
  asked.connections_per_address = 256;
  const std::vector<ShareCase> cases{
      {"plenty", 65536, 22, 1024, 256, 64, 8, 256, false},
      {"just enough", 40 + 2 * 1024, 8, 1024, 256, 64, 8, 256, false},
      {"systemd's soft limit", 1024, 22, 492, 256, 11, 8, 246, true},
      {"many connectors", 1024, 400, 492, 256, 1, 1, 246, true},
      {"hardly any", 64, 8, 12, 9, 1, 1, 6, true},
      {"less than its own", 32, 8, 8, 6, 1, 1, 4, true},
      {"no connector", 65536, 0, 1024, 256, 64, 8, 256, false},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.name);
    const auto shares = share_descriptors(test.limit, asked, test.connectors);
    EXPECT_EQ(shares.server.connections, test.connections);
    EXPECT_EQ(shares.server.connections_per_address, test.per_address);
    EXPECT_EQ(shares.pool.open_per_origin, test.open_per_origin);
    EXPECT_EQ(shares.pool.idle_per_origin, test.idle_per_origin);
    EXPECT_EQ(shares.pool.idle_total, test.idle_total);
    EXPECT_EQ(shares.reduced, test.reduced);
    EXPECT_EQ(shares.server.body_bytes, asked.body_bytes);
  }
}

}  // namespace
}  // namespace wardex::app
