// What the pipeline needs of a store, as verbs. One implementation today (sqlite/), PostgreSQL later; one suite tests
// both. Every write verb is asynchronous: it joins the writer's next group commit and its callback runs (through the
// executor given at opening) only after that commit is durable. Reads see committed data only.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <boost/system/result.hpp>

#include "store/chain_head.hpp"
#include "store/retention.hpp"
#include "wardex/delivery.hpp"
#include "wardex/event.hpp"
#include "wardex/time.hpp"

namespace wardex::store {

enum class Fault {
  full,     ///< no space: read-only until space returns
  io,       ///< read, write or fsync failed; never retried on the same connection
  corrupt,  ///< the file is damaged
  closed,   ///< shutting down
  not_found,
  conflict,  ///< e.g. a mailbox entry that is no longer there
};
struct Error {
  Fault fault;
  std::string message;
};
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

template <class T>
using Result = boost::system::result<T, Error>;
template <class T>
using Done = std::function<void(Result<T>)>;
struct Ok {};

using Seq = std::uint64_t;

/// One row of the audit trail, before it gets its id and hash. Texts are already redacted.
struct AuditRecord {
  WallTime at{};
  std::string actor;   ///< "control-plane" (intake credential), "gateway", "cli:root", "api:NAME"
  std::string action;  ///< accept | deliver | mailbox | fallback | coalesce | replay | replay_job | discard | config |
                       ///< start | stop | hold | drain | resume | backup | ...
  std::string connector;  ///< empty when not about one
  std::optional<Seq> first_seq;
  std::optional<Seq> last_seq;
  std::uint32_t count = 0;    ///< events it speaks of
  std::uint32_t attempt = 0;  ///< 0 when not an attempt
  std::string
      outcome;  ///< accepted | delivered | retry | throttled | unauthorised | rejected | unknown | ok | error | ...
  std::optional<int> status_code;
  std::optional<std::int64_t> latency_ms;
  std::string request_digest;
  std::string detail;  ///< bounded text or small JSON: reason, response excerpt, config diff
};
struct AuditRow : AuditRecord {
  std::int64_t id = 0;
  std::string prev_hash;  ///< hex
  std::string hash;       ///< hex
};

struct NewTarget {
  std::string connector;
  std::string why;
  std::string muted;  ///< not empty: counted as muted, no delivery row
  /// Muted only if nothing of the case can be open there: what was opened is closed even under a mute.
  bool closes = false;
};
struct NewEvent {
  std::shared_ptr<const Event> event;  ///< its `original` is what is stored
  std::vector<NewTarget> targets;
};
struct Accepted {
  std::vector<std::optional<Seq>> seqs;  ///< per item; nullopt: a duplicate
  std::size_t duplicates = 0;
  /// (item, connector): was to be muted, is delivered all the same because it closes something (NewTarget::closes).
  std::vector<std::pair<std::size_t, std::string>> unmuted;
};

/// What a signer makes of the chain's head: the note, and the event that carries it elsewhere, if it is to be carried.
struct Signed {
  std::string note;
  std::string key;  ///< which signed it, 8 hex digits
  std::optional<NewEvent> anchor;
};
/// Called on the store's thread, inside its transaction.
using Sign = std::function<Signed(const ChainHead&)>;
struct Checkpoint {
  ChainHead head;
  std::string key;
  std::optional<Seq> anchor;  ///< nullopt: there was none to send
  std::shared_ptr<const Event> event;
  std::vector<std::string> connectors;  ///< that the anchor is pending at
};

/// A pending delivery as a lane needs it.
struct Pending {
  Seq seq = 0;
  std::string subject;
  Kind kind = Kind::alert;
  Severity severity = Severity::info;
  std::uint32_t attempts = 0;
  std::optional<WallTime> next_attempt_at;
  WallTime received_at{};
  std::optional<WallTime> queued_at;  ///< its age counts from here, if not from received_at: replayed, or a fallback
  bool last_unknown = false;          ///< the last attempt may have reached the receiver
  std::uint32_t deaths = 0;           ///< processes that died while it was under way, in a row
  std::string fallback_to;            ///< the connector that got the event as well
  std::string stands_in_for;          ///< "pager, soc-hook": the connectors that did not take it

