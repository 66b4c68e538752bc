#include "simulation/faults.hpp"

#include <algorithm>
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

}  // namespace

std::string_view to_string(Fault fault) { return kNames.at(static_cast<std::size_t>(fault)); }

/// What is impossible, and why.
bool Coverage::possible(Fault fault, LaneState state) {
  // Seen with the answer, so a request is under way; these states mean that none is.
  const bool under_way = state != LaneState::idle && state != LaneState::backing_off && state != LaneState::drained;
  // Of a file, which neither throttles nor refuses a credential.
  if (fault == Fault::half_written && (state == LaneState::throttled || state == LaneState::held)) return false;
  if (is_of_request(fault)) return under_way;
  // Seen when a request begins, which it does in these states only. A closed lane sends probes.
  if (fault == Fault::poison)
    return state == LaneState::delivering || state == LaneState::breaker_open || state == LaneState::held ||
           state == LaneState::draining;
  // Of a lane that an operator holds: it is not idle, delivering or backing off, and one that has left the
  // configuration is not held any more.
  if (fault == Fault::resumed)
    return under_way ? state != LaneState::delivering && state != LaneState::stopped : state == LaneState::drained;
  return true;
}

bool Coverage::well_known(Fault fault) const {
  for (const auto state : deliver::kLaneStates)
    if (possible(fault, state) && count(fault, state) < 10) return false;
  return true;
}

const std::vector<Scene>& Coverage::possible() {
  static const auto all = [] {
    std::vector<Scene> out;
    for (std::size_t fault = 0; fault < kFaults; ++fault)
      for (const auto state : deliver::kLaneStates)
        if (possible(static_cast<Fault>(fault), state)) out.push_back({static_cast<Fault>(fault), state});
    return out;
  }();
  return all;
}

std::string Coverage::missing() const {
  std::string out;
  for (const auto& [fault, state] : possible())
    if (count(fault, state) == 0)
      out +=
          std::string(to_string(fault)) + " never met a lane that is " + std::string(deliver::to_string(state)) + "\n";
  return out;
}

std::size_t Coverage::reached() const {
  return static_cast<std::size_t>(std::count_if(possible().begin(), possible().end(), [this](const Scene& scene) {
    return count(scene.fault, scene.state) > 0;
  }));
}

Coverage& Coverage::operator+=(const Coverage& other) {
  for (std::size_t fault = 0; fault < kFaults; ++fault) {
    totals_[fault] += other.totals_[fault];
    for (std::size_t state = 0; state < counts_[fault].size(); ++state)
      counts_[fault][state] += other.counts_[fault][state];
  }
  return *this;
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

}  // namespace wardex::simulation
