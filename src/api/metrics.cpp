#include "api/metrics.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <utility>

#include "api/api.hpp"
#include "wardex/text.hpp"

namespace wardex::api {

namespace {

/// What others wrote is a label only so far.
constexpr std::size_t kLabel = 120;

class Exposition {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = "wardex_gateway_" + std::string(name);
    out_ += "# HELP " + name_ + " " + std::string(help) + "\n# TYPE " + name_ + " " + std::string(type) + "\n";
  }
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;
  void sample(double value, Labels labels = {}, std::string_view suffix = "") {
    out_ += name_;
    out_ += suffix;
    if (labels.size() > 0) {
      char before = '{';
      for (const auto& [key, text] : labels) {
        out_ += before;
        out_ += std::string(key) + "=\"" + escaped(text) + "\"";
        before = ',';
      }
      out_ += '}';
    }
    out_ += ' ' + number(value) + '\n';
  }
  template <class T>
  requires std::is_integral_v<T>
  void sample(T value, Labels labels = {}, std::string_view suffix = "") {
    sample(static_cast<double>(value), labels, suffix);
  }
  [[nodiscard]] std::string take() { return std::move(out_); }

  static std::string number(double value) {
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    return {buffer, end};
  }

 private:
  static std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
      if (c == '\\' || c == '"') out += '\\';
      if (c == '\n')
        out += "\\n";
      else
        out += c;
    }
    return out;
  }
  std::string name_;
  std::string out_;
};

double seconds(WallTime from, WallTime to) { return std::chrono::duration<double>(to - from).count(); }

void store_metrics(Exposition& e, const MetricsInput& in) {
  std::int64_t mismatch = 0;
  for (const auto& [id, account] : in.totals.connectors) mismatch += account.mismatch();
  e.family("events_accepted_total", "counter", "Events made durable, over the life of the store.");
  e.sample(in.totals.events);
  e.family("events_duplicate_total", "counter", "Events recognised as repeated since start.");
  e.sample(in.totals.duplicates);
  e.family("events_unrouted_total", "counter", "Events that no route sent anywhere.");
  e.sample(in.totals.unrouted);
  e.family("deliveries_routed_total", "counter", "Deliveries created by routing.");
  for (const auto& [id, account] : in.totals.connectors) e.sample(account.routed, {{"connector", id}});
  e.family("deliveries_settled_total", "counter", "Deliveries that reached their end, by end.");
  for (const auto& [id, account] : in.totals.connectors) {
    e.sample(account.delivered, {{"connector", id}, {"outcome", "delivered"}});
    e.sample(account.muted, {{"connector", id}, {"outcome", "muted"}});
    e.sample(account.coalesced, {{"connector", id}, {"outcome", "coalesced"}});
    e.sample(account.discarded, {{"connector", id}, {"outcome", "discarded"}});
  }
  e.family("queue_depth", "gauge", "Deliveries waiting.");
  for (const auto& [id, account] : in.totals.connectors) e.sample(account.pending, {{"connector", id}});
  e.family("mailbox_depth", "gauge", "Deliveries in the failure mailbox.");
  for (const auto& [id, account] : in.totals.connectors) e.sample(account.mailbox, {{"connector", id}});
  e.family("mailbox_oldest_age_seconds", "gauge", "Age of the oldest entry in the failure mailbox.");
  for (const auto& [id, state] : in.mailbox)
    if (state.oldest_at) e.sample(std::max(0.0, seconds(*state.oldest_at, in.now)), {{"connector", id}});
  e.family("mailbox_alarm", "gauge", "1 while the failure mailbox is over a mark of mailbox.alarm.");
  for (const auto& [id, account] : in.totals.connectors) {
    const auto state = in.mailbox.find(id);
    e.sample(state != in.mailbox.end() && !state->second.alarm.empty() ? 1 : 0, {{"connector", id}});
  }
  e.family("conservation_mismatch", "gauge",
           "Routed minus all known whereabouts, summed over connectors; anything but 0 is a bug.");
  e.sample(mismatch);
  e.family("store_healthy", "gauge", "1 while the store takes writes.");
  e.sample(in.store_healthy ? 1 : 0);
  e.family("store_database_bytes", "gauge", "Size of the database file.");
  e.sample(in.gauges.database_bytes);
  e.family("store_wal_bytes", "gauge", "Size of the write-ahead log.");
  e.sample(in.gauges.wal_bytes);
  e.family("store_free_bytes", "gauge", "Free space inside the database file.");
  e.sample(in.gauges.free_bytes);
  e.family("store_commits_total", "counter", "Group commits since start.");
  e.sample(in.gauges.commits);
  e.family("store_commit_seconds_total", "counter", "Time spent in group commits since start.");
  e.sample(static_cast<double>(in.gauges.commit_micros) / 1e6);
  e.family("audit_head_id", "gauge", "Id of the newest audit row.");
  e.sample(in.gauges.audit_head_id);
  if (in.gauges.audit_head_id > 0) {
    e.family("audit_head_age_seconds", "gauge", "Age of the newest audit row.");
    e.sample(seconds(in.gauges.audit_head_at, in.now));
  }
  e.family("audit_checkpoint_id", "gauge", "Audit row of the newest signed checkpoint; 0: none yet.");
  e.sample(in.gauges.checkpoint_id);
  if (in.gauges.checkpoint_id > 0) {
    e.family("audit_checkpoint_age_seconds", "gauge", "Age of the newest signed checkpoint.");
    e.sample(seconds(in.gauges.checkpoint_at, in.now));
  }
  e.family("audit_pruned_id", "gauge", "Newest audit row that retention has removed; 0: none.");
  e.sample(in.gauges.pruned_id);
  e.family("pruned_rows_total", "counter", "Rows that retention has removed since start, by table.");
  for (const auto what : store::kPrunings)
    e.sample(in.totals.pruned[static_cast<std::size_t>(what)], {{"table", to_string(what)}});
}

