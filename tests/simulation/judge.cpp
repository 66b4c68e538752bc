// Everything heals, time goes on, and then the books and the receivers are asked.
#include <algorithm>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "simulation/narrate.hpp"
#include "simulation/world.hpp"
#include "wardex/delivery.hpp"

namespace wardex::simulation {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// The longest that a receiver may have asked for silence: a day, within give_up_after.
constexpr auto kPatience = hours{26};

}  // namespace

void World::heal() {
  narrate(machine_.clock, [&] { return std::string("everything heals"); });
  chaotic_ = false;
  kill_in_ = 0;
  power_fails_ = false;
  machine_.disk.die(0);
  machine_.disk.heal();
  receivers_.heal();
  receivers_.poison_works = false;
  run_for(seconds{5});  // a full disk heals by itself
  if (process_ && !process_->stopping() && process_->store().fault()) {
    machine_.disk.kill();
    died();
  }
  run_for(minutes{11});
  if (!process_) return complain("I9: there is no process");
  auto next = plan_;
  for (auto& connector : next.connectors) connector.present = connector.enabled = true;
  adopt(next);
  const auto held = process_->pipeline().controls().all();
  for (const auto& [connector, control] : held)
    process_->pipeline().controls().resume(connector, "cli:test", "healed", [this, connector = connector](const auto&) {
      ++receivers_.at(connector).recoveries;
    });
  process_->touched();
  await_empty();
  empty_mailbox();
  probe();
  expire();
}

/// I9: whatever waits is delivered once nothing fails any more.
void World::await_empty() {
  const auto begun = machine_.clock.mono();
  for (std::chrono::nanoseconds step = seconds{1}; !failed();
       step = std::min<std::chrono::nanoseconds>(step * 2, hours{1})) {
    send_again();
    run_for(step);
    if (failed()) return;
    if (unanswered_.empty() && inspector_.count("SELECT count(*) FROM deliveries") == 0) break;
    if (machine_.clock.mono() - begun < kPatience) continue;
    const auto waiting = inspector_.pending();
    std::string states;
    for (const auto& lane : process_->pipeline().engine().status())
      states += " " + lane.connector + " is " + std::string(deliver::to_string(lane.state)) + ",";
    return complain("I9: " + std::to_string(waiting.size()) + " deliveries wait for ever," + states + " and " +
                    std::to_string(unanswered_.size()) + " requests have no answer");
  }
  figures_.recovery_ms =
      std::max(figures_.recovery_ms,
               static_cast<std::uint64_t>(std::chrono::duration_cast<Millis>(machine_.clock.mono() - begun).count()));
}

void World::empty_mailbox() {
  for (int round = 0; round < 4 && !failed(); ++round) {
    const auto all = letters();
    figures_.mailbox += all.size();
    if (all.empty()) return;
    replay(1'000'000);
    run_for(seconds{1});
    await_empty();
  }
  if (failed()) return;
  const auto left = inspector_.mailbox();
  complain("I9: replayed and healthy, and still in the mailbox: " + marker(left.front().event) + " at " +
           left.front().connector + " (" + left.front().cause + ")");
}

/// I9: a fresh event arrives everywhere.
void World::probe() {
  if (failed()) return;
  auto request = senders_.probe(machine_.clock.mono());
  const auto number = request.events.front();
  send(std::move(request), true);
  run_for(minutes{10});
  const auto waiting = inspector_.pending();
  if (!waiting.empty()) complain("I9: a fresh event waits");
  for (const auto& [id, receiver] : receivers_.all()) {
    const auto story = receiver.stories.find(number);
    const bool refused = receiver.plan->muted_at_night ||
                         (receiver.plan->type == Type::slack_bot || receiver.plan->type == Type::slack_hook);
    if (!refused && (story == receiver.stories.end() || story->second.acted == 0))
      complain("I9: a fresh event does not arrive at " + id);
  }
}

