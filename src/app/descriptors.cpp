#include "app/descriptors.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace wardex::app {
namespace {

/// Store, logs and timers hold 22; a backup, a reload, name look-ups and the local socket come and go.
constexpr std::size_t kOwn = 40;
/// Without these it would not be of any use.
constexpr std::size_t kFewest = 8;

}  // namespace

DescriptorShares share_descriptors(std::size_t limit, const transport::ServerLimits& asked, std::size_t connectors) {
  DescriptorShares out;
  out.server = asked;
  const std::size_t half = std::max(limit > kOwn ? (limit - kOwn) / 2 : 0, kFewest);
  if (asked.connections > half) {
    out.reduced = true;
    out.server.connections = half;
    // The last quarter is for others than the one who took the rest: a health check, another sender.
    out.server.connections_per_address = std::min(asked.connections_per_address, half * 3 / 4);
  }
  auto& pool = out.pool;
  pool.idle_total = std::min(pool.idle_total, half / 2);
  pool.open_per_origin =
      std::clamp(half / 2 / std::max<std::size_t>(connectors, 1), std::size_t{1}, pool.open_per_origin);
  pool.idle_per_origin = std::min(pool.idle_per_origin, pool.open_per_origin);
  return out;
}

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  const auto before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : before;
}

}  // namespace wardex::app
