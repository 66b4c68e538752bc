#include "app/sample.hpp"

#include <algorithm>

namespace wardex::app {

std::shared_ptr<const Event> sample_event(const config::Config& config, const std::string& connector, WallTime now) {
  auto event = std::make_shared<Event>();
  event->id = "test-" + std::to_string(now.time_since_epoch().count());
  event->kind = Kind::alert;
  if (const auto* found = config.find(connector)) {
    const auto& accepts = found->manifest->accepts;
    if (!accepts.empty() && std::find(accepts.begin(), accepts.end(), Kind::alert) == accepts.end())
      event->kind = accepts.front();
  }
  event->origin = "test";
  event->action = "created";
  event->case_id = "WARDEX-TEST";
  event->severity = Severity::info;
  event->status = Status::new_;
  event->title = "Test message from wardex-gateway: no action needed";
  event->description = "Sent by `wardex-gateway test " + connector + " --send`.";
  event->endpoint_id = "wardex-gateway";
  event->rule = "wardex-gateway-test";
  event->tags = {"test"};
  if (!config.wardex.console_url.empty()) event->wardex_url = config.wardex.console_url;
  event->occurred_at = Timestamp{now, 3};
  event->received_at = Timestamp{now, 3};
  event->original = R"({"test":true})";
  return event;
}

}  // namespace wardex::app
