// The events that connectors are tried with.
#pragma once

#include <string>

#include "wardex/delivery.hpp"

namespace wardex::test {

inline constexpr std::int64_t kNow = 1776781329;  // 2026-04-21T14:22:09Z
inline WallTime now() { return WallTime{std::chrono::seconds{kNow}}; }
inline RenderContext context(std::string_view state = {}, std::chrono::seconds later = {}) {
  return {.now = now() + later, .connector = "under-test", .state = state};
}

/// The integration guide's example.
inline Event guide_event() {
  Event event;
  event.id = "evt-0001";
  event.kind = Kind::case_;
  event.origin = "control-plane";
  event.case_id = "CASE-1042";
  event.severity = Severity::high;
  event.status = Status::triage;
  event.title = "Suspicious shell spawned from Office";
  event.endpoint_id = "macbook-sec-17";
  event.rule = "office-child-process";
  event.mitre = {"T1204", "T1059"};
  event.wardex_url = "https://console.example/cases/CASE-1042";
  event.occurred_at = Timestamp{now(), 0};
  event.received_at = Timestamp{now() + std::chrono::milliseconds{412}, 3};
  return event;
}

/// Every field filled.
inline Event full_event() {
  Event event = guide_event();
  event.action = "updated";
  event.alert_ids = {"ALERT-1", "ALERT-2"};
  event.description = "winword.exe started powershell.exe -enc ...\nSecond line.";
  event.host = "macbook-sec-17.corp.example";
  event.user = "jdoe";
  event.process = "powershell.exe";
  event.score = 87.5;
  event.confidence = 0.5;
  event.observables = {{ObservableType::ipv4, "203.0.113.7"}, {ObservableType::domain, "bad.example"}};
  event.assignee = "ana";
  event.tags = {"office", "shell"};
  event.tenant = "acme";
  event.intel = {{"203.0.113.7", "virustotal", "malicious", Timestamp{now(), 0}}};
  event.labels = {{"platform", "darwin"}};
  return event;
}

inline std::string repeat(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

/// Everything far over any limit.
inline Event huge_event() {
  Event event = full_event();
  event.title = repeat("🔥", 2500) + std::string(100'000, 'T');
  event.description = std::string(100'000, 'D') + repeat("\n\"&<>\\", 20'000) + repeat("🔥", 10'000);
  event.rule = std::string(10'000, 'r');
  event.user = repeat("&", 10'000);
  for (int i = 0; i < 1000; ++i) {
    event.tags.push_back("tag-" + std::to_string(i) + std::string(100, 'x'));
    event.mitre.push_back("T" + std::to_string(1000 + i));
    event.labels["label-" + std::to_string(i)] = std::string(200, 'l');
    event.observables.push_back({ObservableType::domain, std::to_string(i) + ".bad.example"});
  }
  return event;
}

/// Text that means something to somebody's parser.
inline const std::string& hostile_text() {
  static const std::string text =
      std::string(
          "<!channel> <https://evil.example|ok> & \"quotes\" 'single' \\ `code` *b* ~s~ {{x}} ${env:HOME} %0a "
          "\r\nX-Injected: yes\r\n\r\n \xE2\x80\xAE"
          "reversed\xE2\x80\xAC \x1B[31m \x07") +
      std::string(1, '\0') + "after NUL \xFF\xC0\xAF broken \xED\xA0\x80";
  return text;
}

inline Event hostile_event() {
  Event event = full_event();
  for (auto* field : {&event.title, &event.description, &event.rule, &event.host, &event.user, &event.process,
                      &event.assignee, &event.action, &event.tenant})
    *field = hostile_text();
  event.mitre = {hostile_text(), "T1059"};
  event.tags = {hostile_text()};
  event.labels = {{hostile_text(), hostile_text()}};
  event.observables = {{ObservableType::url, hostile_text()}};
  return event;
}

inline Delivery delivery(Event event, std::string_view connector = "under-test") {
  Delivery out;
  out.seq = 7;
  out.key = delivery_key(connector, event.id);
  out.event = std::move(event);
  return out;
}

}  // namespace wardex::test
