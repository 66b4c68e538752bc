// What a seed decides before a life begins: the connectors and their settings, which faults are on and how often, and
// the configuration as YAML, in as many editions as reloads ask for.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "simulation/faults.hpp"
#include "simulation/random.hpp"
#include "wardex/time.hpp"

namespace wardex::simulation {

/// In every secret: nothing that leaves the process but a request to its own receiver may contain it.
inline constexpr std::string_view kCanary = "c4n4ry";

enum class Type : std::uint8_t { webhook, webhook_batch, file, file_original, slack_bot, slack_hook };

struct ConnectorPlan {
  std::string id;
  Type type = Type::webhook;
  bool healthy = false;  ///< the control: nothing ever fails there, and nobody touches it
  std::size_t concurrency = 4;
  Millis batch_age{0};
  double rate = 0;
  std::size_t burst = 1;
  Millis initial{1000};
  Millis max{60'000};
  Millis give_up{3'600'000};
  Millis timeout{5000};
  std::optional<bool> coalesce;
  std::string fallback;
  Millis fallback_after{60'000};
  bool muted_at_night = false;

  // What reloads change.
  unsigned version = 1;
  unsigned token = 1;
  bool present = true;
  bool enabled = true;

  /// A request by this version is known by its path and its timeout.
  [[nodiscard]] Millis timeout_of_version() const { return timeout + Millis{version}; }
  [[nodiscard]] std::string secret() const;
  [[nodiscard]] std::string secret_name() const;
};

/// How long rows are kept that nobody needs.
struct Keep {
  Millis events{};  ///< and for so long a repeated event is known
  Millis audit{};
  Millis links{};
  std::optional<Millis> mailbox;
};

struct Plan {
  /// No connectors, no faults.
  explicit Plan(std::string directory) : data_dir(std::move(directory)) {}
  Plan(std::uint64_t seed, const std::string& directory);

  [[nodiscard]] bool on(Fault fault) const { return rates.contains(fault); }
  /// 0 for one that is off.
  [[nodiscard]] double rate(Fault fault) const;
  [[nodiscard]] std::string yaml() const;
  /// Refused as a whole.
  [[nodiscard]] std::string bad_yaml(Random& random) const;
  [[nodiscard]] std::map<std::string, std::string> environment() const;
  [[nodiscard]] ConnectorPlan* find(const std::string& id);

  std::string data_dir;
  std::vector<ConnectorPlan> connectors;
  std::map<Fault, double> rates;  ///< of those that are on
  unsigned cases = 5;             ///< that events are about
  std::size_t window = 0;         ///< high-water mark of waiting deliveries; 0: out of reach
  std::size_t actions = 0;        ///< steps of the chaos
  bool big_events = false;
  bool records_flights = true;
  std::uint64_t spare_bytes = 0;
  bool checks_at_once = true;  ///< after an unclean stop: before the store opens, or meanwhile
  unsigned intake_token = 1;
  bool signs = false;          ///< the audit trail
  std::optional<Keep> keep;    ///< none: longer than any life
  std::optional<Scene> scene;  ///< of the last connector

 private:
  void choose_connectors(Random& random);
  void choose_faults(Random& random);
  void choose_retention(Random& random);
  void choose_scene(std::uint64_t seed, Random& random);
};

}  // namespace wardex::simulation
