#include "simulation/faults.hpp"

#include <cstdio>

namespace wardex::simulation {
namespace {

using deliver::LaneState;

constexpr std::array<std::string_view, kFaults> kNames{
    "hang",          "accept_then_hang", "accept_then_reset",
    "request_lost",  "refused",          "tls",
    "unknown_host",  "answer_500",       "answer_503",
    "answer_429",    "answer_400",       "answer_401",
    "answer_404",    "redirect",         "garbage",
    "quota",         "forbidden",        "half_written",
    "dead",          "revoked",          "killed",
    "power_failure", "terminated",       "poison",
    "disk_full",     "read_error",       "write_error",
    "sync_error",    "reload",           "bad_reload",
    "removed",       "rotated",          "held",
    "drained",       "resumed",          "replayed",
    "discarded",     "backup",           "clock_jump",
};

bool has_request_under_way(LaneState state) {
  switch (state) {
    case LaneState::idle:
    case LaneState::backing_off:
    case LaneState::drained:
      return false;
    default:
      return true;
  }
}

}  // namespace

std::string_view to_string(Fault fault) { return kNames.at(static_cast<std::size_t>(fault)); }

bool Coverage::possible(Fault fault, LaneState state) {
  if (fault <= kLastOfRequest || fault == Fault::dead || fault == Fault::revoked) {
    // Noted with the answer, so a request is under way.
    return has_request_under_way(state);
  }
  if (fault == Fault::poison) {
    // Noted when a request begins, which no closed lane does.
    return state == LaneState::delivering || state == LaneState::breaker_open || state == LaneState::held ||
           state == LaneState::draining;
  }
  // A stopped lane is gone as soon as nothing of it is under way.
  if (state == LaneState::stopped) return false;
  // Noted for the lane it is about.
  if (fault == Fault::resumed)
    return state == LaneState::on_hold || state == LaneState::draining || state == LaneState::drained;
  return true;
}

std::string Coverage::missing() const {
  std::string out;
  for (std::size_t fault = 0; fault < kFaults; ++fault)
    for (const auto state : deliver::kLaneStates)
      if (possible(static_cast<Fault>(fault), state) && counts_[fault][static_cast<std::size_t>(state)] == 0)
        out +=
            std::string(kNames[fault]) + " never met a lane that is " + std::string(deliver::to_string(state)) + "\n";
  return out;
}

std::string Coverage::table() const {
  std::string out(18, ' ');
  char cell[32];
  for (const auto state : deliver::kLaneStates) {
    std::snprintf(cell, sizeof cell, " %11.11s", std::string(deliver::to_string(state)).c_str());
    out += cell;
  }
  out += '\n';
  for (std::size_t fault = 0; fault < kFaults; ++fault) {
    std::snprintf(cell, sizeof cell, "%-18s", std::string(kNames[fault]).c_str());
    out += cell;
    for (const auto state : deliver::kLaneStates) {
      const auto count = counts_[fault][static_cast<std::size_t>(state)];
      if (possible(static_cast<Fault>(fault), state) || count > 0)
        std::snprintf(cell, sizeof cell, " %11llu", static_cast<unsigned long long>(count));
      else
        std::snprintf(cell, sizeof cell, " %11s", "-");
      out += cell;
    }
    out += '\n';
  }
  return out;
}

std::size_t Coverage::reached() const {
  std::size_t out = 0;
  for (std::size_t fault = 0; fault < kFaults; ++fault)
    for (const auto state : deliver::kLaneStates)
      if (possible(static_cast<Fault>(fault), state) && counts_[fault][static_cast<std::size_t>(state)] > 0) ++out;
  return out;
}

std::size_t Coverage::possible_in_all() const {
  std::size_t out = 0;
  for (std::size_t fault = 0; fault < kFaults; ++fault)
    for (const auto state : deliver::kLaneStates)
      if (possible(static_cast<Fault>(fault), state)) ++out;
  return out;
}

}  // namespace wardex::simulation
