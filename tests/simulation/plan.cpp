#include "simulation/plan.hpp"

#include <algorithm>

namespace wardex::simulation {
namespace {

using std::chrono::minutes;

std::string duration(Millis value) { return std::to_string(value.count()) + "ms"; }

std::string list(const std::vector<std::string>& words) {
  std::string out = "[";
  for (const auto& word : words) out += (out.size() > 1 ? ", " : "") + word;
  return out + "]";
}

std::string address(const ConnectorPlan& plan) {
  return "https://" + plan.id + ".sink.example/v" + std::to_string(plan.version) + "/";
}

std::string type_settings(const ConnectorPlan& plan) {
  const std::string version = "/v" + std::to_string(plan.version);
  switch (plan.type) {
    case Type::webhook:
    case Type::webhook_batch:
      return "    type: webhook\n    url: \"" + address(plan) +
             "\"\n    auth: { bearer: \"${env:" + plan.secret_name() + "}\" }\n" +
             (plan.type == Type::webhook ? ""
                                         : "    batch: { max_events: 7, max_age: " + duration(plan.batch_age) + " }\n");
    case Type::file:
      return "    type: file\n    path: /" + plan.id + version + "/events.jsonl\n";
    case Type::file_original:
      return "    type: file\n    path: /" + plan.id + version + "/events.jsonl\n    format: original\n";
    case Type::slack_bot:
      return "    type: slack\n    mode: bot\n    channel: C0123456789\n    api_base: \"" + address(plan) +
             "\"\n    bot_token: \"${env:" + plan.secret_name() + "}\"\n";
    case Type::slack_hook:
      return "    type: slack\n    webhook_url: \"${env:" + plan.secret_name() + "}\"\n";
  }
  return {};
}

std::string settings(const ConnectorPlan& plan, bool fallback_is_there) {
  std::string out = "  " + plan.id + ":\n" + type_settings(plan);
  out += "    owner: " + plan.id + "@soc.example\n";
  if (!plan.enabled) out += "    enabled: false\n";
  out += "    timeout: " + duration(plan.timeout_of_version()) + "\n";
  out += "    retry: { initial: " + duration(plan.initial) + ", max: " + duration(plan.max) +
         ", give_up_after: " + duration(plan.give_up) + " }\n";
  out += "    limits: { concurrency: " + std::to_string(plan.concurrency);
  if (plan.rate > 0)
    out += ", rate: { per_second: " + std::to_string(plan.rate) + ", burst: " + std::to_string(plan.burst) + " }";
  out += " }\n";
  if (plan.coalesce) out += std::string("    coalesce: ") + (*plan.coalesce ? "true" : "false") + "\n";
  if (!plan.fallback.empty() && fallback_is_there)
    out += "    fallback: { to: " + plan.fallback + ", after: " + duration(plan.fallback_after) + " }\n";
  return out;
}

}  // namespace

std::string ConnectorPlan::secret() const {
  const std::string word = std::string(kCanary) + "-" + id + "-" + std::to_string(token);
  if (type == Type::slack_bot) return "xoxb-" + word;
  if (type == Type::slack_hook) return "https://" + id + ".sink.example/v" + std::to_string(version) + "/hook/" + word;
  return word;
}

std::string ConnectorPlan::secret_name() const { return "SECRET_" + id; }

Plan::Plan(std::uint64_t seed, const std::string& directory) : Plan(directory) {
  Random random(seed * 2 + 1);
  choose_connectors(random);
  choose_faults(random);
  choose_scene(seed, random);
  choose_retention(random);
  cases = static_cast<unsigned>(random.between(1, 9));
  if (random.chance(0.15)) window = random.between(8, 30);
  actions = random.between(10, 30);
  big_events = random.chance(0.2);
  records_flights = !random.chance(0.1);
  checks_at_once = random.chance(0.5);
  spare_bytes = random.chance(0.5) ? 40'000 : 0;
}

void Plan::choose_connectors(Random& random) {
  const std::size_t count = random.between(2, 5);
  const bool control = random.chance(0.4);
  for (std::size_t i = 0; i < count; ++i) {
    ConnectorPlan plan;
    plan.id = "sink" + std::to_string(i);
    plan.type = random.one_of({Type::webhook, Type::webhook, Type::webhook_batch, Type::file, Type::file_original,
                               Type::slack_bot, Type::slack_hook});
    plan.batch_age = random.one_of({Millis{0}, Millis{50}, Millis{2000}});
    plan.concurrency = random.one_of<std::size_t>({1, 2, 4, 8});
    if (random.chance(0.2)) {
      plan.rate = random.one_of({0.5, 2.0, 20.0});
      plan.burst = random.between(1, 5);
    }
    plan.initial = random.one_of({Millis{200}, Millis{1000}, Millis{5000}});
    plan.max = random.one_of({Millis{5000}, Millis{60'000}, Millis{300'000}});
    plan.give_up = random.one_of({Millis{600'000}, Millis{3'600'000}, Millis{6 * 3'600'000}, Millis{24 * 3'600'000}});
    plan.timeout = random.one_of({Millis{1000}, Millis{5000}, Millis{15'000}});
    if (random.chance(0.4)) plan.coalesce = random.chance(0.7);
    plan.muted_at_night = random.chance(0.15);
    // In one direction only, so that there is no circle; and what is late elsewhere must not look late at the control.
    if (i > 1 && random.chance(0.4)) {
      plan.fallback = connectors[1 + random.pick(i - 1)].id;
      plan.fallback_after = random.one_of({Millis{5000}, Millis{60'000}, Millis{900'000}});
    }
    connectors.push_back(std::move(plan));
  }
  if (!control) return;
  ConnectorPlan& plan = connectors.front();
  plan.healthy = true;
  plan.type = Type::webhook;
  plan.rate = 0;
  plan.coalesce = false;
  plan.muted_at_night = false;
}

void Plan::choose_faults(Random& random) {
  // Twice by chance: whether a fault is there at all, and how often.
  for (std::size_t i = 0; i < kFaults; ++i) {
    const auto fault = static_cast<Fault>(i);
    const bool of_request = fault <= kLastOfRequest;
    if (!random.chance(of_request ? 0.25 : 0.4)) continue;
    rates[fault] = random.one_of({0.03, 0.1, 0.3});
  }
}

/// The connector that it is about is one that can take part.
void Plan::choose_scene(std::uint64_t seed, Random& random) {
  scene = Coverage::possible().at(seed % Coverage::possible().size());
  auto& star = connectors.back();
  star.type = scene->fault == Fault::half_written ? Type::file
              : random.chance(0.7)                ? Type::webhook
                                                  : Type::webhook_batch;
  star.batch_age = Millis{0};
  star.concurrency = 8;
  star.rate = 0;
  star.initial = Millis{1000};
  star.muted_at_night = false;
}

/// Not in a life whose clock jumps by more than that.
void Plan::choose_retention(Random& random) {
  signs = random.chance(0.7);
  if (!random.chance(0.2) || scene->fault == Fault::clock_jump) return;
  rates.erase(Fault::clock_jump);
  Keep chosen;
  chosen.events = random.one_of({minutes{20}, minutes{60}});
  chosen.audit = random.one_of({minutes{20}, minutes{120}});
  chosen.links = random.one_of({minutes{20}, minutes{600}});
  if (random.chance(0.5)) chosen.mailbox = random.one_of({minutes{20}, minutes{60}});
  keep = chosen;
}

double Plan::rate(Fault fault) const {
  const auto found = rates.find(fault);
  return found == rates.end() ? 0 : found->second;
}

ConnectorPlan* Plan::find(const std::string& id) {
  const auto found = std::find_if(connectors.begin(), connectors.end(), [&](const auto& one) { return one.id == id; });
  return found == connectors.end() ? nullptr : &*found;
}

std::map<std::string, std::string> Plan::environment() const {
  std::map<std::string, std::string> out;
  for (const auto& plan : connectors) out[plan.secret_name()] = plan.secret();
  out["INTAKE"] = std::string(kCanary) + "-intake-" + std::to_string(100'000 + intake_token);
  return out;
}

std::string Plan::yaml() const {
  std::string out = "gateway: { data_dir: \"" + data_dir + "\", drain_timeout: 20s }\n";
  out += "intake:\n  auth: { tokens: [ { name: control-plane, token: \"${env:INTAKE}\" } ] }\n";
  out += "  idempotency: { window: " + (keep ? duration(keep->events) : "90d") + " }\n";
  out += "  high_water: { pending: " + std::to_string(window == 0 ? 1'000'000 : window) + ", free_disk: 0 }\n";
  out += "audit: { checkpoints: { every: 5m } }\nretention:\n";
  out += "  events: { keep: " + (keep ? duration(keep->events) : "100d") + " }\n";
  if (keep) {
    out += "  audit: { keep: " + duration(keep->audit) + " }\n  links: { keep: " + duration(keep->links) + " }\n";
    if (keep->mailbox) out += "  mailbox: { keep: " + duration(*keep->mailbox) + " }\n";
  }
  out += "connectors:\n";
  std::vector<std::string> all;
  std::vector<std::string> muted;
  for (const auto& plan : connectors) {
    if (!plan.present) continue;
    const auto fallback = std::find_if(connectors.begin(), connectors.end(),
                                       [&](const auto& other) { return other.id == plan.fallback && other.present; });
    out += settings(plan, fallback != connectors.end());
    if (!plan.enabled) continue;
    (plan.muted_at_night ? muted : all).push_back(plan.id);
  }
  const auto but = [](std::vector<std::string> words, std::size_t which) {
    if (words.size() > 1) words.erase(words.begin() + static_cast<std::ptrdiff_t>(which % words.size()));
    return words;
  };
  if (!all.empty())
    out += "matrix:\n  critical: " + list(all) + "\n  high: " + list(all) + "\n  medium: " + list(but(all, 1)) +
           "\n  low: " + list(but(all, 2)) + "\n";
  if (!muted.empty())
    out +=
        "mute_windows:\n  nights: { from: \"20:00\", to: \"06:00\" }\nroutes:\n  - { name: quiet, to: " + list(muted) +
        ", mute: [nights] }\n";
  return out;
}

std::string Plan::bad_yaml(Random& random) const {
  std::string out = yaml();
  switch (random.pick(5)) {
    case 0:
      return out + "conectors: {}\n";
    case 1:
      return out + "egress: { allow: [\"not a network\"] }\n";
    case 2:
      return out.substr(0, out.size() / 2) + "\n  : [";
    case 3:
      return out + "api: { tokens: [ { name: x, token: \"${env:NOT_SET}\" } ] }\n";
    default: {
      const auto at = out.find("owner: ");
      return out.insert(at, "retry: { initial: 10m, max: 1s }\n    ");
    }
  }
}

}  // namespace wardex::simulation