  [[nodiscard]] WallTime since() const { return queued_at.value_or(received_at); }
};
/// The stored event: enough to derive the canonical event anew.
struct StoredEvent {
  Seq seq = 0;
  std::string id;
  std::string case_id;
  std::string origin;
  std::string routes;  ///< JSON: [{"to","why","muted"?}]
  WallTime received_at{};
  std::string body;
};

/// A connector that steps in for another, and for what.
struct Fallback {
  std::string to;
  std::bitset<kSeverities.size()> severities;
  std::bitset<kKinds.size()> kinds;  ///< those that `to` can render
  [[nodiscard]] bool takes(Kind kind, Severity severity) const {
    return severities.test(static_cast<std::size_t>(severity)) && kinds.test(static_cast<std::size_t>(kind));
  }
  bool operator==(const Fallback&) const = default;
};

/// What became of one delivery in an attempt.
struct Settle {
  struct Delivered {
    std::optional<Link> link;  ///< stored for (connector, subject)
  };
  struct Again {  ///< stays pending
    std::uint32_t attempts = 0;
    std::optional<WallTime> next_attempt_at;
    std::string last_error;
    bool unknown = false;
  };
  struct Mailbox {
    std::string cause;   ///< rejected | gave_up | unrenderable | poison
    std::string reason;  ///< redacted, bounded
    std::uint32_t attempts = 0;
    std::string fallback{};  ///< not empty: this connector gets the event now, unless it did before
  };
  /// A newer state of the same case was delivered instead, in the same transaction.
  struct Coalesced {
    Seq into = 0;
  };
  /// Stays pending, and goes to the fallback as well, unless it did before.
  struct HandOver {
    std::string fallback;
    std::string reason;
  };
  /// The process died while an attempt was under way: one attempt of unknown outcome, audited here. At `quarantine_at`
  /// deaths in a row the event goes to the mailbox, and to the fallback.
  struct Died {
    std::uint32_t quarantine_at = 3;
    std::optional<Fallback> fallback{};
  };
  Seq seq = 0;
  std::string subject;
  std::variant<Delivered, Again, Mailbox, Coalesced, HandOver, Died> what;
};
struct Settled {
  /// (connector, its new delivery): what fallbacks have to do now.
  std::vector<std::pair<std::string, Pending>> handed_over;
};

/// A connector held or drained by an operator; survives restarts.
struct Control {
  enum class Mode : std::uint8_t { hold, drain };
  std::string connector;
  Mode mode = Mode::hold;
  Seq upto = 0;  ///< drain: the newest event that is still sent
  std::string actor;
  std::string reason;
  WallTime at{};
  std::optional<WallTime> until;  ///< resumed by itself then
};

struct MailboxEntry {
  std::int64_t id = 0;
  std::string connector;
  Seq seq = 0;
  std::string event_id;
  std::string case_id;
  std::string severity;
  std::string cause;
  std::string reason;
  std::string
      fingerprint;  ///< hash of connector, cause and the reason without its numbers and ids: one root cause, one group
  std::uint32_t attempts = 0;
  WallTime at{};
};
/// What is empty selects nothing away. Ids, an event, a group or a connector are found by an index, in this order of
/// preference; the rest is compared entry by entry.
struct MailboxFilter {
  std::string connector{};
  std::string fingerprint{};
  std::vector<std::int64_t> ids{};
  std::int64_t after_id = 0;
  std::size_t limit = 100;
  std::string cause{};
  std::optional<Severity> at_least{};
  std::string case_id{};
  std::string event_id{};
  std::optional<WallTime> since{};  ///< entered the mailbox at or after ...
  std::optional<WallTime> until{};  ///< ... and before
  std::int64_t upto_id = 0;         ///< 0: no bound; entries that come later are not meant
};
/// One answer looks at a bounded number of entries: it may hold few or none although more are to come.
struct MailboxPage {
  std::vector<MailboxEntry> entries;  ///< oldest first
  std::int64_t next_after = 0;        ///< the next page's after_id; 0: that was all
};
/// How much a filter selects, as far as was counted.
struct MailboxSum {
  std::map<std::string, std::uint64_t> connectors;
  std::uint64_t entries = 0;
  std::optional<WallTime> oldest;
  std::int64_t last_id = 0;     ///< the newest entry counted
  std::int64_t next_after = 0;  ///< go on counting from here; 0: that was all
};
/// One cause at one connector.
struct MailboxGroup {
  std::string connector;
  std::string fingerprint;
  std::string cause;
  std::string reason;  ///< the oldest entry's, as an example
  std::uint64_t count = 0;
  Severity worst = Severity::info;
  WallTime first_at{};
  WallTime last_at{};
  std::int64_t first_id = 0;
};
struct MailboxGroupFilter {
  std::string connector{};
  std::string cause{};
  std::optional<Severity> at_least{};  ///< entries below are not counted
  /// (connector, fingerprint) to go on after
  std::pair<std::string, std::string> after{};
  std::size_t limit = 1000;
};
struct MailboxGroups {
  std::vector<MailboxGroup> groups;                               ///< by connector and fingerprint
  std::optional<std::pair<std::string, std::string>> next_after;  ///< there are more after this one
};

/// The conservation law, per connector: routed == delivered + muted + coalesced + discarded + pending + mailbox.
struct Account {
  std::uint64_t routed = 0;
  std::uint64_t delivered = 0;
  std::uint64_t muted = 0;
  std::uint64_t coalesced = 0;
  std::uint64_t discarded = 0;
  std::uint64_t pending = 0;  ///< rows in deliveries
  std::uint64_t mailbox = 0;  ///< rows in mailbox
  [[nodiscard]] std::int64_t mismatch() const {
    return static_cast<std::int64_t>(routed) -
           static_cast<std::int64_t>(delivered + muted + coalesced + discarded + pending + mailbox);
  }
};
struct Totals {
  std::uint64_t events = 0;
  std::uint64_t duplicates = 0;  ///< since start
  std::uint64_t unrouted = 0;
  std::array<std::uint64_t, kPrunings.size()> pruned{};  ///< rows, since start
  std::map<std::string, Account> connectors;
};

struct EventFilter {
  std::string id{};       ///< exact
  std::string case_id{};  ///< exact, within the newest `scan` rows
  Seq before = 0;         ///< 0: from the newest
  std::size_t limit = 50;
};
struct EventSummary {
  Seq seq = 0;
  std::string id, kind, severity, case_id, tenant, routes;
  WallTime received_at{};
};
/// Where one event stands at one connector.
struct DeliveryState {
  std::string connector;
  std::string state;  ///< pending | mailbox | delivered | muted | coalesced | discarded
  std::string stands_in_for{};
  std::string fallback_to{};
  std::uint32_t attempts = 0;
  std::optional<WallTime> next_attempt_at;
  std::string last_error;
};
struct EventTrail {
  StoredEvent event;
  std::vector<DeliveryState> deliveries;
  std::vector<AuditRow> audit;
};
struct AuditFilter {
  std::int64_t before_id = 0;  ///< 0: from the newest
  std::int64_t after_id = 0;
  std::string connector{};
  std::string action{};
  std::optional<Seq> seq{};
  std::size_t limit = 50;
  bool oldest_first = false;
};

/// Most mailbox entries that one verb moves.
inline constexpr std::size_t kMostMoved = 256;

class Store {
 public:
  virtual ~Store() = default;

