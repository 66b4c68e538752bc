// From a configuration generation to what the stages take: lanes, transport options, server options.
#pragma once

#include <vector>

#include "config/config.hpp"
#include "deliver/engine.hpp"
#include "transport/http_server.hpp"

namespace wardex::app {

std::vector<deliver::LaneConfig> lanes(const config::Config& config);
transport::ServerLimits server_limits(const config::IntakeLimits& limits);
std::optional<transport::ServerTlsFiles> server_tls(const config::Gateway& gateway);
transport::SendOptions send_options(const config::ConnectorCommon& common);

}  // namespace wardex::app