/// I9 of retention: what nobody needs goes in time, and the trail stays one that can be verified.
void World::expire() {
  if (failed() || !plan_.keep) return;
  // Events that somebody still needed are looked at again once a day.
  run_for(std::max({plan_.keep->events, plan_.keep->audit}) + hours{25});
  if (failed()) return;
  if (const auto left = inspector_.count("SELECT count(*) FROM events"); left > 0)
    complain("I9: " + std::to_string(left) + " events are kept although their time is over");
  const auto oldest = inspector_.rows("SELECT min(at) FROM audit").at(0).at(0);
  if (plan_.signs && oldest < to_iso(machine_.clock.wall() - plan_.keep->audit - hours{1}))
    complain("I9: audit rows of " + oldest + " are kept although their time is over");
  const auto horizon = inspector_.count("SELECT audit_id FROM audit_horizon");
  if (!plan_.signs && horizon > 0) complain("I16: audit rows are gone, and nobody has signed it");
  figures_.rows_pruned += static_cast<std::uint64_t>(horizon) + records_.events().size();
}

/// I10. A state that was set aside for a newer one may come after alerts of its case, when the newer one is refused;
/// but never after a newer state.
void World::judge_order(const std::string& id, const Receiver& receiver, const std::map<Number, std::int64_t>& seqs) {
  std::map<std::pair<std::string, bool>, Number> newest;
  std::map<std::pair<std::string, bool>, Number> last;
  std::set<Number> seen;
  for (const auto number : receiver.order) {
    const auto& event = senders_.event(number);
    if (event.case_id.empty() || receiver.stories.at(number).replayed || !seqs.contains(number)) continue;
    // A batch whose answer was lost is repeated from its beginning; what counts then is how it ends.
    const bool repeated = !seen.insert(number).second;
    for (const bool state : {true, false}) {
      const auto other = newest.find({event.case_id, state});
      if (repeated || other == newest.end() || (event.is_state && !state)) continue;
      if (seqs.at(number) < seqs.at(other->second))
        complain("I10: " + marker(number) + " after " + marker(other->second) + " of " + event.case_id + " at " + id);
    }
    auto& latest = newest.try_emplace({event.case_id, event.is_state}, number).first->second;
    if (seqs.at(number) > seqs.at(latest)) latest = number;
    last[{event.case_id, event.is_state}] = number;
  }
  for (const auto& [of, number] : last)
    if (newest.at(of) != number)
      complain("I10: " + of.first + " is left at " + marker(number) + " at " + id + ", " + marker(newest.at(of)) +
               " was newer");
}

void World::judge() {
  records_.read(inspector_);
  for (const auto& wrong :
       {inspector_.soundness(), inspector_.conservation(), inspector_.audit_chain(signing_key()->public_key())})
    if (!wrong.empty()) complain(wrong);
  if (machine_.disk.contains(kCanary)) complain("I17: a secret on the disk");
  if (machine_.disk.waits() > 0) complain("a connection waited for a lock");
  judge_acceptance();
  judge_deliveries();
  judge_books();
}

/// What was acknowledged is there, once, under its own name and keys.
void World::judge_acceptance() {
  std::set<Number> seen;
  for (const auto& [seq, accepted] : records_.events()) {
    const auto number = accepted.number;
    if (!seen.insert(number).second) complain("I1: " + marker(number) + " was accepted twice");
    const auto& event = senders_.event(number);
    if (event.acknowledged && event.id != accepted.id) complain("I5: " + event.id + " is stored as " + accepted.id);
    for (const auto& [id, receiver] : receivers_.all())
      if (const auto story = receiver.stories.find(number); story != receiver.stories.end() &&
                                                            !story->second.key.empty() &&
                                                            story->second.key != delivery_key(id, accepted.id))
        complain("I5: the key of " + marker(number) + " at " + id + " is not that of connector and event");
  }
  for (const auto& event : senders_.events())
    if (event.acknowledged && !seen.contains(event.number)) {
      ++figures_.events_lost;
      complain("I1: " + marker(event.number) + " was acknowledged and is lost");
    }
}

