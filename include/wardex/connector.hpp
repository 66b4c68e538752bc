// A connector is pure: a manifest with its settings table, and functions from values to values. It never opens a
// socket, reads a clock, a file or the environment, logs, sleeps or retries; the gateway does all that, once, for all.
//
// To write one: a folder connectors/<name>/ with a settings struct, a class that implements Sink, a Manifest, golden
// payloads and a README; and one line in connectors/registry.cpp. connectors/webhook is the example to read first.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wardex/delivery.hpp"
#include "wardex/request.hpp"
#include "wardex/response.hpp"
#include "wardex/settings.hpp"
#include "wardex/verdict.hpp"

namespace wardex {

/// How much may go into one render() call. max_events 1: the API takes one event a request.
struct BatchLimits {
  std::size_t max_events = 1;
  std::size_t max_bytes = 1024UL * 1024UL;  ///< of the events as they were received
  Millis max_age{0};                        ///< how long a batch may wait to fill up; 0: send what is there
  bool ordered = false;                     ///< several events of one case may share a batch, in order
  bool streaming = false;                   ///< audited one row a batch instead of one an event
};

/// Whether an event that resolves its case ends something at the receiver, so that a mute must not swallow it.
enum class Closing : std::uint8_t {
  nothing,   ///< the receiver keeps no state (a log, a stream)
  linked,    ///< what this connector keeps a link to
  anything,  ///< there may be something, and nobody here knows: always let it through
};

/// Delivers events to a receiver.
class Sink {
 public:
  virtual ~Sink() = default;

  /// The request for this batch: batch.size() is between 1 and batch_limits().max_events, and all subjects differ
  /// unless batch_limits().ordered. Called anew for every attempt, so signatures carry its time.
  /// Throwing std::exception means "this event cannot be rendered" and sends it to the failure mailbox.
  [[nodiscard]] virtual Request render(Batch batch, const RenderContext& context) const = 0;

  /// What the answer means. For Next the gateway sends its request and calls interpret() again with the answer.
  [[nodiscard]] virtual Verdict interpret(Batch batch, const Request& request, const Response& response,
                                          const RenderContext& context) const = 0;

  [[nodiscard]] virtual BatchLimits batch_limits() const { return {}; }
  /// It remembers cases by external_ref or state: an event only goes once its case's link has been looked up.
  [[nodiscard]] virtual bool keeps_links() const { return false; }
  [[nodiscard]] virtual Closing closing() const { return Closing::nothing; }
  /// What the receiver says of its own rate limit, so that the gateway stops before it is told to.
  [[nodiscard]] virtual std::optional<Quota> quota(const Response& response, WallTime now) const {
    const auto* http = std::get_if<HttpResponse>(&response);
    return http != nullptr ? read_quota(*http, now) : std::nullopt;
  }

  /// A request that proves credentials and reachability without posting anything; nullopt when the API has none.
  [[nodiscard]] virtual std::optional<Request> probe(const RenderContext&) const { return std::nullopt; }
  /// Reads the probe's answer: Delivered means "credentials good", anything else says what is wrong.
  [[nodiscard]] virtual Verdict interpret_probe(const Request& request, const Response& response,
                                                const RenderContext& context) const {
    return interpret({}, request, response, context);
  }
};

enum class Category : std::uint8_t { alerting, ticketing, siem, intel, identity, control_plane };
std::string_view to_string(Category category);

/// All that is known of a connector without an instance of it. Drives schema, console forms, CLI, redaction and docs.
struct Manifest {
  std::string name;   ///< `type:` in the config
  std::string title;  ///< "Signed webhook"
  Category category = Category::alerting;
  std::string summary;            ///< one sentence
  std::vector<Kind> accepts;      ///< what it can render
  bool dedups_by_key = false;     ///< the receiver recognises a repeated delivery by the key we send
  bool mirrors_state = false;     ///< shows a case's current state (ticket, page): waiting updates coalesce by default
  std::vector<std::string> auth;  ///< "bearer", "hmac", "mtls", ...
  std::string docs;               ///< path of its page in the repository: connectors/<name>/README.md
  std::vector<FieldSpec> settings;

  /// Validated settings -> instance. Problems go to `problems`; nullptr if there was an error.
  std::function<std::unique_ptr<Sink>(const Value& settings, std::string_view path, Problems& problems)> make_sink;
};

/// Adapts a settings struct and a Sink class that is constructible from it to Manifest::make_sink. A settings struct
/// may have `void check(const Value&, std::string_view path, Problems&) const` for rules that span fields.
template <class SinkClass, class Settings>
auto sink_maker() {
  return [](const Value& value, std::string_view path, Problems& problems) -> std::unique_ptr<Sink> {
    auto settings = Settings::table().read(value, path, problems);
    if (!settings) return nullptr;
    if constexpr (requires { settings->check(value, path, problems); }) {
      const auto before = problems.all().size();
      settings->check(value, path, problems);
      for (auto i = before; i < problems.all().size(); ++i)
        if (problems.all()[i].level == Problem::Level::error) return nullptr;
    }
    return std::make_unique<SinkClass>(std::move(*settings));
  };
}

/// Every connector, in the order of the documentation: the explicit list in connectors/registry.cpp.
std::span<const Manifest> connectors();
const Manifest* find_connector(std::string_view name);

}  // namespace wardex
