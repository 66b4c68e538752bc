// The receivers: each a small state machine that fails in every way a seed has chosen, and an honest observer of what
// it is sent. What should not be so becomes a complaint.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "simulation/events.hpp"
#include "simulation/faults.hpp"
#include "simulation/plan.hpp"
#include "transport/transport.hpp"
#include "virtual_time/clock.hpp"

namespace wardex::simulation {

/// A request as its receiver reads it.
struct Incoming {
  std::string connector;
  unsigned version = 0;
  std::string secret;
  std::vector<std::string> keys;  ///< of the events, where they have any: by which the receiver knows a repetition
  std::string body;
  std::vector<Number> events;
  bool acts = true;  ///< false: an edit, which may be repeated at will
};

struct Reply {
  std::optional<transport::Outcome> outcome;  ///< none: no answer
  Millis after{0};
  std::optional<Fault> fault;
  bool failed = false;                 ///< an outage, as the gateway should see it
  std::string hint;                    ///< of an outage: the Retry-After
  std::optional<std::string> silence;  ///< a 429: the Retry-After, empty without one
  std::uint64_t epoch = 0;             ///< of the receiver when it was asked
  std::vector<Number> events;
};

/// What a receiver knows of one event.
struct Story {
  unsigned acted = 0;
  unsigned excused = 0;  ///< repetitions that an unknown outcome allows
  unsigned attempts = 0;
  MonoTime answered_at = MonoTime::min();
  std::string key;
  bool replayed = false;  ///< was in the mailbox, or came as a fallback: its place in the order is another
  MonoTime first_acted{};
  MonoTime not_before = MonoTime::min();  ///< the backoff, unless the receiver has recovered since
  std::uint64_t recoveries = 0;
};

struct Receiver {
  ConnectorPlan* plan = nullptr;
  std::map<unsigned, std::set<std::string>> configured;  ///< version -> secrets that were ever in force with it
  bool dead = false;
  std::deque<Fault> next;           ///< what it does with the next requests, whatever chance says
  std::optional<Millis> slow;       ///< so long it takes to answer, whatever chance says
  std::string asks;                 ///< its Retry-After, whatever chance says
  std::optional<unsigned> revoked;  ///< the token that is refused
  std::optional<MonoTime> silent_until;
  std::optional<MonoTime> no_probe_before;  ///< a Retry-After that a closed lane was told
  std::string silence;
  std::uint64_t epoch = 0;         ///< of settings and processes: an answer to an earlier one says nothing of this
  std::uint64_t recoveries = 0;    ///< whatever makes every backoff void
  bool resumes_by_itself = false;  ///< a hold that ends at some time, and every backoff with it
  std::size_t under_way = 0;
  std::map<Number, Story> stories;
  std::vector<Number> order;  ///< in which it acted
  unsigned posts = 0;
};

class Receivers {
 public:
  Receivers(Plan& plan, const Senders& senders, const wardex::test::VirtualClock& clock, Coverage& coverage,
            Random random);

  /// What becomes of a request that arrives now; the receiver acts at once.
  Reply answer(const Request& request, const transport::SendOptions& options);
  /// The gateway has the answer (or has given up waiting).
  void answered(const std::string& connector, const Reply& reply);
  static Incoming read(const Request& request);

  /// These settings are in force from now on.
  void configured(const Plan& plan);
  /// The lane of this connector starts anew: what it was told before is forgotten.
  void forget(const std::string& connector);
  /// No lane under way any more.
  void process_ended();
  /// All is well from now on.
  void heal();

  Receiver& at(const std::string& connector) { return receivers_.at(connector); }
  [[nodiscard]] std::map<std::string, Receiver>& all() { return receivers_; }
  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }
  [[nodiscard]] std::uint64_t trace() const { return trace_; }
  [[nodiscard]] std::uint64_t requests() const { return requests_; }
  [[nodiscard]] std::uint64_t ambiguous() const { return ambiguous_; }
  [[nodiscard]] Millis slowest_healthy() const { return slowest_; }

  std::function<void(const std::string& connector, Number event)> kill;  ///< the process dies with this request
  std::function<deliver::LaneState(const std::string& connector)> state_of;
  MonoTime undisturbed_since = MonoTime::min();  ///< nothing but receivers has kept the gateway from delivering
  bool poison_works = true;

 private:
  void check(const Incoming& incoming, Receiver& receiver, const transport::SendOptions& options);
  std::optional<Fault> choose(const Incoming& incoming, Receiver& receiver);
  void act(const Incoming& incoming, Receiver& receiver, std::size_t most, bool excused);
  Reply succeed(const Incoming& incoming, Receiver& receiver);
  Reply misbehave(Fault fault, const Incoming& incoming, Receiver& receiver);
  Millis latency(const Receiver& receiver);
  Reply answer_garbage(const Incoming& incoming, Receiver& receiver);
  std::string retry_after(const Receiver& receiver);
  void check_integrity(const Incoming& incoming, const Receiver& receiver);
  void complain(const std::string& what) { complaints_.push_back(what); }

  Plan& plan_;
  const Senders& senders_;
  const wardex::test::VirtualClock& clock_;
  Coverage& coverage_;
  Random random_;
  std::map<std::string, Receiver> receivers_;
  bool healed_ = false;
  std::vector<std::string> complaints_;
  std::uint64_t trace_ = 0;
  std::uint64_t requests_ = 0;
  std::uint64_t ambiguous_ = 0;
  Millis slowest_{0};
};

}  // namespace wardex::simulation
