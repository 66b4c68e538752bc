#include "deliver/connection_check.hpp"

#include <exception>
#include <variant>

#include "runtime/log.hpp"

namespace wardex::deliver {
namespace {

Event stand_in(const Manifest& manifest, WallTime now) {
  Event event;
  event.id = "wardex-gateway-test";
  if (!manifest.accepts.empty()) event.kind = manifest.accepts.front();
  event.title = "Test message from wardex-gateway: no action needed";
  event.origin = "test";
  event.tags = {"test"};
  event.received_at = Timestamp{now, 3};
  event.original = R"({"test":true})";
  return event;
}

Delivery as_delivery(const std::string& connector, Event event) {
  Delivery out;
  out.key = delivery_key(connector, event.id);
  out.event = std::move(event);
  return out;
}

/// A request that reaches the same place and changes nothing there: OPTIONS is safe (RFC 9110 9.2.1), an append of no
/// bytes opens the file. nullopt for the other kinds.
std::optional<Request> harmless(const Request& request) {
  if (const auto* http = std::get_if<HttpRequest>(&request)) {
    HttpRequest out;
    out.method = "OPTIONS";
    out.url = http->url;
    return out;
  }
  if (const auto* file = std::get_if<FileAppend>(&request)) {
    FileAppend out;
    out.path = file->path;
    return out;
  }
  return std::nullopt;
}

std::string timing(const AttemptReport& report) { return " (" + format_duration(report.latency) + ")"; }

TestReport::Check read(std::string name, const AttemptReport& report) {
  const auto& verdict = report.items.front();
  TestReport::Check out{std::move(name), std::holds_alternative<Delivered>(verdict), std::string(reason(verdict))};
  if (out.detail.empty() && report.status_code) out.detail = "HTTP " + std::to_string(*report.status_code);
  if (out.detail.empty()) out.detail = std::string(outcome_word(report));
  out.detail += timing(report);
  return out;
}

/// What left the house is in the audit trail, tests included.
void record(const Surroundings& around, const std::string& connector, const AttemptReport& report, bool ok,
            const std::string& what) {
  store::AuditRecord row;
  row.at = around.clock.wall();
  row.actor = "gateway";
  row.action = "test";
  row.connector = connector;
  row.outcome = ok ? "ok" : "error";
  row.status_code = report.status_code;
  row.latency_ms = report.latency.count();
  row.request_digest = report.request_digest;
  row.detail = what;
  around.store.append_audit(std::move(row), [](const store::Result<store::Ok>& result) {
    if (!result) log::error("audit.append_failed", result.error().message);
  });
}

asio::awaitable<TestReport::Check> reachability(std::shared_ptr<const Surroundings> around,
                                                std::shared_ptr<const AttemptInput> input, Request request) {
  TestReport::Check out{"reachability", false, {}};
  const MonoTime begun = around->clock.mono();
  auto sending = around->transport.send(Request(request), input->options);
  const auto outcome = co_await std::move(sending);
  AttemptReport report;
  report.latency = std::chrono::duration_cast<Millis>(around->clock.mono() - begun);
  report.request_digest = digest(request);
  if (const auto* failure = std::get_if<transport::Failure>(&outcome)) {
    out.detail = failure->reason;
  } else if (const auto* http = std::get_if<HttpResponse>(&std::get<Response>(outcome))) {
    report.status_code = http->status;
    out.ok = true;
    out.detail = "answers (HTTP " + std::to_string(http->status) +
                 " to OPTIONS); the credentials were not tried: only a sample (--send) tells";
  } else {
    out.ok = true;
    out.detail = "the file can be written";
  }
  record(*around, input->connector, report, out.ok, out.name + ": " + out.detail);
  co_return out;
}

}  // namespace

bool TestReport::ok() const {
  for (const auto& check : checks)
    if (!check.ok) return false;
  return !checks.empty();
}

asio::awaitable<TestReport> check_connection(std::shared_ptr<const Surroundings> around, LaneConfig config,
                                             std::shared_ptr<const Event> sample) {
  TestReport report;
  report.checks.push_back({"settings", true, "type " + config.manifest->name});
  const auto wall = around->clock.wall();
  auto input = std::make_shared<AttemptInput>();
  input->connector = config.connector;
  input->sink = config.sink;
  input->options = config.send;

  std::optional<Request> probe;
  std::optional<Request> plain;
  try {
    const RenderContext context{wall, config.connector, {}};
    probe = config.sink->probe(context);
    if (!probe && !sample) {
      const auto delivery = as_delivery(config.connector, stand_in(*config.manifest, wall));
      plain = harmless(config.sink->render({&delivery, 1}, context));
      if (!plain) report.checks.push_back({"reachability", true, "not tried: only a sample (--send) tells"});
    }
  } catch (const std::exception& error) {
    report.checks.push_back({"render", false, error.what()});
  }

  if (probe) {
    auto running = attempt_probe(around->transport, around->clock, input, std::move(*probe));
    const auto result = co_await std::move(running);
    report.checks.push_back(read("credentials", result));
    const auto& check = report.checks.back();
    record(*around, config.connector, result, check.ok, "credentials: " + check.detail);
  } else if (plain) {
    auto running = reachability(around, input, std::move(*plain));
    auto check = co_await std::move(running);
    report.checks.push_back(std::move(check));
  }
  if (sample) {
    auto sending = std::make_shared<AttemptInput>(*input);
    sending->batch.push_back(as_delivery(config.connector, *sample));
    auto running = attempt(around->transport, around->clock, sending);
    const auto result = co_await std::move(running);
    report.checks.push_back(read("sample", result));
    const auto& check = report.checks.back();
    record(*around, config.connector, result, check.ok, "sample: " + check.detail);
  }
  co_return report;
}

}  // namespace wardex::deliver
