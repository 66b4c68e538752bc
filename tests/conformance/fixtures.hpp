// Valid settings for every connector, one entry for each way to use it. A new connector adds its own here; the suite
// fails until it has, and until each of its secret settings holds a canary in one of them.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "conformance/settings_tree.hpp"
#include "wardex/connector.hpp"

namespace wardex::test {

struct Fixture {
  std::string connector;
  std::string variant;
  Json settings;
  /// What the receiver says when all is well; several when a delivery takes several steps.
  std::vector<Response> success;
  std::size_t max_body = std::numeric_limits<std::size_t>::max();

  [[nodiscard]] std::string name() const { return connector + "_" + variant; }
  [[nodiscard]] const Manifest& manifest() const { return *find_connector(connector); }
};

inline HttpResponse http(int status, std::string body = {},
                         std::vector<std::pair<std::string, std::string>> headers = {}) {
  return {.status = status, .headers = std::move(headers), .body = std::move(body), .truncated = false};
}

inline const std::vector<Fixture>& fixtures() {
  // 33 bytes each: what the standard scheme takes.
  const Json signing_secret = secret("whsec_Y2FuYXJ5LXNpZ25pbmctN2YzYTljNTFkMmU4NGI2MC14");
  const std::string posted = R"({"ok":true,"channel":"C0123456789","ts":"1776781330.000200"})";
  static const std::vector<Fixture> all{
      {"webhook",
       "flat",
       {{"url", secret("https://receiver.example/hooks/canary-url-path-11?token=canary-url-query-12")},
        {"signing_secret", signing_secret},
        {"auth", {{"bearer", secret("canary-bearer-13-3f9a")}}},
        {"headers", {{"X-Team-Key", secret("canary-header-14-3f9a")}}}},
       {http(204)},
       256 * 1024},
      {"webhook",
       "envelope",
       {{"url", "https://receiver.example/hooks/wardex"},
        {"payload", "envelope"},
        {"signing",
         {{"scheme", "github"},
          {"secrets",
           {{{"value", secret("canary-new-21-3f9a")}},
            {{"value", secret("canary-old-22-3f9a")}, {"not_after", "2026-05-01T00:00:00Z"}}}}}},
        {"auth", {{"basic", {{"username", "wardex"}, {"password", secret("canary-basic-23-3f9a")}}}}}},
       {http(200, "{}")},
       256 * 1024},
      {"webhook",
       "thin",
       {{"url", "https://receiver.example/hooks/wardex"},
        {"method", "PUT"},
        {"payload", "thin"},
        {"signing",
         {{"scheme", "timestamped"},
          {"layout", "split"},
          {"separator", ":"},
          {"secrets", {{{"value", secret("canary-ts-31-3f9a")}}}}}},
        {"auth", {{"header", {{"name", "X-Api-Key"}, {"value", secret("canary-apikey-32-3f9a")}}}}}},
       {http(202)},
       256 * 1024},
      {"webhook",
       "batch",
       {{"url", "https://receiver.example/hooks/wardex"},
        {"signing_secret", signing_secret},
        {"batch", {{"format", "ndjson"}, {"max_age", "50ms"}}}},
       {http(204)},
       256 * 1024},
      {"slack",
       "webhook",
       {{"webhook_url", secret("https://hooks.slack.com/services/T000/B000/canary-slack-41-3f9a")}},
       {http(200, "ok")},
       48'000},
      {"slack",
       "bot",
       {{"mode", "bot"}, {"bot_token", secret("xoxb-canary-51-3f9a")}, {"channel", "C0123456789"}},
       {http(200, posted)},
       48'000},
      {"file", "events", {{"path", "/var/lib/wardex-gateway/events.jsonl"}}, {Written{1'000'000'000}}},
  };
  return all;
}

inline std::unique_ptr<Sink> make_sink(const Fixture& fixture) {
  Problems problems;
  auto sink = fixture.manifest().make_sink(tree(fixture.settings), "connectors.under-test", problems);
  if (!sink || !problems.all().empty()) throw std::logic_error(fixture.name() + ": " + describe(problems));
  return sink;
}

/// Every text behind a {"$secret": ...}.
inline void collect_secrets(const Json& settings, std::vector<std::string>& out) {
  if (settings.is_object() && settings.contains("$secret")) {
    out.push_back(settings["$secret"].get<std::string>());
    return;
  }
  for (const auto& item : settings)
    if (item.is_structured()) collect_secrets(item, out);
}

}  // namespace wardex::test
