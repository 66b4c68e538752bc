// The routing table, pure: an event and a time in, connectors and reasons out.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "wardex/event.hpp"

namespace wardex::route {

struct Target {
  std::string connector;
  std::string why;      ///< "route 3 'identity cases': severity high >= medium, mitre T1078.004 matches T1078*"
  std::string muted;    ///< empty, or why it is muted: "window 'nights' (22:00-06:00 Europe/Berlin)"
  bool closes = false;  ///< muted, but only if nothing of the case is open there: it is the case's end
  bool operator==(const Target&) const = default;
};
/// One line per rule, and one per connector that a rule named in vain, for `wardex-gateway route`.
struct Step {
  std::string rule;  ///< "matrix high", "route 2 'vip'", "route 2 'vip' -> soc-hook"
  bool matched = false;
  std::string why;  ///< the first condition that failed, or all that held
};
struct Decision {
  std::vector<Target> targets;  ///< each connector at most once, the matrix's first; `why` is the first rule's, one
                                ///< that does not mute before one that does
  std::vector<Step> steps;      ///< filled only when explaining
};

class Router {
 public:
  /// Compiles the table. Problems (unknown connector, bad regex, unknown field, unknown mute window, unreachable
  /// route) are reported with their YAML position; nullptr if there was an error.
  static std::shared_ptr<const Router> compile(const config::Config& config, Problems& problems);
  virtual ~Router() = default;
  [[nodiscard]] virtual Decision decide(const Event& event, WallTime now, bool explain = false) const = 0;
};

}  // namespace wardex::route
