// A lane with its I/O: one timer, the attempts under way, what is being read from and written to the store.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "deliver/attempt.hpp"
#include "deliver/backlog.hpp"
#include "deliver/engine.hpp"
#include "deliver/flight_recorder.hpp"
#include "deliver/handover.hpp"
#include "deliver/lane.hpp"
#include "deliver/lane_stats.hpp"
#include "runtime/timer.hpp"

namespace wardex::deliver {

/// What all lanes share.
struct Surroundings {
  asio::any_io_executor executor;
  store::Store& store;
  transport::Transport& transport;
  const runtime::Clock& clock;
  runtime::Timers& timers;
  FlightRecorder& flights;
  Restore restore;
  WallTime started_at{};
  MonoTime started{};
  bool lost_track = false;  ///< the last process may have had anything under way: its recorder is not complete
  std::function<void()> quieter = {};  ///< an attempt has ended
  std::function<void(std::vector<std::pair<std::string, store::Pending>>)> handed_over =
      {};  ///< to the fallbacks' lanes
  /// One event that was under way when a process died is tried at a time, in all lanes: the next death then tells.
  std::shared_ptr<bool> suspect_under_way = std::make_shared<bool>(false);
  std::function<void()> suspect_landed = {};
  std::shared_ptr<BodyMemory> bodies = std::make_shared<BodyMemory>();
};

class LaneRunner : public std::enable_shared_from_this<LaneRunner> {
 public:
  LaneRunner(std::shared_ptr<const Surroundings> around, LaneConfig config, std::uint64_t seed);

  void configure(LaneConfig config);
  void stop();
  /// Nothing more is ever done unless something is under way.
  void drain();
  /// Not to be confused with it: what an operator says.
  void hold(std::optional<Hold> hold);
  /// The engine is gone: touch nothing any more.
  void abandon();

  void offer(store::Seq seq, std::shared_ptr<const Event> event);
  void offer_again(store::Pending pending);
  /// Another event that was under way when a process died may be tried now.
  void suspect_landed() {
    if (lane_.has_suspects()) pump_soon();
  }
  /// Does what is due. Cheap when nothing is.
  void pump();

  [[nodiscard]] const LaneConfig& config() const { return config_; }
  [[nodiscard]] bool stopped() const { return stopped_; }
  [[nodiscard]] bool quiet() const { return lane_.quiet(); }
  [[nodiscard]] LaneStatus status() const;

 private:
  /// What is to be stored of a ticket; kept until it is, however long the store fails.
  struct Settlement {
    Ticket ticket = 0;
    std::vector<store::Settle> settled;
    std::vector<store::AuditRecord> audit;
    unsigned refusals = 0;
    std::vector<FlightRecorder::Place> flights;
  };
  using Bodies = std::vector<std::pair<store::StoredEvent, std::optional<Link>>>;

  [[nodiscard]] MonoTime now() const { return around_->clock.mono(); }
  [[nodiscard]] bool store_fails() const { return !unsettled_.empty() || around_->store.fault().has_value(); }
  void pump_soon();
  void pump_failing_store();
  void arm(std::optional<MonoTime> at);
  void add(store::Pending row);

  void begin(Start start);
  static asio::awaitable<void> run(std::shared_ptr<LaneRunner> self, std::shared_ptr<const Start> start,
                                   std::shared_ptr<const AttemptInput> input,
                                   std::vector<FlightRecorder::Place> flights);
  void finished(const Start& start, const AttemptReport& report, std::vector<FlightRecorder::Place> flights);
  void settle(std::shared_ptr<Settlement> settlement);
  void on_settled(const std::shared_ptr<Settlement>& settlement, const store::Result<store::Settled>& result);

  void look_for_handovers();
  void hand_over(const std::vector<store::Pending>& page);
  [[nodiscard]] Millis age(const store::Pending& row) const;

  void read_more();
  void on_page(std::size_t limit, store::Result<std::vector<store::Pending>> page);
  void on_bodies(const std::vector<store::Seq>& seqs, store::Result<Bodies> bodies);
  void bodies_failed(const std::vector<store::Seq>& seqs, const store::Error& error);
  void take_body(const store::StoredEvent& stored, std::optional<Link> link);
  [[nodiscard]] LaneState state() const;
  void announce();

  std::shared_ptr<const Surroundings> around_;
  LaneConfig config_;
  Lane lane_;
  Backlog backlog_;
  Handover handover_;
  LaneStats stats_;
  std::unique_ptr<runtime::Timer> timer_;
  std::optional<MonoTime> armed_;
  bool pump_posted_ = false;
  bool draining_ = false;
  bool stopped_ = false;
  bool abandoned_ = false;
  std::deque<std::shared_ptr<Settlement>> unsettled_;  // the store refused them; oldest first
  std::optional<MonoTime> store_retry_at_;
  bool told_unsettled_ = false;
  bool fetching_ = false;
  std::size_t chunk_;  // bodies to read at once
  std::optional<MonoTime> read_again_at_;
  LaneState announced_ = LaneState::idle;
};

}  // namespace wardex::deliver
