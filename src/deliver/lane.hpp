// One lane: the deliveries of one connector, and everything that decides what goes when. A state machine without I/O,
// clock or thread: time and the results of attempts come in, requests to start and rows to store come out. Each failure
// class has its own clock:
//   outage        the event waits (backoff); several in a row open the breaker, then one probe at a time
//   throttled     the lane waits exactly as told; nothing is charged to the event
//   unauthorised  the lane is held until it is reconfigured or a slow probe gets through; nothing is charged
//   rejected      the event goes to the failure mailbox; a rejected batch is first tried in halves
// and an event that failed at an age over give_up_after goes to the mailbox. Where states of a case coalesce, the older
// ones leave with the newest that is delivered. Nothing else ever leaves a lane. Above all clocks stands the operator,
// who may hold or drain it.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "deliver/breaker.hpp"
#include "deliver/policy.hpp"
#include "deliver/rate.hpp"
#include "deliver/report.hpp"
#include "deliver/retry.hpp"
#include "deliver/status.hpp"
#include "deliver/window.hpp"
#include "wardex/connector.hpp"

namespace wardex::deliver {

struct LaneRules {
  LanePolicy policy;
  BatchLimits batch;
  bool needs_links = false;  ///< an event may only go once its case's link is known
  bool coalesces = false;    ///< of the states of a case that wait only the newest goes
};

/// What an operator said.
struct Hold {
  store::Seq upto = 0;  ///< events up to here still go: 0 holds all, more drains the lane
  std::string reason;
};

using Ticket = std::uint64_t;

/// Nothing to do until something is added, finished, settled or loaded.
struct Nothing {};
/// Nothing to do before then.
struct WaitUntil {
  MonoTime at;
};
/// Begin an attempt with these.
struct Start {
  struct Item {
    store::Seq seq = 0;
    std::uint32_t attempts = 0;     ///< made before this one
    bool previous_unknown = false;  ///< one of them may have reached the receiver
    std::size_t coalesced = 0;      ///< older states that go with it
    std::string stands_in_for;
    std::string also_sent_via;
    std::shared_ptr<const Event> event;
    std::optional<Link> link;
  };
  Ticket ticket = 0;
  bool probe = false;    ///< of an open breaker or a held lane
  bool suspect = false;  ///< it was under way when a process died: nothing else that was may be meanwhile
  std::vector<Item> items;
};
/// Store these: they leave without another attempt.
struct GiveUp {
  Ticket ticket = 0;
  std::vector<store::Settle> settled;
};
using Step = std::variant<Nothing, WaitUntil, Start, GiveUp>;

class Lane {
 public:
  /// `memory`: shared with the other lanes.
  Lane(const LaneRules& rules, std::uint64_t seed, std::shared_ptr<BodyMemory> memory = std::make_shared<BodyMemory>());

  /// `lifted`: the connector is configured anew, so what was learned of its receiver (hold, throttle, breaker) is void.
  void configure(const LaneRules& rules, bool lifted, MonoTime now);
  /// Forgets what is not under way and starts nothing more.
  void stop(MonoTime now);
  void restart() { stopped_ = false; }
  /// nullopt: the operator lets it go on. Who waited through a hold gets another try at any age.
  void hold(std::optional<Hold> hold, MonoTime now);

  /// False: it is here already.
  bool add(NewItem item, MonoTime now, WallTime wall);
  /// `suspects`: an event that was under way when a process died may begin now.
  [[nodiscard]] Step next(MonoTime now, bool suspects = true);
  /// What to store of the attempt. Its events stay under way until settled().
  std::vector<store::Settle> finish(Ticket ticket, const AttemptReport& report, MonoTime now, WallTime wall);
  /// What finish() or GiveUp said is durable. Returns the seqs that are no longer pending.
  std::vector<store::Seq> settled(Ticket ticket, MonoTime now);

  /// Events whose bodies should be read from the store now, at most `chunk`.
  std::vector<store::Seq> wanted(std::size_t chunk, MonoTime now);
  void loaded(store::Seq seq, std::shared_ptr<const Event> event, std::optional<Link> link, MonoTime now);
  void load_failed(store::Seq seq, MonoTime now);
  /// The stored body cannot be read as an event: to the mailbox, by next().
  void unreadable(store::Seq seq, std::string reason, MonoTime now);
  /// The store has no such event: out of the window, for a human to look at.
  void forget(store::Seq seq, MonoTime now);
  /// The fallback got these as well.
  void covered(const std::vector<store::Seq>& seqs, MonoTime now);

