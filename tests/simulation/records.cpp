#include "simulation/records.hpp"

namespace wardex::simulation {

void Records::read(Inspector& inspector) {
  // The audit first: what it speaks of is there.
  read_audit(inspector);
  for (const auto& row : inspector.rows("SELECT seq, fallback, stands_in FROM fallbacks"))
    fallbacks_[{row[1], std::stoll(row[0])}] |= row[2] == "1";
  for (auto& row :
       inspector.rows("SELECT seq, id, routes, body FROM events WHERE seq > ? ORDER BY seq", {last_event_})) {
    last_event_ = std::stoll(row[0]);
    events_[last_event_] = {markers_in(row[3]).at(0), std::move(row[1]), std::move(row[2])};
  }
}

void Records::read_audit(Inspector& inspector) {
  for (const auto& row : inspector.rows("SELECT id, connector, action, first_seq, last_seq, count FROM audit "
                                        "WHERE id > ? AND action IN ('coalesce', 'discard', 'deliver') ORDER BY id",
                                        {last_audit_})) {
    last_audit_ = std::stoll(row[0]);
    const auto first = std::stoll(row[3]);
    if (row[2] != "deliver") {
      for (auto seq = first; seq <= std::stoll(row[4]); ++seq) ended_.emplace(row[1], seq);
    } else if (row[5] == "1" && audit_seen_.insert(last_audit_).second) {
      ++attempts_[{row[1], first}];
    }
  }
}

}  // namespace wardex::simulation
