// What is checked of each request, and what the observer remembers. How receivers answer is in behaviour.cpp.
#include "simulation/receivers.hpp"

#include <algorithm>
#include <functional>

#include "deliver/retry.hpp"
#include "simulation/narrate.hpp"
#include "wardex/crypto.hpp"

namespace wardex::simulation {
namespace {

/// The token in "Bearer TOKEN" or at the end of a hook's address.
std::string secret_of(const HttpRequest& http) {
  if (const auto* header = http.header("Authorization")) return header->reveal().substr(7);
  return http.url.reveal();
}

std::string between(std::string_view text, std::string_view begin, char end) {
  const auto from = text.find(begin);
  if (from == std::string_view::npos) return {};
  const auto rest = text.substr(from + begin.size());
  return std::string(rest.substr(0, rest.find(end)));
}

/// "wdx_" and 32 digits, as often as there are.
std::vector<std::string> keys_in(std::string_view text) {
  constexpr std::size_t kSize = 36;
  std::vector<std::string> found;
  for (auto at = text.find("wdx_"); at != std::string_view::npos; at = text.find("wdx_", at + kSize))
    found.emplace_back(text.substr(at, kSize));
  return found;
}

deliver::RetryPolicy retry_policy(const ConnectorPlan& plan) {
  return {.initial = plan.initial, .max = plan.max, .give_up_after = plan.give_up};
}

}  // namespace

Receivers::Receivers(Plan& plan, const Senders& senders, const wardex::test::VirtualClock& clock, Coverage& coverage,
                     Random random)
    : plan_(plan), senders_(senders), clock_(clock), coverage_(coverage), random_(random) {
  for (auto& connector : plan.connectors) receivers_[connector.id].plan = &connector;
}

Incoming Receivers::read(const Request& request) {
  Incoming out;
  if (const auto* file = std::get_if<FileAppend>(&request)) {
    out.connector = between(file->path, "/", '/');
    out.version = static_cast<unsigned>(std::stoul(between(file->path, "/v", '/')));
    out.body = file->bytes;
    out.events = markers_in(out.body);
    out.keys = keys_in(out.body);
    return out;
  }
  const auto& http = std::get<HttpRequest>(request);
  const std::string& url = http.url.reveal();
  out.connector = between(url, "https://", '.');
  out.version = static_cast<unsigned>(std::stoul(between(url, "/v", '/')));
  out.secret = secret_of(http);
  out.body = http.body.reveal();
  out.events = markers_in(out.body);
  if (http.header("X-Wardex-Count") != nullptr) {
    out.keys = keys_in(out.body);
  } else if (const auto* key = http.header("webhook-id")) {
    out.keys = {key->reveal()};
  }
  out.acts = !url.ends_with("chat.update");
  return out;
}

void Receivers::configured(const Plan& plan) {
  for (const auto& connector : plan.connectors)
    receivers_.at(connector.id)
        .configured[connector.version]
        .insert(connector.type == Type::file || connector.type == Type::file_original ? "" : connector.secret());
}

void Receivers::forget(const std::string& connector) {
  auto& receiver = receivers_.at(connector);
  receiver.silent_until.reset();
  receiver.no_probe_before.reset();
  ++receiver.epoch;
  ++receiver.recoveries;
}

void Receivers::process_ended() {
  for (auto& [id, receiver] : receivers_) {
    receiver.under_way = 0;
    forget(id);
  }
}

void Receivers::heal() {
  healed_ = true;
  for (auto& [id, receiver] : receivers_) {
    receiver.dead = false;
    receiver.revoked.reset();
  }
}

void Receivers::check(const Incoming& incoming, Receiver& receiver, const transport::SendOptions& options) {
  const auto& plan = *receiver.plan;
  const auto now = clock_.mono();
  const auto name = [&] { return incoming.connector + " v" + std::to_string(incoming.version); };
  const auto version = receiver.configured.find(incoming.version);
  if (version == receiver.configured.end() || !version->second.contains(incoming.secret))
    complain("I13: a request by settings that were never in force: " + name());
  if (options.timeout != plan.timeout + Millis{incoming.version}) complain("I13: mixed generations: " + name());
  if (incoming.events.empty()) complain("I2: a request about nothing we know: " + incoming.body.substr(0, 200));
  // The steps of a delivery follow on each other at once, whatever others were told meanwhile.
  const bool next_step = (plan.type == Type::slack_bot || plan.type == Type::slack_hook) &&
                         incoming.events.size() == 1 && receiver.stories[incoming.events.front()].answered_at == now;
  if (receiver.silent_until && now < *receiver.silent_until && !next_step)
    complain("I8: a request " +
             std::to_string(std::chrono::duration_cast<Millis>(*receiver.silent_until - now).count()) +
             " ms before the time that " + incoming.connector + " named (Retry-After: " + receiver.silence + ")");
  // Events take turns as probes, whatever each of them was told; what the lane was told counts.
  const auto state = state_of(incoming.connector);
  const bool probing = state == deliver::LaneState::breaker_open || state == deliver::LaneState::held;
  if (probing && !next_step && receiver.no_probe_before && now < *receiver.no_probe_before)
    complain("I8: a probe at " + incoming.connector + " " +
             std::to_string(std::chrono::duration_cast<Millis>(*receiver.no_probe_before - now).count()) +
             " ms before the time that it named");
  // One more: an event that was under way when a process died is tried beside the others.
  if (++receiver.under_way > plan.concurrency + 1)
    complain("I6: " + std::to_string(receiver.under_way) + " requests at once at " + incoming.connector);
  if (!incoming.keys.empty() && incoming.keys.size() != incoming.events.size())
    complain("I5: " + std::to_string(incoming.keys.size()) + " keys for " + std::to_string(incoming.events.size()) +
             " events at " + incoming.connector);
  for (std::size_t i = 0; i < incoming.events.size(); ++i) {
    const auto number = incoming.events[i];
    if (number == 0 || number > senders_.events().size()) {
      complain("I2: nobody ever sent " + marker(number));
      continue;
    }
    auto& story = receiver.stories[number];
    if (!next_step) ++story.attempts;
    if (!next_step && !probing && !receiver.resumes_by_itself && story.recoveries == receiver.recoveries &&
        now < story.not_before)
      complain("I8: " + marker(number) + " is tried again " +
               std::to_string(std::chrono::duration_cast<Millis>(story.not_before - now).count()) + " ms too soon at " +
               incoming.connector);
    if (i >= incoming.keys.size()) continue;
    if (!story.key.empty() && story.key != incoming.keys[i]) complain("I5: another key for " + marker(number));
    story.key = incoming.keys[i];
  }
  check_integrity(incoming, receiver);
}

void Receivers::check_integrity(const Incoming& incoming, const Receiver& receiver) {
  const auto type = receiver.plan->type;
  for (const auto number : incoming.events) {
    if (number == 0 || number > senders_.events().size()) continue;
    const auto& event = senders_.event(number);
    const auto& wanted = type == Type::file_original ? event.text : event.title;
    if (incoming.body.find(wanted) == std::string::npos)
      complain("I3: " + marker(number) + " does not say what was sent: " + incoming.body.substr(0, 500));
    if (!event.case_id.empty() && incoming.body.find(event.case_id) == std::string::npos)
      complain("I3: " + marker(number) + " does not name " + event.case_id);
  }
  if (incoming.body.find(kCanary) != std::string::npos) complain("I17: a secret in a body");
}

void Receivers::act(const Incoming& incoming, Receiver& receiver, std::size_t most, bool excused) {
  if (excused && incoming.acts) ++ambiguous_;
  if (!incoming.acts) return;
  for (std::size_t i = 0; i < std::min(most, incoming.events.size()); ++i) {
    const auto number = incoming.events[i];
    auto& story = receiver.stories[number];
    if (story.acted++ == 0) story.first_acted = clock_.mono();
    if (excused) ++story.excused;
    receiver.order.push_back(number);
    const auto sent_at = senders_.event(number).sent_at;
    if (!receiver.plan->healthy || sent_at < undisturbed_since || story.acted > 1 || story.replayed) continue;
    slowest_ = std::max(slowest_, std::chrono::duration_cast<Millis>(clock_.mono() - sent_at));
  }
}

Reply Receivers::answer(const Request& request, const transport::SendOptions& options) {
  ++requests_;
  const auto incoming = read(request);
  trace_ = (trace_ ^ std::hash<std::string>{}(incoming.body)) * 0x100000001B3U;
  auto& receiver = receivers_.at(incoming.connector);
  check(incoming, receiver, options);
  for (const auto number : incoming.events) {
    if (!poison_works || !senders_.event(number).poison) continue;
    coverage_.note(Fault::poison);
    coverage_.note(Fault::poison, state_of(incoming.connector));
    kill(incoming.connector, number);
    return {};
  }
  const auto fault = choose(incoming, receiver);
  auto reply = fault ? misbehave(*fault, incoming, receiver) : succeed(incoming, receiver);
  narrate(clock_, [&] {
    std::string text = incoming.connector + " gets";
    for (const auto number : incoming.events) text += " " + marker(number);
    return text + (fault ? ": " + std::string(to_string(*fault)) : "") + ", answers in " +
           std::to_string(reply.after.count()) + "ms";
  });
  reply.fault = fault;
  reply.epoch = receiver.epoch;
  reply.events = incoming.events;
  if (!reply.outcome || reply.after >= options.timeout) {
    reply.after = options.timeout;
    reply.outcome = transport::Failure{transport::Phase::sent, "timed out", false};
    reply.failed = true;
  }
  return reply;
}

void Receivers::answered(const std::string& connector, const Reply& reply) {
  auto& receiver = receivers_.at(connector);
  if (receiver.under_way > 0) --receiver.under_way;
  const auto state = state_of(connector);
  const bool closed = state == deliver::LaneState::breaker_open || state == deliver::LaneState::held;
  for (const auto number : reply.events) receiver.stories[number].answered_at = clock_.mono();
  if (reply.fault) {
    if (!coverage_.well_known(*reply.fault)) coverage_.note(*reply.fault, state);
    coverage_.note(*reply.fault);
  }
  if (reply.epoch != receiver.epoch) return;
  const auto policy = retry_policy(*receiver.plan);
  const auto now = clock_.mono();
  if (reply.silence) {
    const auto asked = parse_retry_after(*reply.silence, clock_.wall());
    const auto until = now + deliver::throttle_pause(policy, asked.value_or(Millis{30'000}));
    receiver.silent_until = std::max(receiver.silent_until.value_or(until), until);
    receiver.silence = *reply.silence;
  }
  if (!reply.failed) {
    if (!reply.silence) {
      ++receiver.recoveries;
      receiver.no_probe_before.reset();
    }
    return;
  }
  if (const auto asked = parse_retry_after(reply.hint, clock_.wall()); asked && closed)
    receiver.no_probe_before =
        std::max(receiver.no_probe_before.value_or(now), now + deliver::throttle_pause(policy, *asked));
  for (const auto number : reply.events) {
    auto& story = receiver.stories[number];
    // The least that the schedule allows; and what the receiver asked for.
    story.not_before = now + deliver::retry_delay(policy, 1, parse_retry_after(reply.hint, clock_.wall()), 0.0);
    story.recoveries = receiver.recoveries;
  }
}

}  // namespace wardex::simulation