  [[nodiscard]] LaneState state(MonoTime now) const;
  [[nodiscard]] std::string reason(MonoTime now) const;
  /// When a waiting lane tries again.
  [[nodiscard]] std::optional<MonoTime> next_attempt(MonoTime now) const;
  [[nodiscard]] std::size_t sending() const { return sending_; }
  /// Nothing under way, neither at the receiver nor on its way into the store.
  [[nodiscard]] bool quiet() const { return tickets_.empty(); }
  [[nodiscard]] std::size_t size() const { return window_.size(); }
  [[nodiscard]] bool has_room() const { return window_.size() < rules_.policy.window; }
  [[nodiscard]] std::size_t room() const { return has_room() ? rules_.policy.window - window_.size() : 0; }
  [[nodiscard]] std::optional<WallTime> oldest_received_at() const { return window_.oldest_received_at(); }
  [[nodiscard]] bool has_suspects() const { return window_.first_suspect() != nullptr; }
  [[nodiscard]] const std::optional<Hold>& operators_hold() const { return operators_hold_; }
  /// Nothing in the window that an operator's drain still lets go.
  [[nodiscard]] bool drained() const { return operators_hold_ && !window_.any_upto(operators_hold_->upto); }

 private:
  /// What happens to an item of a ticket once that is durable.
  struct Fate {
    Window::Item* item = nullptr;
    bool leaves = false;
    bool delivered = false;
    MonoTime not_before = MonoTime::min();
  };
  struct Pending {
    std::vector<Fate> fates;
    std::uint64_t generation = 0;
    bool probe = false;
    bool suspect = false;
  };
  struct Filling {  // a batch that waits for more
    MonoTime until;
    std::size_t events_missing;
    std::size_t bytes_missing;
  };
  [[nodiscard]] static Window::Rules window_rules(const LaneRules& rules);
  [[nodiscard]] store::Seq upto() const;
  [[nodiscard]] MonoTime gate(MonoTime now) const;
  [[nodiscard]] bool out_of_quota(MonoTime now) const { return quota_ && quota_->left == 0 && quota_->resets_at > now; }
  [[nodiscard]] bool probing() const { return held_ || breaker_.open(); }
  [[nodiscard]] bool expired(const Window::Item& item, MonoTime now) const;
  void share_memory(MonoTime now);
  Step give_up(MonoTime now);
  Step give_up_unreadable();
  Step start(MonoTime now);
  Step begin(const Window::Pick& pick, MonoTime now);
  [[nodiscard]] std::string fallback_for(const Window::Item& item) const;
  Ticket open_ticket(const std::vector<Window::Item*>& items, bool probe);

  void learn(const Pending& ticket, const AttemptReport& report, MonoTime now);
  void note_quota(const AttemptReport& report, MonoTime now);
  void throttle(const AttemptReport& report, MonoTime now);
  void hold_for_credentials(const AttemptReport& report, MonoTime now);
  void recovered(MonoTime now);
  store::Settle judge(Fate& fate, const AttemptReport& report, std::size_t index, bool current, double u, MonoTime now,
                      WallTime wall);
  store::Settle charge(Fate& fate, const AttemptReport& report, std::size_t index, double u, MonoTime now,
                       WallTime wall);
  store::Settle::Again again(const Window::Item& item, std::string_view reason, MonoTime at, MonoTime now,
                             WallTime wall) const;

  LaneRules rules_;
  Window window_;
  Breaker breaker_;
  TokenBucket bucket_;
  Jitter jitter_;
  std::unordered_map<Ticket, Pending> tickets_;  // sending or settling
  Ticket last_ticket_ = 0;
  std::size_t sending_ = 0;
  std::size_t suspects_sending_ = 0;  // of those
  std::uint64_t generation_ = 0;
  bool stopped_ = false;
  std::optional<Hold> operators_hold_;
  struct QuotaLeft {
    std::uint64_t left = 0;
    MonoTime resets_at{};
  };
  std::optional<QuotaLeft> quota_;

  bool held_ = false;
  std::string hold_reason_;
  MonoTime hold_probe_at_{};
  MonoTime amnesty_ = MonoTime::min();  // when a hold last ended: ages begin anew, for nobody could deliver meanwhile
  MonoTime throttled_until_ = MonoTime::min();
  std::string throttle_reason_;
  std::string outage_reason_;
  std::optional<Filling> filling_;
  std::vector<std::pair<store::Seq, std::string>> unreadable_;
};

}  // namespace wardex::deliver