void lane_metrics(Exposition& e, const MetricsInput& in) {
  e.family("lane_state", "gauge", "1 for the state a lane is in.");
  for (const auto& lane : in.lanes)
    for (const auto state : deliver::kLaneStates)
      e.sample(lane.state == state ? 1 : 0, {{"connector", lane.connector}, {"state", to_string(state)}});
  e.family("lane_held", "gauge",
           "1 while a receiver refuses our credential or address, with whom to tell and what it said.");
  for (const auto& lane : in.lanes)
    if (lane.state == deliver::LaneState::held)
      e.sample(1, {{"connector", lane.connector},
                   {"owner", text::truncate(text::single_line(lane.owner), kLabel)},
                   {"reason", text::truncate(text::single_line(lane.reason), kLabel)}});
  e.family("attempts_total", "counter", "Delivery attempts since start, by outcome.");
  for (const auto& lane : in.lanes)
    for (const auto& [outcome, count] : lane.outcomes)
      e.sample(count, {{"connector", lane.connector}, {"outcome", outcome}});
  e.family("attempts_reduced_total", "counter",
           "Attempts with a reduced payload since start, because the full one could not be rendered.");
  for (const auto& lane : in.lanes) e.sample(lane.reduced, {{"connector", lane.connector}});
  e.family("in_flight", "gauge", "Attempts under way.");
  for (const auto& lane : in.lanes) e.sample(lane.in_flight, {{"connector", lane.connector}});
  e.family("queue_oldest_age_seconds", "gauge", "Age of the oldest delivery in a lane's window.");
  for (const auto& lane : in.lanes)
    if (lane.oldest_received_at) e.sample(seconds(*lane.oldest_received_at, in.now), {{"connector", lane.connector}});
  e.family("retry_next_seconds", "gauge", "Time until a waiting lane tries again.");
  for (const auto& lane : in.lanes)
    if (lane.next_attempt_at)
      e.sample(std::max(0.0, seconds(in.now, *lane.next_attempt_at)), {{"connector", lane.connector}});
  e.family("attempt_duration_seconds", "histogram", "From the start of an attempt to its verdict.");
  for (const auto& lane : in.lanes) {
    std::uint64_t cumulative = 0;
    for (const auto& [bound, count] : lane.latency_buckets) {
      cumulative += count;
      const auto le = std::isinf(bound) ? std::string("+Inf") : Exposition::number(bound);
      e.sample(cumulative, {{"connector", lane.connector}, {"le", le}}, "_bucket");
    }
    if (lane.latency_buckets.empty() || !std::isinf(lane.latency_buckets.back().first))
      e.sample(cumulative, {{"connector", lane.connector}, {"le", "+Inf"}}, "_bucket");
    e.sample(lane.latency_sum, {{"connector", lane.connector}}, "_sum");
    e.sample(cumulative, {{"connector", lane.connector}}, "_count");
  }
}

void intake_metrics(Exposition& e, const MetricsInput& in) {
  e.family("intake_requests_total", "counter", "Requests to POST /v1/events since start.");
  e.sample(in.intake.requests);
  e.family("intake_events_total", "counter", "Events in those requests, by result.");
  e.sample(in.intake.accepted, {{"result", "accepted"}});
  e.sample(in.intake.duplicates, {{"result", "duplicate"}});
  e.sample(in.intake.rejected, {{"result", "rejected"}});
  e.sample(in.intake.turned_away, {{"result", "turned_away"}});
  e.sample(in.intake.heartbeats, {{"result", "heartbeat"}});
  e.family("intake_unauthorised_total", "counter", "Requests refused for their credentials since start.");
  e.sample(in.intake.unauthorised);
  e.family("http_connections", "gauge", "Open server connections.");
  e.sample(in.server.connections);
  e.family("http_connections_accepted_total", "counter", "Server connections accepted since start.");
  e.sample(in.server.accepted);
  e.family("http_connections_refused_total", "counter", "Server connections refused for a limit since start.");
  e.sample(in.server.refused);
  e.family("http_bad_requests_total", "counter", "Requests refused as malformed or over a limit since start.");
  e.sample(in.server.bad_requests);
}

}  // namespace

std::string prometheus_text(const MetricsInput& input) {
  Exposition e;
  e.family("build_info", "gauge", "1, with the version as a label.");
  e.sample(1, {{"version", version().version}});
  e.family("start_time_seconds", "gauge", "Start of the process, Unix time.");
  e.sample(std::chrono::duration<double>(input.started_at.time_since_epoch()).count());
  e.family("ready", "gauge", "1 while /readyz says ready.");
  e.sample(input.ready ? 1 : 0);
  store_metrics(e, input);
  lane_metrics(e, input);
  intake_metrics(e, input);
  return e.take();
}

}  // namespace wardex::api
