// The world around the engine: a clock by hand, a store in memory, receivers by script.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "deliver/engine.hpp"
#include "deliver/flight_recorder.hpp"
#include "deliver/lane.hpp"
#include "fakes/unused_store.hpp"
#include "runtime/one_shot.hpp"
#include "store/store.hpp"
#include "transport/transport.hpp"
#include "virtual_time/clock.hpp"
#include "wardex/connector.hpp"

namespace wardex::deliver::test {

using wardex::test::VirtualClock;
using wardex::test::VirtualTimers;

/// Keeps what it is told, as store.hpp promises; callbacks come through the loop, never at once.
class FakeStore : public wardex::test::UnusedStore {
 public:
  explicit FakeStore(asio::io_context& loop) : loop_(loop) {}

  struct Row {
    std::uint32_t attempts = 0;
    std::optional<WallTime> next_attempt_at;
    std::string last_error;
    bool unknown = false;
    std::uint32_t deaths = 0;
    std::optional<WallTime> queued_at{};
  };
  // --- the tables
  std::map<store::Seq, store::StoredEvent> events_table;
  std::map<std::string, std::map<store::Seq, Row>> deliveries;
  std::map<std::string, std::map<store::Seq, store::Settle::Mailbox>> mailbox_table;
  std::map<std::pair<std::string, std::string>, Link> links;
  std::map<std::string, std::size_t> delivered;
  std::map<std::string, std::size_t> coalesced;
  std::map<std::pair<store::Seq, std::string>, std::string> fallbacks;  // (event, connector) -> fallback
  std::map<store::Seq, Event> facts;                                    // kind and severity, which `events` has
  std::vector<store::AuditRecord> audit_table;
  // --- faults
  std::optional<store::Error> broken;  ///< what fault() says and every write gets
  std::optional<store::Error> refuses_settle;
  std::set<store::Seq> bodiless;  ///< pending, but `events` has no such row
  std::size_t settles = 0;
  std::size_t pages = 0;
  std::size_t double_settles = 0;  ///< of deliveries that were not pending any more

  store::Seq put(const Event& event, const std::vector<std::string>& connectors) {
    const store::Seq seq = next_seq_++;
    events_table[seq] = {seq, event.id, event.case_id, event.origin, "[]", event.received_at.at, event.original};
    facts[seq].kind = event.kind;
    facts[seq].severity = event.severity;
    for (const auto& connector : connectors) deliveries[connector][seq] = {};
    return seq;
  }
  [[nodiscard]] std::string subject(store::Seq seq) const {
    const auto& event = events_table.at(seq);
    return event.case_id.empty() ? event.id : event.case_id;
  }
  [[nodiscard]] store::Pending as_pending(const std::string& connector, store::Seq seq) const {
    const auto& row = deliveries.at(connector).at(seq);
    store::Pending out;
    out.seq = seq;
    out.subject = subject(seq);
    out.kind = facts.at(seq).kind;
    out.severity = facts.at(seq).severity;
    out.attempts = row.attempts;
    out.next_attempt_at = row.next_attempt_at;
    out.received_at = events_table.at(seq).received_at;
    out.queued_at = row.queued_at;
    out.last_unknown = row.unknown;
    out.deaths = row.deaths;
    if (const auto found = fallbacks.find({seq, connector}); found != fallbacks.end()) out.fallback_to = found->second;
    for (const auto& [key, fallback] : fallbacks)
      if (key.first == seq && fallback == connector)
        out.stands_in_for += (out.stands_in_for.empty() ? "" : ", ") + key.second;
    return out;
  }
  /// Mailbox -> pending, as `replay` does.
  store::Pending revive(const std::string& connector, store::Seq seq) {
    mailbox_table[connector].erase(seq);
    deliveries[connector][seq] = {};
    return as_pending(connector, seq);
  }
  [[nodiscard]] std::vector<std::string> outcomes(const std::string& action = "deliver") const {
    std::vector<std::string> out;
    for (const auto& row : audit_table)
      if (row.action == action) out.push_back(row.outcome);
    return out;
  }

  void settle(std::string connector, std::vector<store::Settle> settled, std::vector<store::AuditRecord> audit,
              store::Done<store::Settled> done) override {
    ++settles;
    if (broken || refuses_settle)
      return post(std::move(done), store::Result<store::Settled>(broken ? *broken : *refuses_settle));
    store::Settled result;
    for (const auto& item : settled) apply(connector, item, result);
    for (auto& row : audit) audit_table.push_back(std::move(row));
    post(std::move(done), store::Result<store::Settled>(std::move(result)));
  }
  void append_audit(store::AuditRecord audit, store::Done<store::Ok> done) override {
    audit_table.push_back(std::move(audit));
    post(std::move(done), store::Result<store::Ok>(store::Ok{}));
  }

