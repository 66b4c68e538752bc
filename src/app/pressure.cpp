#include "app/pressure.hpp"

#include <algorithm>
#include <limits>
#include <system_error>

namespace wardex::app {

namespace {

using intake::Room;

Room::For left(std::uint64_t load, std::uint64_t mark, std::uint32_t reserve_percent) {
  if (load < mark) return Room::For::everything;
  const auto reserve = mark / 100 * reserve_percent + mark % 100 * reserve_percent / 100;
  // The reserve of a mark near the end of the numbers ends there, too.
  const auto end = mark > std::numeric_limits<std::uint64_t>::max() - reserve
                       ? std::numeric_limits<std::uint64_t>::max()
                       : mark + reserve;
  return load < end ? Room::For::critical : Room::For::nothing;
}

std::string mebibytes(std::uint64_t bytes) { return std::to_string(bytes >> 20U) + " MiB"; }

}  // namespace

Room room(const config::HighWater& mark, const Load& load) {
  Room pending{left(load.pending, mark.pending, mark.reserve), {}};
  Room bytes{left(load.database_bytes, mark.database.count, mark.reserve), {}};
  const auto complain = [&mark](Room& room, const std::string& what, const std::string& setting) {
    if (room.left == Room::For::everything) return;
    room.why = what + " (" + setting + ")";
    if (room.left == Room::For::nothing && mark.reserve > 0) room.why += ", and its reserve is used up";
  };
  complain(pending, "the backlog of " + std::to_string(load.pending) + " deliveries is at its mark",
           "intake.high_water.pending");
  complain(bytes, "the database of " + mebibytes(load.database_bytes) + " is at its mark",
           "intake.high_water.database");
  return bytes.left > pending.left ? bytes : pending;
}

std::string short_of_disk(const config::HighWater& mark, std::uint64_t free_disk_bytes) {
  if (free_disk_bytes >= mark.free_disk.count) return {};
  return "only " + mebibytes(free_disk_bytes) + " of disk are free (intake.high_water.free_disk)";
}

Pressure::Pressure(const store::Store& store, const runtime::Clock& clock, std::filesystem::path directory)
    : store_(store), clock_(clock), directory_(std::move(directory)) {}

void Pressure::look() {
  const auto now = clock_.mono();
  if (fresh_ && now - looked_ < Millis{250}) return;
  fresh_ = true;
  looked_ = now;
  const auto gauges = store_.gauges();
  const auto bytes = gauges.database_bytes + gauges.wal_bytes;
  database_bytes_ = bytes - std::min(bytes, gauges.free_bytes);
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

Room Pressure::room(const config::HighWater& mark) {
  look();
  Load load{.pending = 0, .database_bytes = database_bytes_};
  for (const auto& [id, account] : store_.totals().connectors) load.pending += account.pending;
  return app::room(mark, load);
}

}  // namespace wardex::app
