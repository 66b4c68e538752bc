// The Prometheus exposition, pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "deliver/engine.hpp"
#include "deliver/mailbox_watch.hpp"
#include "intake/events_endpoint.hpp"
#include "store/store.hpp"
#include "transport/http_server.hpp"

namespace wardex::api {

struct MetricsInput {
  store::Totals totals;
  store::Store::Gauges gauges;
  bool store_healthy = true;
  bool ready = true;
  std::vector<deliver::LaneStatus> lanes;
  std::map<std::string, deliver::MailboxWatch::State> mailbox;
  intake::Stats intake;
  transport::ServerStats server;
  WallTime now{};
  WallTime started_at{};
};

/// Text format 0.0.4. Labels are connector ids and outcome words only, never event or case ids (unbounded cardinality).
std::string prometheus_text(const MetricsInput& input);

}  // namespace wardex::api