  void pending(std::string connector, store::Seq after, std::size_t limit,
               store::Done<std::vector<store::Pending>> done) override {
    ++pages;
    if (broken) return post(std::move(done), store::Result<std::vector<store::Pending>>(*broken));
    std::vector<store::Pending> out;
    const auto& rows = deliveries[connector];
    for (auto row = rows.upper_bound(after); row != rows.end() && out.size() < limit; ++row)
      out.push_back(as_pending(connector, row->first));
    post(std::move(done), store::Result<std::vector<store::Pending>>(std::move(out)));
  }
  using Bodies = std::vector<std::pair<store::StoredEvent, std::optional<Link>>>;
  void events_for(std::string connector, std::vector<store::Seq> seqs, store::Done<Bodies> done) override {
    if (broken) return post(std::move(done), store::Result<Bodies>(*broken));
    Bodies out;
    for (const auto seq : seqs) {
      const auto found = events_table.find(seq);
      if (found == events_table.end() || bodiless.contains(seq))
        return post(std::move(done), store::Result<Bodies>(store::Error{store::Fault::not_found, "no such event"}));
      const auto link = links.find({connector, subject(seq)});
      out.emplace_back(found->second, link == links.end() ? std::nullopt : std::optional(link->second));
    }
    post(std::move(done), store::Result<Bodies>(std::move(out)));
  }
  [[nodiscard]] std::optional<store::Error> fault() const override { return broken; }

 private:
  template <class T>
  void post(store::Done<T> done, store::Result<T> result) {
    asio::post(loop_, [done = std::move(done), result = std::move(result)]() mutable { done(std::move(result)); });
  }
  void apply(const std::string& connector, const store::Settle& item, store::Settled& result) {
    auto& rows = deliveries[connector];
    const auto row = rows.find(item.seq);
    if (row == rows.end()) {
      if (!std::holds_alternative<store::Settle::HandOver>(item.what)) ++double_settles;
      return;
    }
    if (const auto* done = std::get_if<store::Settle::Delivered>(&item.what)) {
      if (done->link) links[{connector, item.subject}] = *done->link;
      rows.erase(row);
      ++delivered[connector];
    } else if (const auto* again = std::get_if<store::Settle::Again>(&item.what)) {
      row->second = {again->attempts,      again->next_attempt_at, again->last_error, again->unknown, 0,
                     row->second.queued_at};
    } else if (std::holds_alternative<store::Settle::Coalesced>(item.what)) {
      rows.erase(row);
      ++coalesced[connector];
    } else if (const auto* over = std::get_if<store::Settle::HandOver>(&item.what)) {
      fall_back(connector, item.seq, over->fallback, result);
    } else if (const auto* died = std::get_if<store::Settle::Died>(&item.what)) {
      row->second.unknown = true;
      ++row->second.attempts;
      if (++row->second.deaths < died->quarantine_at) return;
      mailbox_table[connector][item.seq] = {"poison", "died", row->second.attempts, ""};
      rows.erase(row);
      if (died->fallback) fall_back(connector, item.seq, died->fallback->to, result);
    } else {
      const auto& mailbox = std::get<store::Settle::Mailbox>(item.what);
      rows.erase(row);
      mailbox_table[connector][item.seq] = mailbox;
      if (!mailbox.fallback.empty()) fall_back(connector, item.seq, mailbox.fallback, result);
    }
  }
  void fall_back(const std::string& connector, store::Seq seq, const std::string& fallback, store::Settled& result) {
    for (const auto& [key, to] : fallbacks)
      if (key.first == seq && to == fallback) return;
    if (!fallbacks.try_emplace({seq, connector}, fallback).second || deliveries[fallback].contains(seq)) return;
    deliveries[fallback][seq].queued_at = now();
    result.handed_over.emplace_back(fallback, as_pending(fallback, seq));
  }

 public:
  std::function<WallTime()> now = [] { return WallTime{}; };

 private:
  asio::io_context& loop_;
  store::Seq next_seq_ = 1;
};

/// What a receiver does with a request. No outcome: it never answers until released.
struct Reply {
  std::optional<transport::Outcome> outcome;
  Millis after{0};
};
inline Reply http(int status, std::string body = {}, std::vector<std::pair<std::string, std::string>> headers = {}) {
  return {transport::Outcome(Response(HttpResponse{status, std::move(headers), std::move(body), false})), Millis{0}};
}
inline Reply fails(transport::Phase phase, bool permanent = false) {
  return {transport::Outcome(
              transport::Failure{phase, "phase " + std::to_string(static_cast<int>(phase)) + " failed", permanent}),
          Millis{0}};
}

class FakeTransport final : public transport::Transport {
 public:
  FakeTransport(asio::io_context& loop, VirtualClock& clock) : loop_(loop), clock_(clock) {}

