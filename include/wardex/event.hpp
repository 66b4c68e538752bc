// The canonical event: what every stage works on, whatever shape the sender used. Field names in JSON, in route
// conditions and in `sqlite3` are these names in snake_case.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "wardex/time.hpp"

namespace wardex {

enum class Kind : std::uint8_t { alert, case_, telemetry, runbook, digest, sync };
/// Ordered: comparisons mean "at least as severe as".
enum class Severity : std::uint8_t { info, low, medium, high, critical };
enum class Status : std::uint8_t { new_, triage, investigating, escalated, resolved, closed };
enum class ObservableType : std::uint8_t { ipv4, ipv6, domain, url, md5, sha1, sha256, email };

inline constexpr std::array kSeverities{Severity::info, Severity::low, Severity::medium, Severity::high,
                                        Severity::critical};
inline constexpr std::array kKinds{Kind::alert, Kind::case_, Kind::telemetry, Kind::runbook, Kind::digest, Kind::sync};
inline constexpr std::array kStatuses{Status::new_,      Status::triage,   Status::investigating,
                                      Status::escalated, Status::resolved, Status::closed};

std::string_view to_string(Kind kind);          ///< "case" for Kind::case_
std::string_view to_string(Severity severity);  ///< "critical"
std::string_view to_string(Status status);      ///< "new" for Status::new_
std::string_view to_string(ObservableType type);
/// Exact canonical names only; the normaliser owns the wider vocabulary.
std::optional<Kind> parse_kind(std::string_view name);
std::optional<Severity> parse_severity(std::string_view name);
std::optional<Status> parse_status(std::string_view name);

struct Observable {
  ObservableType type;
  std::string value;
  bool operator==(const Observable&) const = default;
};

/// One reputation verdict, stamped with where it came from and when.
struct IntelVerdict {
  std::string observable;
  std::string source;
  std::string verdict;
  Timestamp at;
  bool operator==(const IntelVerdict&) const = default;
};

struct Event {
  std::string id;  ///< idempotency key; never empty after normalising
  Kind kind = Kind::alert;
  std::string origin;              ///< who sent it: the intake credential's name, or a source's id
  std::string action = "created";  ///< created | updated | resolved | reopened | closed | ...
  std::string case_id;             ///< empty when the event belongs to no case
  std::vector<std::string> alert_ids;
  Severity severity = Severity::info;
  std::optional<Status> status;
  std::string title;
  std::string description;
  std::string endpoint_id;
  std::string host;
  std::string user;
  std::string process;
  std::string rule;
  std::optional<double> score;
  std::optional<double> confidence;
  std::vector<std::string> mitre;  ///< technique ids: "T1059.001"
  std::vector<Observable> observables;
  std::string assignee;
  std::vector<std::string> tags;
  std::string tenant;
  std::string wardex_url;
  std::optional<Timestamp> occurred_at;
  Timestamp received_at;  ///< when the gateway took it in
  std::vector<IntelVerdict> intel;
  std::map<std::string, std::string> labels;  ///< the sender's unknown scalar fields, as text
  std::string original;                       ///< the sender's JSON for this event, byte for byte

  /// Whose order matters and what the receiver dedups on: the case, or the event itself when it has none.
  [[nodiscard]] const std::string& subject() const { return case_id.empty() ? id : case_id; }
  /// resolved or closed, by action or by status.
  [[nodiscard]] bool is_resolved() const;
  /// "CASE-1042" when there is a case, else the event id: what a human calls it.
  [[nodiscard]] const std::string& reference() const { return subject(); }
  /// occurred_at if the sender gave one, else received_at.
  [[nodiscard]] const Timestamp& when() const { return occurred_at ? *occurred_at : received_at; }
};

/// An event as it goes through the gateway: made once, never changed, shared by the lanes, attempts and connectors that
/// work on it. Never null.
class SharedEvent {
 public:
  SharedEvent();                                                                         ///< an empty event
  SharedEvent(Event event) : event_(std::make_shared<const Event>(std::move(event))) {}  // NOLINT(*-explicit-*)
  /// `event` must not be null.
  SharedEvent(std::shared_ptr<const Event> event) : event_(std::move(event)) {}  // NOLINT(*-explicit-*)
  const Event& operator*() const { return *event_; }
  const Event* operator->() const { return event_.get(); }

 private:
  std::shared_ptr<const Event> event_;
};

/// Canonical JSON (snake_case names, empty fields left out, `original` left out).
nlohmann::json to_json(const Event& event);
/// Any canonical field by its JSON name as text values (a list gives several): what route conditions and templates see.
/// "labels.x" reaches into labels. Empty when absent; nullopt when no such field exists.
std::optional<std::vector<std::string>> field_values(const Event& event, std::string_view name);
/// The names field_values() knows, for error messages and the schema.
const std::vector<std::string>& field_names();

}  // namespace wardex