  // --- writes: durable when `done` runs --------------------------------------------------------------------------
  /// Stores the events that are not duplicates, their pending deliveries, and one audit row for the batch.
  virtual void accept(std::vector<NewEvent> events, AuditRecord audit, Done<Accepted> done) = 0;
  /// The result of one attempt: every settled delivery, its links and its audit rows in one transaction.
  virtual void settle(std::string connector, std::vector<Settle> settled, std::vector<AuditRecord> audit,
                      Done<Settled> done) = 0;
  virtual void append_audit(AuditRecord audit, Done<Ok> done) = 0;
  /// Back to pending with attempts 0, same event id and delivery key. Result: what became pending. By id, because to
  /// select is a reader's work: the writer is never held up by a search. Ids that are gone are left out; when all are,
  /// that is a conflict. At most kMostMoved of them.
  virtual void replay(std::vector<std::int64_t> ids, std::string actor, WallTime at,
                      Done<std::vector<std::pair<std::string, Pending>>> done) = 0;
  /// Given up for good, accounted and audited with the reason. As for replay; the result is how many.
  virtual void discard(std::vector<std::int64_t> ids, std::string actor, std::string reason, WallTime at,
                       Done<std::size_t> done) = 0;
  /// Holds or drains a connector; `upto` is filled in. Replaces what was said before. Audited under `actor`.
  virtual void control(Control control, Done<Control> done) = 0;
  /// Ends that. Refused (conflict) when the connector is neither held nor drained.
  virtual void resume(std::string connector, std::string actor, std::string reason, WallTime at, Done<Ok> done) = 0;
  /// Signs the head of the chain as this transaction finds it, and accepts the anchor with it. Refused (conflict) while
  /// the trail is empty.
  virtual void checkpoint(Sign sign, Done<Checkpoint> done) = 0;
  /// A step of retention. What is pending or in the mailbox keeps its event; a mailbox entry is discarded, counted and
  /// audited as such; the audit trail keeps its newest row, and a new checkpoint by `sign` covers what is gone.
  virtual void prune(Prune what, Sign sign, Done<PruneStep> done) = 0;
  /// One audit row for all that steps have removed since the last one, if they did.
  virtual void report_pruned(Done<Ok> done) = 0;
  /// Gives at most so many free pages back to the file system.
  virtual void release_space(std::size_t pages, Done<Ok> done) = 0;
  /// Online copy on the writer's own connection, a few pages a cycle; integrity-checked before `done`.
  virtual void backup(std::string path, Done<Ok> done) = 0;

