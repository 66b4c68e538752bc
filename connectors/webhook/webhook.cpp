#include "webhook/webhook.hpp"

#include <algorithm>

#include "wardex/crypto.hpp"
#include "wardex/text.hpp"
#include "webhook/payload.hpp"
#include "webhook/signature.hpp"

namespace wardex::webhook {
namespace {

constexpr std::string_view kTruncated = "X-Wardex-Truncated";

std::int64_t unix_seconds(WallTime at) {
  return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

std::string basic_credentials(const BasicAuth& basic) {
  return base64(basic.username + ":" + std::string(basic.password.reveal()));
}

void add_auth(std::vector<Header>& headers, const Auth& auth) {
  if (auth.basic)
    headers.push_back({"Authorization", SensitiveText("Basic ").append_masked(basic_credentials(*auth.basic))});
  if (!auth.bearer.empty()) headers.push_back({"Authorization", SensitiveText("Bearer ").append(auth.bearer)});
  if (auth.header) headers.push_back({auth.header->name, SensitiveText(auth.header->value)});
}

// What the status means to the operator, where that is not what classify_http() says of HTTP in general. These are
// faults of the configured address: every event would meet them, so the lane is held and no event is burned.
std::string_view address_fault(int status) {
  if (status >= 300 && status <= 399)
    return "redirects are not followed, since they would leak the signature: set `url` to the final address";
  if (status == 404) return "nothing is there: check `url`";
  if (status == 405) return "the receiver does not take this method: check `method` and `url`";
  if (status == 410)
    return "the receiver says that this address is gone for good: set a new `url` or disable this connector";
  return {};
}

}  // namespace

Request Webhook::render(Batch batch, const RenderContext& context) const {
  if (settings_.batch) return render_batch(batch, context);
  const Delivery& delivery = batch.front();
  auto payload = make_payload(delivery, settings_.payload, settings_.max_body_bytes.count);
  std::vector<Header> about{{"X-Wardex-Event", payload.type},
                            {"X-Wardex-Delivery", delivery.key},
                            {"X-Wardex-Attempt", std::to_string(delivery.attempt)}};
  if (!payload.trimmed.empty()) about.push_back({std::string(kTruncated), text::join(payload.trimmed, ", ")});
  return compose({delivery.key, "application/json", std::move(payload.body), std::move(about)}, context);
}

/// One signature for all. The receiver dedups on each event's webhook_id; the request's own id only tells two requests
/// with different events apart.
Request Webhook::render_batch(Batch batch, const RenderContext& context) const {
  const bool array = settings_.batch->format == BatchFormat::array;
  std::string body;
  std::string keys;
  std::size_t trimmed = 0;
  std::size_t size = 0;
  for (const auto& delivery : batch) size += 1024 + 2 * delivery.event->original.size();
  body.reserve(size);
  for (const auto& delivery : batch) {
    if (array) body += body.empty() ? '[' : ',';
    const auto cut = append_payload(body, delivery, settings_.payload, settings_.max_body_bytes.count, delivery.key);
    if (!array) body += '\n';
    keys += delivery.key;
    trimmed += cut.empty() ? 0 : 1;
  }
  if (array) body += ']';
  std::vector<Header> about{{"X-Wardex-Event", "batch"}, {"X-Wardex-Count", std::to_string(batch.size())}};
  if (trimmed > 0) about.push_back({std::string(kTruncated), std::to_string(trimmed) + " events"});
  return compose({"wdb_" + hex(sha256(keys)).substr(0, 32), array ? "application/json" : "application/x-ndjson",
                  std::move(body), std::move(about)},
                 context);
}

Request Webhook::compose(Message message, const RenderContext& context) const {
  const auto time = unix_seconds(context.now);
  HttpRequest request;
  request.method = settings_.method == Method::put ? "PUT" : "POST";
  request.url = settings_.url.text;
  request.idempotent = true;  // receivers dedup on webhook-id, which is the same for every attempt
  request.headers = {{"Content-Type", std::move(message.content_type)},
                     {"webhook-id", message.id},
                     {"webhook-timestamp", std::to_string(time)},
                     {"Idempotency-Key", message.id}};
  for (auto& header : message.about) request.headers.push_back(std::move(header));
  for (auto& header : sign(settings_.signing, settings_.signing_secrets(context.now), message.id, time, message.body))
    request.headers.push_back(std::move(header));
  add_auth(request.headers, settings_.auth);
  for (const auto& [name, value] : settings_.headers) request.headers.push_back({name, SensitiveText(value.text)});
  request.body = std::move(message.body);
  return request;
}

BatchLimits Webhook::batch_limits() const {
  if (!settings_.batch) return {};
  return {.max_events = settings_.batch->max_events,
          .max_bytes = settings_.batch->max_bytes.count,
          .max_age = settings_.batch->max_age,
          .ordered = true,
          .streaming = true};
}

Verdict Webhook::interpret(Batch, const Request& request, const Response& response,
                           const RenderContext& context) const {
  const auto* answer = std::get_if<HttpResponse>(&response);
  if (answer == nullptr) return Retry{"not an HTTP answer", {}};
  const std::string status = "HTTP " + std::to_string(answer->status);

  if (is_success(answer->status)) {
    Delivered delivered;
    const auto* http = std::get_if<HttpRequest>(&request);
    if (const auto* trimmed = http != nullptr ? http->header(kTruncated) : nullptr)
      delivered.note = "trimmed to max_body_bytes: " + trimmed->reveal();
    return delivered;
  }
  // A 2xx that the receiver is known not to send: most likely a login page or a proxy in between.
  if (answer->status >= 200 && answer->status <= 299) return Retry{status + " is not among success_codes", {}};
  if (const auto fault = address_fault(answer->status); !fault.empty())
    return Unauthorised{status + ": " + std::string(fault)};

  // Debugging receivers echo what they were sent: no credential of ours may come back in a reason.
  auto verdict =
      classify_http(answer->status, answer->header("Retry-After"), scrub(answer->body, request), context.now);
  return std::visit([](auto&& outcome) -> Verdict { return std::move(outcome); }, std::move(verdict));
}

bool Webhook::is_success(int status) const {
  const auto& codes = settings_.success_codes;
  if (codes.empty()) return status >= 200 && status <= 299;
  return std::find(codes.begin(), codes.end(), status) != codes.end();
}

const Manifest& manifest() {
  static const Manifest manifest{
      .name = "webhook",
      .title = "Signed webhook",
      .category = Category::alerting,
      .summary = "Posts each event as signed JSON to any HTTP receiver, by Standard Webhooks 1.0.0 or an older scheme.",
      .accepts = {Kind::alert, Kind::case_, Kind::telemetry, Kind::runbook, Kind::digest},
      .dedups_by_key = true,
      .auth = {"hmac", "basic", "bearer", "header", "mtls"},
      .docs = "connectors/webhook/README.md",
      .settings = Settings::table().specs(),
      .make_sink = sink_maker<Webhook, Settings>(),
  };
  return manifest;
}

}  // namespace wardex::webhook