  struct Call {
    MonoTime at;
    Request request;
    std::shared_ptr<runtime::OneShot<transport::Outcome>> answer;
    std::optional<MonoTime> due;
    std::optional<transport::Outcome> outcome;
  };
  std::function<Reply(const Request&)> script = [](const Request&) { return http(200); };
  std::vector<std::shared_ptr<Call>> calls;
  std::deque<std::shared_ptr<Call>> waiting;

  asio::awaitable<transport::Outcome> send(Request request, std::shared_ptr<const transport::SendOptions>) override {
    auto call = std::make_shared<Call>();
    call->at = clock_.mono();
    call->request = std::move(request);
    call->answer = std::make_shared<runtime::OneShot<transport::Outcome>>(loop_.get_executor());
    calls.push_back(call);
    auto reply = script(call->request);
    if (reply.outcome && reply.after == Millis{0}) {
      call->answer->set(std::move(*reply.outcome));
    } else {
      call->outcome = std::move(reply.outcome);
      if (call->outcome) call->due = clock_.mono() + reply.after;
      waiting.push_back(call);
    }
    auto waited = call->answer->wait();
    auto got = co_await std::move(waited);
    if (got) co_return std::move(*got);
    co_return transport::Failure{transport::Phase::sent, "stopped", false};
  }
  void stop() override {
    for (const auto& call : waiting) call->answer->give_up();
    waiting.clear();
  }
  [[nodiscard]] std::optional<MonoTime> next_due() const {
    std::optional<MonoTime> first;
    for (const auto& call : waiting)
      if (call->due && (!first || *call->due < *first)) first = call->due;
    return first;
  }
  void answer_due() {
    for (std::size_t i = 0; i < waiting.size();) {
      if (!waiting[i]->due || *waiting[i]->due > clock_.mono()) {
        ++i;
        continue;
      }
      auto call = waiting[i];
      waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(i));
      call->answer->set(std::move(*call->outcome));
    }
  }
  /// Answers all that hangs.
  void release(const Reply& reply) {
    for (const auto& call : std::exchange(waiting, {})) call->answer->set(*reply.outcome);
  }
  [[nodiscard]] static const std::string& body(const Call& call) {
    return std::get<HttpRequest>(call.request).body.reveal();
  }

 private:
  asio::io_context& loop_;
  VirtualClock& clock_;
};

/// Renders one line per event ("id case attempt previous_unknown link"), reads answers as HTTP. Every part replaceable.
class FakeSink final : public Sink {
 public:
  explicit FakeSink(std::string url = "https://receiver.test/") : url_(std::move(url)) {}

  BatchLimits limits;
  bool links = false;
  std::function<void(Batch)> on_render;
  std::function<std::optional<Verdict>(Batch, const Request&, const Response&, const RenderContext&)> on_interpret;
  std::optional<HttpRequest> probe_request;

  [[nodiscard]] Request render(Batch batch, const RenderContext&) const override {
    if (on_render) on_render(batch);
    HttpRequest out;
    out.url = url_;
    std::string text;
    for (const auto& delivery : batch) {
      text += delivery.event->id + " " + delivery.event->case_id + " " + std::to_string(delivery.attempt) +
              (delivery.previous_unknown ? " unknown" : " fresh") + " " +
              (delivery.link ? delivery.link->external_ref : "-") + "\n";
    }
    out.body = std::move(text);
    Header header;
    header.name = "Authorization";
    header.value.append("Bearer ").append(Secret("canary-token"));
    out.headers.push_back(std::move(header));
    return out;
  }
  [[nodiscard]] Verdict interpret(Batch batch, const Request& request, const Response& response,
                                  const RenderContext& context) const override {
    if (on_interpret)
      if (auto verdict = on_interpret(batch, request, response, context)) return std::move(*verdict);
    const auto& answer = std::get<HttpResponse>(response);
    auto verdict = classify_http(answer.status, answer.header("Retry-After"), answer.body, context.now);
    return std::visit([](auto&& one) -> Verdict { return std::forward<decltype(one)>(one); }, std::move(verdict));
  }
  [[nodiscard]] BatchLimits batch_limits() const override { return limits; }
  [[nodiscard]] bool keeps_links() const override { return links; }
  [[nodiscard]] std::optional<Request> probe(const RenderContext&) const override {
    if (!probe_request) return std::nullopt;
    return *probe_request;
  }