/// What was to go somewhere has arrived or was set aside by name, and nothing else has.
void World::judge_deliveries() {
  std::map<Number, std::int64_t> seqs;
  std::map<std::pair<std::string, Number>, bool> routed;  // true: muted
  for (const auto& [seq, accepted] : records_.events()) {
    seqs.emplace(accepted.number, seq);
    for (const auto& route : nlohmann::json::parse(accepted.routes))
      routed[{route.at("to").get<std::string>(), accepted.number}] = route.contains("muted");
  }
  for (const auto& [where, stands_in] : records_.fallbacks()) {
    const auto number = records_.events().at(where.second).number;
    receivers_.at(where.first).stories[number].replayed = true;  // its place in the order is another
    if (stands_in) routed[{where.first, number}] = false;
  }
  for (const auto& [where, muted] : routed) {
    const auto& [connector, number] = where;
    const auto& stories = receivers_.at(connector).stories;
    const auto story = stories.find(number);
    const bool arrived = story != stories.end() && story->second.acted > 0;
    if (!muted && !arrived && !records_.ended().contains({connector, seqs.at(number)}))
      complain("I1: " + marker(number) + " counts as delivered to " + connector + " and never arrived");
  }
  for (auto& [id, receiver] : receivers_.all()) {
    for (const auto& [number, story] : receiver.stories) {
      if (!seqs.contains(number)) {
        if (story.acted > 0) complain("I2: " + id + " got " + marker(number) + ", which was never accepted");
        continue;
      }
      judge_attempts(receiver, number, story, seqs.at(number));
      if (story.acted == 0) continue;
      if (!routed.contains({id, number})) complain("I2: " + id + " got " + marker(number) + " by no route");
      figures_.duplicates += story.acted - 1;
      if (story.acted <= 1 + story.excused) continue;
      figures_.unexcused += story.acted - 1 - story.excused;
      complain("I4: " + marker(number) + " acted " + std::to_string(story.acted) + " times at " + id + ", " +
               std::to_string(story.excused) + " repetitions are excused");
    }
    judge_order(id, receiver, seqs);
  }
}

/// I7: an outcome for each attempt, where a row of the trail speaks of one event; none but of those that were cut off.
void World::judge_attempts(const Receiver& receiver, Number number, const Story& story, std::int64_t seq) {
  const auto type = receiver.plan->type;
  if (type != Type::webhook && type != Type::slack_bot && type != Type::slack_hook) return;
  const auto found = records_.attempts().find({receiver.plan->id, seq});
  const unsigned outcomes = found == records_.attempts().end() ? 0 : found->second;
  const std::string what = marker(number) + " was tried " + std::to_string(story.attempts) + " times at " +
                           receiver.plan->id + ", with " + std::to_string(outcomes) + " outcomes";
  // One that was begun and never got to its receiver has an outcome as well: unknown.
  if (outcomes > story.attempts + figures_.processes - 1) complain("I7: " + what);
  // What a failing disk did not take is done again; otherwise only the end of a process cuts an attempt off.
  if (machine_.disk.failures().empty() && machine_.disk.refusals() == 0 &&
      story.attempts > outcomes + figures_.processes - 1)
    complain("I7: " + what + " and " + std::to_string(figures_.processes) + " processes");
}

/// The books in memory are those on the disk, and no lane is left in a state that it has no reason for.
void World::judge_books() {
  const auto totals = process_->store().totals();
  for (const auto& row : inspector_.rows("SELECT connector, routed, delivered, coalesced, discarded FROM accounts")) {
    const auto account = totals.connectors.find(row[0]);
    if (account == totals.connectors.end() || std::to_string(account->second.routed) != row[1] ||
        std::to_string(account->second.delivered) != row[2] || std::to_string(account->second.coalesced) != row[3] ||
        std::to_string(account->second.discarded) != row[4] || account->second.mismatch() != 0)
      complain("I14: the books in memory differ from those on the disk for " + row[0]);
  }
  for (const auto& lane : process_->pipeline().engine().status())
    if (lane.state != deliver::LaneState::idle)
      complain("I9: with nothing to do " + lane.connector + " is " + std::string(deliver::to_string(lane.state)));
  if (receivers_.slowest_healthy() > seconds{5})
    complain("I6: " + std::to_string(receivers_.slowest_healthy().count()) + " ms to a receiver that is well");
}

}  // namespace wardex::simulation
