#include "loadgen/events.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <string_view>

namespace wardex::bench {

namespace {

constexpr std::size_t kMostTexts = 1024;
constexpr std::size_t kTextBytes = 8UL << 20U;  // all texts together stay within a processor's cache, more or less
constexpr std::size_t kMostProse = 400;         // larger events have more fields, not longer words

constexpr std::array<std::string_view, 5> kSeverities{"info", "low", "medium", "high", "critical"};
constexpr std::array<std::string_view, 6> kStatuses{"new",       "triage",   "investigating",
                                                    "escalated", "resolved", "closed"};
constexpr std::array<std::string_view, 8> kRules{"suspicious-powershell", "beaconing-interval", "brute-force-login",
                                                 "new-autorun-key",       "dns-tunnel-length",  "usb-mass-storage",
                                                 "lateral-smb-write",     "webshell-pattern"};
constexpr std::array<std::string_view, 18> kWords{
    "process",  "spawned",  "by",         "unexpected", "parent", "with",        "encoded", "command",   "line",
    "observed", "outbound", "connection", "to",         "rare",   "destination", "after",   "privilege", "change"};

class Author {
 public:
  explicit Author(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }
  template <class Array>
  std::string pick(const Array& from) {
    return std::string(from[below(from.size())]);
  }
  std::string digest() {
    std::string hex(64, '0');
    for (auto& digit : hex) digit = "0123456789abcdef"[below(16)];
    return hex;
  }
  std::string two(std::size_t limit) {
    const auto value = below(limit);
    return (value < 10 ? "0" : "") + std::to_string(value);
  }
  std::string time() {
    return "2026-04-21T" + two(24) + ":" + two(60) + ":" + two(60) + "." + std::to_string(100 + below(900)) + "Z";
  }
  std::string host() { return "ws-" + std::to_string(1000 + below(9000)); }
  std::string address() {
    return "10." + std::to_string(below(256)) + "." + std::to_string(below(256)) + "." + std::to_string(below(256));
  }
  /// Exactly so many bytes of words.
  std::string prose(std::size_t bytes) {
    std::string text;
    while (text.size() < bytes) text += (text.empty() ? "" : " ") + pick(kWords);
    text.resize(bytes);
    if (!text.empty() && text.back() == ' ') text.back() = '.';
    return text;
  }

