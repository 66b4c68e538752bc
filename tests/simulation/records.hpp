// What the database has said in the course of a life. Retention removes rows whose time is over; the judge remembers.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "simulation/inspector.hpp"

namespace wardex::simulation {

class Records {
 public:
  struct Accepted {
    Number number = 0;
    std::string id;
    std::string routes;  ///< JSON
  };

  /// Whatever is new. Before anything of it can go: rows live for minutes at least.
  void read(Inspector& inspector);
  /// After a crash: an event that nobody was told of may be gone, and its place taken by another.
  void forget(std::int64_t seq) { events_.erase(seq); }
  void read_again() { last_event_ = last_audit_ = 0; }

  [[nodiscard]] const std::map<std::int64_t, Accepted>& events() const { return events_; }
  /// (connector, seq) of those that were coalesced or discarded.
  [[nodiscard]] const std::set<std::pair<std::string, std::int64_t>>& ended() const { return ended_; }
  /// (fallback, seq) -> stands in for a connector that gave up.
  [[nodiscard]] const std::map<std::pair<std::string, std::int64_t>, bool>& fallbacks() const { return fallbacks_; }
  /// (connector, seq) -> outcomes of attempts, where one row speaks of one event.
  [[nodiscard]] const std::map<std::pair<std::string, std::int64_t>, unsigned>& attempts() const { return attempts_; }

 private:
  void read_audit(Inspector& inspector);

  std::map<std::int64_t, Accepted> events_;
  std::set<std::pair<std::string, std::int64_t>> ended_;
  std::map<std::pair<std::string, std::int64_t>, bool> fallbacks_;
  std::map<std::pair<std::string, std::int64_t>, unsigned> attempts_;
  std::set<std::int64_t> audit_seen_;
  std::int64_t last_event_ = 0;
  std::int64_t last_audit_ = 0;
};

}  // namespace wardex::simulation
