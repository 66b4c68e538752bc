#include <algorithm>
#include <set>

#include "config/read.hpp"

namespace wardex::config {

namespace {

bool accepts(const Manifest& manifest, Kind kind) {
  return std::find(manifest.accepts.begin(), manifest.accepts.end(), kind) != manifest.accepts.end();
}

void check_mirror(const Connector& connector, const Value& node, const std::string& path, Problems& problems) {
  const auto& at = nearest_node(node, {"mirror"}).at;
  const auto& manifest = *connector.manifest;
  if (connector.common.mirror == Mirror::cases && !accepts(manifest, Kind::case_))
    problems.error(at, path + ".mirror", "a " + manifest.name + " connector takes no cases; write `mirror: alerts`");
  if (connector.common.mirror == Mirror::alerts && !accepts(manifest, Kind::alert) &&
      !accepts(manifest, Kind::telemetry))
    problems.error(at, path + ".mirror", "a " + manifest.name + " connector takes no alerts; write `mirror: cases`");
}

void check_tls(const Connector& connector, const Value& node, const std::string& path, Problems& problems) {
  const auto& tls = connector.common.tls;
  const auto& at = nearest_node(node, {"tls"}).at;
  const auto file = [&](const std::string& name, std::string_view key) {
    if (!name.empty())
      check_file(name, nearest_node(node, {"tls", key}).at, path + ".tls." + std::string(key), problems);
  };
  file(tls.ca_file, "ca_file");
  file(tls.client_cert, "client_cert");
  file(tls.client_key, "client_key");
  if (tls.client_cert.empty() != tls.client_key.empty())
    problems.error(at, path + ".tls", "client_cert and client_key belong together; one of them is missing");
  if (tls.insecure_skip_verify)
    problems.warning(nearest_node(node, {"tls", "insecure_skip_verify"}).at, path + ".tls.insecure_skip_verify",
                     "the receiver's certificate is not verified: anybody on the way can read and change events and "
                     "credentials; use tls.ca_file");
}

void check_retry(const Connector& connector, const Value& node, const std::string& path, Problems& problems) {
  const auto& retry = connector.common.retry;
  if (retry.initial > retry.max)
    problems.error(nearest_node(node, {"retry"}).at, path + ".retry", "initial is longer than max");
}

/// True when following `to` from this connector comes back to it.
bool falls_back_to_itself(const Config& config, const Connector& start) {
  std::set<std::string> seen;
  const Connector* at = &start;
  while (at != nullptr && at->common.fallback && seen.insert(at->id).second) {
    at = config.find(at->common.fallback->to);
    if (at == &start) return true;
  }
  return false;
}

void check_fallback(const Config& config, const Connector& connector, const Value& root, const Value& node,
                    const std::string& path, Problems& problems) {
  if (!connector.common.fallback) return;
  const auto& fallback = *connector.common.fallback;
  const auto& at = nearest_node(node, {"fallback", "to"}).at;
  const auto to_path = path + ".fallback.to";
  const auto ids = connector_ids(root);
  if (std::find(ids.begin(), ids.end(), fallback.to) == ids.end()) {
    problems.error(at, to_path, "unknown connector '" + fallback.to + "'" + suggestion(fallback.to, ids));
    return;
  }
  if (falls_back_to_itself(config, connector))
    problems.error(at, to_path,
                   fallback.to == connector.id
                       ? "a connector cannot be its own fallback"
                       : "the fallbacks form a circle that comes back to '" + connector.id + "'");
  if (const auto* to = config.find(fallback.to); to != nullptr && !to->common.enabled)
    problems.warning(at, to_path, "'" + fallback.to + "' is disabled, so nothing falls back to it");
  if (fallback.after >= connector.common.retry.give_up_after)
    problems.warning(nearest_node(node, {"fallback"}).at, path + ".fallback.after",
                     "is not before retry.give_up_after: the fallback gets what goes to the failure mailbox then");
  const auto* to = config.find(fallback.to);
  if (to == nullptr) return;
  for (const auto kind : connector.manifest->accepts)
    if ((kind == Kind::alert || kind == Kind::case_) && !accepts(*to->manifest, kind))
      problems.warning(at, to_path,
                       "'" + fallback.to + "' takes no " + std::string(to_string(kind)) + " events, so those of '" +
                           connector.id + "' have no fallback");
}

}  // namespace

void check_connectors(const Config& config, const Value& root, Problems& problems) {
  for (const auto& connector : config.connectors) {
    const auto path = "connectors." + connector.id;
    const auto& node = nearest_node(root, {"connectors", connector.id});
    check_mirror(connector, node, path, problems);
    check_tls(connector, node, path, problems);
    check_retry(connector, node, path, problems);
    check_fallback(config, connector, root, node, path, problems);
  }
}

}  // namespace wardex::config
