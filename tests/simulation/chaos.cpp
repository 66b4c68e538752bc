// What goes wrong, step by step.
#include <algorithm>

#include "app/generation.hpp"
#include "simulation/narrate.hpp"
#include "simulation/world.hpp"

namespace wardex::simulation {
namespace {

config::SecretSources sources(const Plan& plan) {
  return {[environment = plan.environment()](std::string_view name) -> std::optional<std::string> {
            const auto found = environment.find(std::string(name));
            return found == environment.end() ? std::nullopt : std::optional(found->second);
          },
          {}};
}

std::optional<app::Generation> load(const std::string& yaml, const Plan& plan) {
  auto loaded = config::load_text(yaml, "gateway.yaml", sources(plan));
  auto generation = app::compile(loaded);
  if (generation && plan.signs) generation->signing_key = signing_key();
  return generation;
}

}  // namespace

const std::shared_ptr<const audit::SigningKey>& signing_key() {
  static const auto key = [] {
    auto parsed = audit::SigningKey::from_pem(
        Secret("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
               "-----END PRIVATE KEY-----\n"));
    return std::make_shared<const audit::SigningKey>(std::get<audit::SigningKey>(std::move(parsed)));
  }();
  return key;
}

namespace {

/// Of lanes, operators and the clock: those that chaos() may choose.
constexpr std::array kActions{
    Fault::dead,      Fault::revoked,    Fault::killed,      Fault::power_failure, Fault::terminated, Fault::poison,
    Fault::disk_full, Fault::read_error, Fault::write_error, Fault::sync_error,    Fault::reload,     Fault::bad_reload,
    Fault::removed,   Fault::rotated,    Fault::held,        Fault::drained,       Fault::resumed,    Fault::replayed,
    Fault::discarded, Fault::backup,     Fault::clock_jump};

}  // namespace

void World::chaos() {
  std::vector<Fault> on;
  for (const auto fault : kActions)
    if (plan_.on(fault) || (fault == Fault::resumed && (plan_.on(Fault::held) || plan_.on(Fault::drained))))
      on.push_back(fault);
  if (!on.empty() && random_.chance(0.5)) {
    act(random_.any(on));
  } else if (!unanswered_.empty() && random_.chance(0.3)) {
    send_again();
  } else {
    const auto events = random_.chance(0.08) ? random_.between(10, 25) : random_.between(1, 4);
    send(senders_.make(events, machine_.clock.mono()), random_.chance(0.8));
  }
  // Only a restart heals a disk that has failed.
  if (process_ && !process_->stopping() && random_.chance(0.4)) {
    const auto fault = process_->store().fault();
    if (fault && fault->fault == store::Fault::corrupt) complain("I14: the store says: " + fault->message);
    if (fault && fault->fault == store::Fault::io) act(random_.chance(0.5) ? Fault::terminated : Fault::killed);
  }
  if (random_.chance(0.7))
    run_for(Millis{random_.pick(2000)});
  else if (random_.chance(0.7))
    run_for(std::chrono::seconds{random_.pick(90)});
  else
    run_for(std::chrono::minutes{random_.pick(40)});
}

ConnectorPlan& World::some_connector() {
  if (!star_.empty()) return *plan_.find(star_);
  // Where something is under way there is more to go wrong.
  auto* plan = &random_.any(plan_.connectors);
  for (int i = 0; i < 3 && receivers_.at(plan->id).under_way == 0; ++i) plan = &random_.any(plan_.connectors);
  return plan->healthy ? plan_.connectors.back() : *plan;
}

bool World::healthy_store() const { return process_ && !process_->stopping() && !process_->store().fault(); }

void World::act(Fault fault) {
  narrate(machine_.clock, [&] { return "now " + std::string(to_string(fault)); });
  switch (fault) {
    case Fault::dead: {
      auto& receiver = receivers_.at(some_connector().id);
      receiver.dead = !receiver.dead;
      return;
    }
    case Fault::revoked: {
      auto& receiver = receivers_.at(some_connector().id);
      receiver.revoked = receiver.plan->token;
      return;
    }
    case Fault::killed:
    case Fault::power_failure:
      if (!process_) return;
      note(fault);
      power_fails_ = fault == Fault::power_failure;
      if (random_.chance(0.3))
        machine_.disk.kill();
      else if (random_.chance(0.5))
        machine_.disk.die(1 + random_.pick(60), random_.chance(0.5));
      else
        kill_in_ = 1 + random_.pick(200);
      return;
    case Fault::terminated:
      if (!process_ || process_->stopping() || machine_.disk.dead()) return;
      note(fault);
      stopping_since_ = machine_.clock.mono();
      return process_->terminate([] {});
    case Fault::poison:
      return send(senders_.poison(machine_.clock.mono()), true);
    case Fault::disk_full:
      note(fault);
      if (machine_.disk.capacity)
        machine_.disk.capacity.reset();
      else
        machine_.disk.capacity = machine_.disk.used() + random_.pick(40'000);
      return;
    case Fault::read_error:
      note(fault);
      return toggle_disk(Io::read);
    case Fault::write_error:
      note(fault);
      return toggle_disk(Io::write);
    case Fault::sync_error:
      note(fault);
      return toggle_disk(Io::sync);
    case Fault::reload:
      return change_settings(false, false);
    case Fault::bad_reload:
      return reload(false);
    case Fault::removed:
      return change_settings(true, false);
    case Fault::rotated:
      return change_settings(false, true);
    case Fault::held:
      return hold(false);
    case Fault::drained:
      return hold(true);
    case Fault::resumed:
      return resume();
    case Fault::replayed:
      return replay(1 + random_.pick(5));
    case Fault::discarded:
      return discard();
    case Fault::backup:
      return backup();
    case Fault::clock_jump: {
      note(fault);
      const std::chrono::minutes jump{static_cast<int>(random_.pick(4 * 24 * 60)) - 2 * 24 * 60};
      machine_.clock.wall_at += jump;
      jumped_ahead_ += std::max<std::chrono::nanoseconds>(jump, std::chrono::nanoseconds{0});
      return;
    }
    default:
      return;
  }
}

void World::toggle_disk(Io operation) {
  if (machine_.disk.fails.contains(operation)) {
    machine_.disk.fails.erase(operation);
  } else if (random_.chance(0.5)) {
    machine_.disk.fail(operation, 1 + random_.pick(100));
  } else {
    machine_.disk.fails[operation] = random_.one_of({0.001, 0.02, 0.2});
  }
}

void World::send(SentRequest request, bool retries, std::optional<MonoTime> since) {
  auto outstanding = std::make_shared<Outstanding>();
  outstanding->since = since.value_or(machine_.clock.mono());
  outstanding->request = std::move(request);
  outstanding->retries = retries;
  unanswered_.push_back(outstanding);
  if (!process_ || process_->stopping() || machine_.disk.dead()) return;
  narrate(machine_.clock, [&] {
    std::string text = "sent";
    for (const auto number : outstanding->request.events)
      text += " " + (number == 0 ? "nothing" : senders_.event(number).text);
    return text;
  });
  senders_.sent(outstanding->request, machine_.clock.mono());
  process_->handle(senders_.as_http(outstanding->request), [this, outstanding](const auto& response) {
    for (const auto& wrong : senders_.answered(outstanding->request, response)) complain(wrong);
    narrate(machine_.clock, [&] { return "HTTP " + std::to_string(response.status) + " " + response.body; });
    if (plan_.keep && !machine_.disk.dead()) records_.read(inspector_);
    const bool later = response.status == 429 || response.status == 503;
    if (!later) outstanding->answered = true;
  });
}

void World::send_again() {
  // Longer than a repetition is known nobody may try.
  const auto known = plan_.keep ? plan_.keep->events / 2 : Millis{std::chrono::hours{24 * 36500}};
  std::erase_if(unanswered_, [&](const auto& one) {
    return one->answered || !one->retries || machine_.clock.mono() - one->since > known;
  });
  for (const auto& outstanding : std::exchange(unanswered_, {})) send(outstanding->request, true, outstanding->since);
}

void World::reload(bool good) {
  if (!process_ || process_->stopping() || machine_.disk.dead()) return;
  note(good ? Fault::reload : Fault::bad_reload);
  auto next = plan_;
  if (good) return adopt(next);
  for (auto& connector : next.connectors) ++connector.version;
  if (load(next.bad_yaml(random_), next)) complain("I13: a bad configuration was taken");
  process_->record("config", "error", "refused");
  process_->touched();
}

void World::change_settings(bool removes, bool rotates) {
  auto next = plan_;
  auto& plan = *next.find(some_connector().id);
  if (plan.healthy) return;
  if (removes) {
    note(Fault::removed, plan.id);
    if (random_.chance(0.5))
      plan.present = !plan.present;
    else
      plan.enabled = !plan.enabled;
    const bool any = std::any_of(next.connectors.begin(), next.connectors.end(),
                                 [](const auto& one) { return one.present && one.enabled; });
    if (!any) plan.present = plan.enabled = true;
  } else if (rotates) {
    note(Fault::rotated, plan.id);
    ++plan.token;
  } else {
    note(Fault::reload);
    if (random_.chance(0.7)) ++plan.version;
  }
  adopt(next);
}

/// Validated whole, swapped at once; a process that is down finds it at its start.
void World::adopt(const Plan& next) {
  auto generation = load(next.yaml(), next);
  if (!generation) return complain("the simulation's own configuration is refused:\n" + next.yaml());
  for (std::size_t i = 0; i < plan_.connectors.size(); ++i) {
    auto& before = plan_.connectors[i];
    const auto& after = next.connectors[i];
    const auto* target = after.fallback.empty()
                             ? nullptr
                             : &*std::find_if(next.connectors.begin(), next.connectors.end(),
                                              [&](const auto& one) { return one.id == after.fallback; });
    const auto* target_before = before.fallback.empty() ? nullptr : plan_.find(before.fallback);
    const bool changed = before.version != after.version || before.token != after.token ||
                         before.present != after.present || before.enabled != after.enabled ||
                         (target != nullptr && target->present != target_before->present);
    if (changed) receivers_.forget(after.id);
  }
  for (std::size_t i = 0; i < plan_.connectors.size(); ++i) plan_.connectors[i] = next.connectors[i];
  receivers_.configured(plan_);
  generation_ = std::move(*generation);
  if (!process_ || process_->stopping() || machine_.disk.dead()) return;
  process_->pipeline().adopt(*generation_);
  process_->record("config", "ok", "configuration " + generation_->config->digest);
  process_->touched();
}

void World::hold(bool drain) {
  if (!healthy_store()) return;
  store::Control control;
  control.connector = some_connector().id;
  if (plan_.find(control.connector)->healthy) return;
  control.mode = drain ? store::Control::Mode::drain : store::Control::Mode::hold;
  control.actor = "cli:test";
  control.reason = "maintenance";
  control.at = machine_.clock.wall();
  if (random_.chance(0.5)) control.until = control.at + std::chrono::minutes{1 + random_.pick(60)};
  note(drain ? Fault::drained : Fault::held, control.connector);
  process_->pipeline().controls().set(control, [this](const store::Result<store::Control>& set) {
    if (!set) return;
    // What was about to be tried again goes at once.
    ++receivers_.at(set->connector).recoveries;
    if (set->until) receivers_.at(set->connector).resumes_by_itself = true;
  });
  process_->touched();
}

void World::resume() {
  if (!healthy_store()) return;
  const auto& all = process_->pipeline().controls().all();
  if (all.empty()) return;
  const auto connector = all.contains(star_) ? star_ : random_.any(all).first;
  note(Fault::resumed, connector);
  process_->pipeline().controls().resume(connector, "cli:test", "done", [this, connector](const auto&) {
    if (receivers_.all().contains(connector)) ++receivers_.at(connector).recoveries;
  });
  process_->touched();
}

/// I15: what gave up for its age must be of that age, or look so for a clock that jumped.
std::vector<MailboxRow> World::letters() {
  auto found = inspector_.mailbox();
  for (const auto& letter : found) {
    const auto age = machine_.clock.mono() - senders_.event(letter.event).first_sent_at + jumped_ahead_;
    if (letter.cause == "gave_up" && age < plan_.find(letter.connector)->give_up)
      complain("I15: " + marker(letter.event) + " gave up too early at " + letter.connector);
  }
  return found;
}

void World::replay(std::size_t most) {
  if (!healthy_store() || machine_.disk.dead()) return;
  store::MailboxSum sum;
  for (const auto& letter : letters()) {
    if (sum.entries == most) break;
    ++sum.entries;
    sum.last_id = letter.id;
    note(Fault::replayed, letter.connector);
    auto& story = receivers_.at(letter.connector).stories[letter.event];
    story.replayed = true;
    if (story.acted > 0) ++story.excused;  // it acted, the answer was lost, and the gateway gave up
    poison_deaths_.erase({letter.connector, letter.event});
  }
  if (sum.entries == 0) return;
  deliver::ReplayOrder order;
  order.sum = sum;
  order.per_second = random_.one_of({0.0, 0.0, 1.0, 20.0});
  order.actor = "cli:test";
  order.what = "the oldest " + std::to_string(sum.entries);
  process_->pipeline().replays().start(std::move(order));
  process_->touched();
}

void World::discard() {
  // On a full disk as well: that is what space is kept aside for.
  if (!process_ || process_->stopping() || machine_.disk.dead()) return;
  const auto all = letters();
  if (all.empty()) return;
  const auto& letter = random_.any(all);
  note(Fault::discarded, letter.connector);
  process_->store().discard({letter.id}, "cli:test", "noise", machine_.clock.wall(), [](const auto&) {});
  process_->touched();
}

void World::backup() {
  if (!process_ || process_->stopping() || machine_.disk.dead()) return;
  note(Fault::backup);
  process_->store().backup("/backup/copy.db", [this](const store::Result<store::Ok>& done) {
    if (!done) return;
    Inspector copy(machine_.disk, "/backup/copy.db");
    copy.events_go = inspector_.events_go;
    for (const auto& wrong : {copy.soundness(), copy.conservation(), copy.audit_chain(signing_key()->public_key())})
      if (!wrong.empty()) complain("in the backup: " + wrong);
  });
  process_->touched();
}

}  // namespace wardex::simulation