 private:
  std::mt19937_64 random_;
};

std::string member(std::string_view name, std::string_view value) {
  return ",\"" + std::string(name) + "\":\"" + std::string(value) + "\"";
}

/// What a detector saw around an alert: this is what makes large events large.
std::string observed_process(Author& author) {
  return "{\"pid\":" + std::to_string(author.below(65536)) + member("image", "C:\\\\Windows\\\\System32\\\\cmd.exe") +
         member("command_line", author.prose(60)) + member("sha256", author.digest()) +
         member("started_at", author.time()) + "}";
}

/// The members of an event but for id and case, `bytes` long.
std::string members(Author& author, EventKind kind, std::size_t bytes) {
  const auto rule = author.pick(kRules);
  std::string text;
  switch (kind) {
    case EventKind::case_:
      text = member("kind", "case") + member("status", author.pick(kStatuses)) + member("updated_at", author.time());
      break;
    case EventKind::telemetry:
      text = member("kind", "telemetry") + member("timestamp", author.time());
      break;
    default:
      text = member("kind", "alert") + member("timestamp", author.time()) + ",\"mitre\":[\"T1059.001\",\"T1027\"]";
  }
  text += member("severity", author.pick(kSeverities)) + member("title", rule + " on " + author.host()) +
          member("endpoint_id", author.host()) + member("user", "u" + std::to_string(author.below(10000))) +
          member("rule", rule) + ",\"score\":" + std::to_string(author.below(100)) + member("src_ip", author.address());
  constexpr std::string_view kOpen = ",\"process_tree\":[";
  const auto fixed = text.size() + member("description", "").size();
  const auto left = bytes > fixed ? bytes - fixed : 0;
  if (left > kMostProse + kOpen.size() + 1) {
    const auto before_list = text.size();
    text += kOpen;
    while (true) {
      const auto process = observed_process(author);
      if (text.size() - before_list + process.size() + 2 > left) break;
      if (text.back() != '[') text += ',';
      text += process;
    }
    text += ']';
  }
  const auto used = text.size() + member("description", "").size();
  return text + member("description", author.prose(bytes > used ? bytes - used : 0));
}

/// The same words as labels and annotations.
std::string alertmanager_members(Author& author, std::size_t bytes) {
  const auto labels = member("alertname", author.pick(kRules)) + member("severity", author.pick(kSeverities)) +
                      member("host", author.host());
  const auto fixed = labels.size() + 40;
  return labels + "},\"annotations\":{\"summary\":\"" + author.prose(bytes > fixed ? bytes - fixed : 0) + "\"}}";
}

std::size_t mixed(std::uint64_t sequence) { return static_cast<std::size_t>((sequence * 0x9E3779B97F4A7C15U) >> 33U); }

}  // namespace

Events::Events(const Options& options) : options_(options) {
  Author author(options.size);
  const bool syslog = options.format == Format::syslog;
  const bool labels = options.format == Format::alertmanager;
  const std::string open = labels ? R"({"labels":{"id":")" : R"({"event_id":")";
  const std::string joint = R"(","case_id":"CASE-)";
  for (std::size_t i = 0; i < std::clamp<std::size_t>(kTextBytes / options.size, 16, kMostTexts); ++i) {
    auto kind = options.kind;
    for (const bool cased : {true, false}) {
      // Of a mixture every fourth is a state of a case; all of those have one.
      if (options.kind == EventKind::mixed) kind = cased && i % 2 == 0 ? EventKind::case_ : EventKind::alert;
      std::string head = open;
      if (syslog) head.insert(0, "<134>1 2026-04-21T14:22:09.123Z " + author.host() + " edr 4242 alert - ");
      const auto fixed = open.size() + kIdSize + (cased ? joint.size() + 6 : 0) + 1;
      const auto bytes = options.size > fixed + 1 ? options.size - fixed - 1 : 0;
      auto rest = labels ? alertmanager_members(author, bytes) : members(author, kind, bytes) + "}";
      if (syslog || options.format == Format::ndjson) rest += '\n';
      if (cased)
        with_case_.push_back({head, joint, "\"" + rest});
      else
        without_case_.push_back({head, "\"" + rest, ""});
    }
  }
}

std::uint32_t Events::case_of(std::uint64_t sequence, std::size_t connection) const {
  if (options_.kind == EventKind::telemetry) return 0;
  const auto number = mixed(sequence);
  if (options_.kind != EventKind::case_ && static_cast<double>(number % 1000) >= options_.case_share * 1000) return 0;
  const auto of_connection = options_.cases / options_.connections;
  const auto which = number / 1000 % of_connection * options_.connections + connection;
  return static_cast<std::uint32_t>(which) + 1;
}

void Events::append(std::string& out, const EventId& id) const {
  const auto& texts = id.case_number == 0 ? without_case_ : with_case_;
  const auto& text = texts[mixed(id.sequence) % texts.size()];
  out += text.head;
  const auto at = out.size();
  out.resize(at + kIdSize);
  write(id, std::span<char, kIdSize>(out.data() + at, kIdSize));
  out += text.middle;
  if (id.case_number == 0) return;
  out += case_digits(id.case_number);
  out += text.tail;
}

void Events::body(std::string& out, std::uint64_t first, std::size_t count, std::size_t connection,
                  std::int64_t sent_us) const {
  const bool list = options_.format == Format::array || options_.format == Format::alertmanager;
  out.clear();
  if (list) out += '[';
  for (std::size_t i = 0; i < count; ++i) {
    if (list && i > 0) out += ',';
    append(out, {options_.run, case_of(first + i, connection), first + i, sent_us});
  }
  if (list) out += ']';
}

}  // namespace wardex::bench
