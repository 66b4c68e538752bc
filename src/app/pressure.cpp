#include "app/pressure.hpp"

#include <limits>
#include <system_error>

namespace wardex::app {

std::string over_backlog(const config::HighWater& mark, std::uint64_t pending) {
  if (pending < mark.pending) return {};
  return "the backlog of " + std::to_string(pending) + " deliveries is at its mark (intake.high_water.pending)";
}

std::string short_of_disk(const config::HighWater& mark, std::uint64_t free_disk_bytes) {
  if (free_disk_bytes >= mark.free_disk.count) return {};
  return "only " + std::to_string(free_disk_bytes / (1024UL * 1024UL)) +
         " MiB of disk are free (intake.high_water.free_disk)";
}

Pressure::Pressure(const store::Store& store, const runtime::Clock& clock, std::filesystem::path directory)
    : store_(store), clock_(clock), directory_(std::move(directory)) {}

void Pressure::look() {
  const auto now = clock_.mono();
  if (fresh_ && now - looked_ < Millis{250}) return;
  fresh_ = true;
  looked_ = now;
  pending_ = 0;
  for (const auto& [id, account] : store_.totals().connectors) pending_ += account.pending;
  std::error_code error;
  const auto space = std::filesystem::space(directory_, error);
  free_disk_ = error ? std::numeric_limits<std::uint64_t>::max() : space.available;
}

std::string Pressure::closed(const config::HighWater& mark) {
  if (const auto fault = store_.fault()) return "the store takes no writes: " + fault->message;
  if (!store_.ready()) return "the window of known event ids is still being rebuilt";
  look();
  return short_of_disk(mark, free_disk_);
}

std::string Pressure::backlog(const config::HighWater& mark) {
  look();
  return over_backlog(mark, pending_);
}

}  // namespace wardex::app
