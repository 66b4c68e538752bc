// One configuration generation, compiled: replaced whole by a reload; work under way keeps the one it began with.
#pragma once

#include <memory>
#include <optional>

#include "audit/signing_key.hpp"
#include "config/config.hpp"
#include "route/router.hpp"
#include "transport/egress.hpp"

namespace wardex::app {

struct Generation {
  std::shared_ptr<const config::Config> config;
  std::shared_ptr<const route::Router> router;
  transport::EgressPolicy egress;
  /// Signs the audit trail's checkpoints; null: none are made. compile() knows the configured one only.
  std::shared_ptr<const audit::SigningKey> signing_key{};
};

/// Everything that can be wrong is found here, before anything in force is touched; what is, is in loaded.problems.
std::optional<Generation> compile(config::Loaded& loaded);

}  // namespace wardex::app