  // --- reads ------------------------------------------------------------------------------------------------------
  virtual void pending(std::string connector, Seq after, std::size_t limit, Done<std::vector<Pending>> done) = 0;
  /// In the order asked; a missing row is an error. `connector` selects the links: one per event, for its subject.
  virtual void events_for(std::string connector, std::vector<Seq> seqs,
                          Done<std::vector<std::pair<StoredEvent, std::optional<Link>>>> done) = 0;
  virtual void controls(Done<std::vector<Control>> done) = 0;
  virtual void events(EventFilter filter, Done<std::vector<EventSummary>> done) = 0;
  virtual void trail(std::string event_id, Done<EventTrail> done) = 0;
  virtual void mailbox(MailboxFilter filter, Done<MailboxPage> done) = 0;
  virtual void mailbox_sum(MailboxFilter filter, Done<MailboxSum> done) = 0;
  virtual void mailbox_groups(MailboxGroupFilter filter, Done<MailboxGroups> done) = 0;
  /// When each connector's oldest entry came; a look-up per connector, however full the mailbox is.
  virtual void mailbox_oldest(Done<std::map<std::string, WallTime>> done) = 0;
  virtual void audit(AuditFilter filter, Done<std::vector<AuditRow>> done) = 0;

  // --- state kept in memory, exact as of the last commit ------------------------------------------------------------
  [[nodiscard]] virtual Totals totals() const = 0;
  /// nullopt while healthy; the fault that made the store read-only otherwise.
  [[nodiscard]] virtual std::optional<Error> fault() const = 0;
  /// False until the window of known ids is rebuilt after a start: intake waits for it.
  [[nodiscard]] virtual bool ready() const = 0;
  struct Gauges {
    std::uint64_t database_bytes = 0;
    std::uint64_t wal_bytes = 0;
    std::uint64_t page_bytes = 0;  ///< the database's pages as of the last commit; the file follows
    std::uint64_t free_bytes = 0;  ///< of those, what holds nothing: will be used again before the file grows
    std::uint64_t commits = 0;
    std::uint64_t commit_micros = 0;  ///< sum
    std::int64_t audit_head_id = 0;
    WallTime audit_head_at{};
    std::int64_t checkpoint_id = 0;  ///< audit row of the newest checkpoint made for its time; 0: none yet
    WallTime checkpoint_at{};
    std::int64_t pruned_id = 0;  ///< newest audit row that retention removed
    std::uint64_t known_ids = 0;
  };
  [[nodiscard]] virtual Gauges gauges() const = 0;

  /// Finishes what is queued, checkpoints, marks the shutdown as clean.
  virtual void close() = 0;
};

}  // namespace wardex::store
