#pragma once

#include <memory>
#include <string>

#include "config/config.hpp"
#include "wardex/event.hpp"

namespace wardex::app {

/// The event that `wardex-gateway test --send` posts: recognisable as a test in every field a human reads, of a kind
/// the connector accepts, with an id of its own each time.
std::shared_ptr<const Event> sample_event(const config::Config& config, const std::string& connector, WallTime now);

}  // namespace wardex::app