 private:
  std::string url_;
};

inline Event restore_event(const store::StoredEvent& stored) {
  Event event;
  event.id = stored.id;
  event.case_id = stored.case_id;
  event.origin = stored.origin;
  event.received_at = Timestamp{stored.received_at, 3};
  event.original = stored.body;
  return event;
}

/// The recorder of a process that may die: what is under way then is left for the next.
class FakeRecorder final : public FlightRecorder {
 public:
  [[nodiscard]] std::vector<Flight> left() const override { return left_; }
  [[nodiscard]] bool complete() const override { return complete_; }
  void forget_left() override { left_.clear(); }
  Place begin(std::string_view connector, store::Seq seq) override {
    aloft_[++last_] = {std::string(connector), seq};
    return last_;
  }
  void end(Place place) override { aloft_.erase(place); }
  void process_died() {
    for (const auto& [place, flight] : std::exchange(aloft_, {})) left_.push_back(flight);
  }
  [[nodiscard]] std::size_t aloft() const { return aloft_.size(); }
  bool complete_ = true;

 private:
  std::map<Place, Flight> aloft_;
  std::vector<Flight> left_;
  Place last_ = 0;
};

/// An engine in its world. Time moves only in run_for().
class World {
 public:
  World() : store(loop), transport(loop, clock) {
    manifest.name = "fake";
    store.now = [this] { return clock.wall(); };
  }
  ~World() {
    if (engine) restart_off();
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  asio::io_context loop{1};
  VirtualClock clock;
  VirtualTimers timers;
  FakeStore store;
  FakeTransport transport;
  FakeRecorder recorder;
  Manifest manifest;
  std::unique_ptr<Engine> engine;
  Restore restore = restore_event;
  std::uint64_t seed = 1;

  LaneConfig lane(const std::string& connector, std::shared_ptr<const Sink> sink,
                  const std::string& fingerprint = "1") {
    LaneConfig out;
    out.connector = connector;
    out.manifest = &manifest;
    out.sink = std::move(sink);
    out.send = std::make_shared<transport::SendOptions>();
    out.policy.retry = {Millis{1000}, Millis{60'000}, Millis{3'600'000}};
    out.owner = "owner@example.com";
    out.fingerprint = fingerprint;
    return out;
  }
  void start(std::vector<LaneConfig> lanes) {
    engine = std::make_unique<Engine>(loop.get_executor(), store, transport, clock, timers, recorder, seed, restore);
    engine->configure(std::move(lanes));
    settle_down();
  }
  /// The process dies: what is under way is lost.
  void restart_off() {
    engine.reset();
    transport.stop();
    settle_down();
    recorder.process_died();
  }
  Event event(const std::string& id, const std::string& case_id = {}) const {
    Event out;
    out.id = id;
    out.case_id = case_id;
    out.original = "{\"id\":\"" + id + "\"}";
    out.received_at = Timestamp{clock.wall(), 3};
    return out;
  }
  /// Accepted: stored and offered.
  store::Seq accept(const std::string& id, const std::vector<std::string>& connectors, const std::string& case_id = {},
                    Kind kind = Kind::alert) {
    auto fresh = std::make_shared<Event>(event(id, case_id));
    fresh->kind = kind;
    const std::shared_ptr<const Event> made = std::move(fresh);
    const auto seq = store.put(*made, connectors);
    for (const auto& connector : connectors) engine->offer(connector, seq, made);
    return seq;
  }
  void settle_down() {
    loop.restart();
    while (loop.poll() > 0) loop.restart();
  }
  [[nodiscard]] std::optional<MonoTime> next_due() const {
    auto due = timers.next_due();
    if (const auto answer = transport.next_due(); answer && (!due || *answer < *due)) due = answer;
    return due;
  }
  void run_for(std::chrono::nanoseconds time) {
    const auto end = clock.mono() + time;
    settle_down();
    for (auto due = next_due(); due && *due <= end; due = next_due()) {
      clock.advance(std::max(std::chrono::nanoseconds{0}, *due - clock.mono()));
      transport.answer_due();
      timers.fire_due(clock.mono());
      settle_down();
      ++turns;
    }
    clock.advance(end - clock.mono());
  }
  [[nodiscard]] LaneStatus status(const std::string& connector) const {
    for (auto& one : engine->status())
      if (one.connector == connector) return one;
    return {};
  }
  std::size_t turns = 0;  ///< times that something was due
};

}  // namespace wardex::deliver::test
