#include "simulation/events.hpp"

#include <algorithm>
#include <cstdio>

#include <nlohmann/json.hpp>

namespace wardex::simulation {
namespace {

constexpr std::string_view kBegin = "zq";
constexpr std::size_t kDigits = 6;

}  // namespace

std::string marker(Number number) {
  char text[16];
  std::snprintf(text, sizeof text, "zq%06uz", number);
  return text;
}

std::vector<Number> markers_in(std::string_view text) {
  std::vector<Number> found;
  for (auto at = text.find(kBegin); at != std::string_view::npos; at = text.find(kBegin, at + 1)) {
    const auto digits = text.substr(at + kBegin.size(), kDigits);
    if (digits.size() < kDigits || digits.find_first_not_of("0123456789") != std::string_view::npos) continue;
    const auto number = static_cast<Number>(std::stoul(std::string(digits)));
    if (std::find(found.begin(), found.end(), number) == found.end()) found.push_back(number);
  }
  return found;
}

Number Senders::make_event(MonoTime now, const std::string& severity, double part_of_case) {
  SentEvent event;
  event.number = static_cast<Number>(events_.size() + 1);
  event.sent_at = event.first_sent_at = now;
  event.title = marker(event.number) + " something happened";
  const bool of_case = random_.chance(part_of_case);
  if (of_case) event.case_id = "CASE-" + std::to_string(1 + random_.pick(plan_.cases));
  std::string json = "{";
  const auto add = [&](std::string_view name, std::string_view value) {
    json.append(json.size() > 1 ? ",\"" : "\"").append(name).append("\":\"").append(value).append("\"");
  };
  // Without an id of its own it gets one of the Idempotency-Key or of its content, which the marker makes unique.
  if (random_.chance(0.6)) {
    event.id = "ev-" + std::to_string(event.number);
    add("id", event.id);
  }
  event.is_state = of_case && random_.chance(0.65);
  add("kind", event.is_state ? "case" : of_case ? "alert" : random_.one_of({"alert", "telemetry", "digest"}));
  if (of_case) add("case_id", event.case_id);
  add("severity", severity);
  add("action", random_.one_of({"created", "updated", "updated", "resolved"}));
  add("title", event.title);
  add("endpoint_id", "host-" + std::to_string(random_.pick(20)));
  if (plan_.big_events && random_.chance(0.2)) add("description", std::string(random_.between(1000, 12'000), 'x'));
  event.text = json + "}";
  events_.push_back(std::move(event));
  return events_.back().number;
}

std::string Senders::body_of(const std::vector<std::string>& items, const std::string& content_type) {
  const bool lines = content_type != "application/json";
  if (items.size() == 1 && !lines) return items.front();
  std::string out = lines ? "" : "[";
  for (const auto& item : items) {
    if (!lines && out.size() > 1) out += ',';
    out += item;
    if (lines) out += '\n';
  }
  return lines ? out : out + "]";
}

SentRequest Senders::make(std::size_t count, MonoTime now) {
  SentRequest out;
  out.content_type = random_.chance(0.3) ? "application/x-ndjson" : "application/json";
  if (random_.chance(0.3)) out.idempotency_key = "key-" + std::to_string(random_.next());
  out.wrong_token = random_.chance(0.01);
  std::vector<std::string> items;
  for (std::size_t i = 0; i < count; ++i) {
    if (count > 1 && random_.chance(0.02)) {
      items.emplace_back(R"({"nothing":"of interest"})");
      ++out.bad_items;
      out.events.push_back(0);
      continue;
    }
    // Now and then one that was sent before, by another request: it has an id of its own or is the same by its content.
    Number number = 0;
    if (out.idempotency_key.empty() && !events_.empty() && random_.chance(0.05)) {
      const auto& earlier = random_.any(events_);
      const bool known = !plan_.keep || now - earlier.first_sent_at < plan_.keep->events / 2;
      if (earlier.id == "ev-" + std::to_string(earlier.number) && !earlier.poison && known) number = earlier.number;
    }
    if (number == 0 || std::find(out.events.begin(), out.events.end(), number) != out.events.end())
      number = make_event(now, random_.one_of({"critical", "high", "high", "medium", "low", "info"}));
    out.events.push_back(number);
    items.push_back(event(number).text);
  }
  out.body = body_of(items, out.content_type);
  return out;
}

SentRequest Senders::only(Number number) const {
  SentRequest out;
  out.content_type = "application/json";
  out.events = {number};
  out.body = event(number).text;
  return out;
}

SentRequest Senders::probe(MonoTime now) { return only(make_event(now, "critical")); }

SentRequest Senders::alone(MonoTime now) { return only(make_event(now, "critical", 0)); }

SentRequest Senders::poison(MonoTime now) {
  auto out = probe(now);
  events_.at(out.events.front() - 1).poison = true;
  return out;
}

void Senders::sent(const SentRequest& request, MonoTime now) {
  for (const auto number : request.events)
    if (number != 0 && !event(number).acknowledged) events_.at(number - 1).sent_at = now;
}

transport::ServerRequest Senders::as_http(const SentRequest& request) const {
  transport::ServerRequest out;
  out.method = "POST";
  out.path = "/v1/events";
  out.peer = "192.0.2.7";
  const auto token = request.wrong_token ? "guess" : plan_.environment().at("INTAKE");
  out.headers = {{"Authorization", "Bearer " + token},
                 {"Content-Type", request.content_type},
                 {"Content-Length", std::to_string(request.body.size())}};
  if (!request.idempotency_key.empty()) out.headers.emplace_back("Idempotency-Key", request.idempotency_key);
  out.body = request.body;
  return out;
}

std::vector<std::string> Senders::answered(const SentRequest& request, const transport::ServerResponse& response) {
  std::vector<std::string> complaints;
  const auto complain = [&](const std::string& what) { complaints.push_back(what); };
  ++answers_[response.status];
  if (response.body.find(kCanary) != std::string::npos) complain("I17: an answer shows a secret: " + response.body);
  const bool retry_after = std::any_of(response.headers.begin(), response.headers.end(),
                                       [](const auto& header) { return header.first == "Retry-After"; });
  const bool refused = response.status == 429 || response.status == 503;
  if (refused != retry_after) complain("I11: HTTP " + std::to_string(response.status) + " and Retry-After disagree");
  if (request.wrong_token) {
    // Why intake is closed is nobody's business who has no credential.
    if (response.status != 401) complain("a wrong token got HTTP " + std::to_string(response.status));
    return complaints;
  }
  const bool only_bad = request.bad_items == request.events.size();
  if (!refused && response.status != (only_bad ? 422 : 202))
    complain("HTTP " + std::to_string(response.status) + ": " + response.body);
  if (!refused && response.status != 202) return complaints;
  const auto answer = nlohmann::json::parse(response.body);
  if (refused && !answer.contains("ids")) return complaints;  // nothing was taken

  // Of a batch that is turned away the critical ones may have been taken.
  const auto& ids = answer.at("ids");
  const auto counted = answer.at("accepted").get<std::size_t>() + answer.at("duplicates").get<std::size_t>() +
                       answer.at("rejected").size() + answer.value("turned_away", std::size_t{0});
  if (counted != request.events.size() || ids.size() != request.events.size())
    complain("I1: the answer does not speak of every item: " + response.body);
  for (std::size_t i = 0; i < std::min(ids.size(), request.events.size()); ++i) {
    if (request.events[i] == 0) {
      if (!ids[i].is_null()) complain("an item that is no event has an id");
      continue;
    }
    auto& event = events_.at(request.events[i] - 1);
    const auto id = ids[i].is_string() ? ids[i].get<std::string>() : std::string();
    if (id.empty() && refused) continue;
    if (id.empty()) complain("I1: no id for " + marker(event.number));
    if (!event.id.empty() && event.id != id) complain("I5: " + event.id + " became " + id);
    event.id = id;
    const auto [known, added] = by_id_.emplace(id, event.number);
    if (!added && known->second != event.number)
      complain("I5: " + marker(event.number) + " and " + marker(known->second) + " are both " + id);
    if (!event.acknowledged) ++acknowledged_;
    event.acknowledged = true;
  }
  return complaints;
}

}  // namespace wardex::simulation
