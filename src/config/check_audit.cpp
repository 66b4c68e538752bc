// The audit trail's checkpoints, and retention: rules that span settings.
#include <algorithm>

#include "config/read.hpp"

namespace wardex::config {
namespace {

void check_anchor(const Config& config, const std::string& id, const Position& at, const std::string& path,
                  const std::vector<std::string>& known, Problems& problems) {
  if (std::find(known.begin(), known.end(), id) == known.end()) {
    problems.error(at, path, "unknown connector '" + id + "'" + suggestion(id, known));
    return;
  }
  const auto* connector = config.find(id);
  if (connector == nullptr) return;  // it has errors of its own
  const auto& accepts = connector->manifest->accepts;
  if (std::find(accepts.begin(), accepts.end(), Kind::telemetry) == accepts.end())
    problems.error(at, path,
                   "a " + connector->manifest->name +
                       " connector takes no telemetry, which checkpoints are; name one that keeps records, such as a "
                       "file or a webhook");
  else if (connector->common.mirror == Mirror::cases)
    problems.error(at, path, "'" + id + "' mirrors cases only; checkpoints are telemetry");
  if (!connector->common.enabled)
    problems.error(at, path, "'" + id + "' is disabled, so no checkpoint would reach it; enable it or leave it out");
}

void check_anchors(const Config& config, const Value& root, Problems& problems) {
  const auto& to = config.audit.checkpoints.to;
  const auto& node = nearest_node(root, {"audit", "checkpoints", "to"});
  const auto known = connector_ids(root);
  for (std::size_t i = 0; i < to.size(); ++i) {
    const auto& at = i < node.items.size() ? node.items[i].at : node.at;
    const auto path = "audit.checkpoints.to[" + std::to_string(i) + "]";
    if (std::find(to.begin(), to.begin() + static_cast<std::ptrdiff_t>(i), to[i]) !=
        to.begin() + static_cast<std::ptrdiff_t>(i))
      problems.error(at, path, "'" + to[i] + "' is named twice");
    else
      check_anchor(config, to[i], at, path, known, problems);
  }
}

void check_retention(const Config& config, const Value& root, Problems& problems) {
  const auto& keep = config.retention;
  const auto at = [&root](std::string_view what) { return nearest_node(root, {"retention", what, "keep"}).at; };
  if (keep.events.keep < config.intake.idempotency.window)
    problems.error(at("events"), "retention.events.keep",
                   "is shorter than intake.idempotency.window (" + format_duration(config.intake.idempotency.window) +
                       "): a restart rebuilds the window from the events, and would not recognise repeated ones");
  if (keep.audit.keep < keep.events.keep)
    problems.warning(at("audit"), "retention.audit.keep",
                     "is shorter than retention.events.keep (" + format_duration(keep.events.keep) +
                         "): events would outlive the record of what became of them");
  if (keep.audit.keep < 2 * config.audit.checkpoints.every)
    problems.error(at("audit"), "retention.audit.keep",
                   "is shorter than two intervals of audit.checkpoints.every (" +
                       format_duration(config.audit.checkpoints.every) +
                       "): rows would go before a checkpoint has vouched for them");
}

}  // namespace

void check_audit(const Config& config, const Value& root, Problems& problems) {
  check_anchors(config, root, problems);
  check_retention(config, root, problems);
}

}  // namespace wardex::config
