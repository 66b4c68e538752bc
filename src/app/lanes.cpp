#include "app/lanes.hpp"

#include <algorithm>
#include <optional>

namespace wardex::app {

transport::SendOptions send_options(const config::ConnectorCommon& common) {
  transport::SendOptions options;
  options.timeout = common.timeout;
  options.connect_timeout = std::min(options.connect_timeout, common.timeout);
  options.tls = {.ca_file = common.tls.ca_file,
                 .client_cert = common.tls.client_cert,
                 .client_key = common.tls.client_key,
                 .insecure_skip_verify = common.tls.insecure_skip_verify};
  options.proxy = common.proxy.text;
  return options;
}

namespace {

/// nullopt without one, or when it is disabled: then what waits goes on waiting.
std::optional<deliver::FallbackPolicy> fallback_policy(const config::Config& config,
                                                       const config::Connector& connector) {
  const auto& said = connector.common.fallback;
  const auto* to = said ? config.find(said->to) : nullptr;
  if (to == nullptr || !to->common.enabled) return std::nullopt;
  deliver::FallbackPolicy out;
  out.to = said->to;
  out.after = said->after;
  if (said->severities.empty()) out.severities.set();
  for (const auto severity : said->severities) out.severities.set(static_cast<std::size_t>(severity));
  for (const auto kind : to->manifest->accepts) out.kinds.set(static_cast<std::size_t>(kind));
  return out;
}

}  // namespace

std::vector<deliver::LaneConfig> lanes(const config::Config& config) {
  std::vector<deliver::LaneConfig> out;
  for (const auto& connector : config.connectors) {
    if (!connector.common.enabled) continue;
    deliver::LaneConfig lane;
    lane.connector = connector.id;
    lane.manifest = connector.manifest;
    lane.sink = connector.sink;
    lane.send = std::make_shared<transport::SendOptions>(send_options(connector.common));
    lane.policy.retry = {.initial = connector.common.retry.initial,
                         .max = connector.common.retry.max,
                         .give_up_after = connector.common.retry.give_up_after};
    lane.policy.concurrency = connector.common.limits.concurrency;
    if (const auto& rate = connector.common.limits.rate) {
      lane.policy.rate_per_second = rate->per_second;
      lane.policy.rate_burst = rate->burst;
    }
    lane.policy.fallback = fallback_policy(config, connector);
    lane.coalesce = connector.common.coalesce;
    lane.owner = connector.common.owner;
    lane.fingerprint = connector.fingerprint;
    out.push_back(std::move(lane));
  }
  return out;
}

transport::ServerLimits server_limits(const config::IntakeLimits& limits) {
  transport::ServerLimits out;
  out.body_bytes = limits.body.count;
  out.header_timeout = limits.header_timeout;
  out.body_timeout = limits.body_timeout;
  out.idle_timeout = limits.idle_timeout;
  out.connections = limits.connections;
  out.connections_per_address = limits.connections_per_address;
  return out;
}

std::optional<transport::ServerTlsFiles> server_tls(const config::Gateway& gateway) {
  if (!gateway.tls) return std::nullopt;
  return transport::ServerTlsFiles{gateway.tls->certificate, gateway.tls->key, gateway.tls->client_ca};
}

}  // namespace wardex::app
