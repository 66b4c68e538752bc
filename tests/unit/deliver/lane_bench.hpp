// A lane on the bench: time by hand, items by number, verdicts by word.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "deliver/lane.hpp"

namespace wardex::deliver::test {

inline LaneRules one_by_one(std::size_t concurrency = 4) {
  LaneRules rules;
  rules.policy.concurrency = concurrency;
  rules.policy.retry = {Millis{1000}, Millis{60'000}, Millis{3'600'000}};
  return rules;
}

inline std::shared_ptr<const Event> event_of(const std::string& id, const std::string& case_id,
                                             std::size_t bytes = 10) {
  auto event = std::make_shared<Event>();
  event->id = id;
  event->case_id = case_id;
  event->original = std::string(bytes, 'x');
  return event;
}

class LaneBench {
 public:
  explicit LaneBench(const LaneRules& rules = one_by_one(), std::uint64_t seed = 1,
                     std::shared_ptr<BodyMemory> memory = std::make_shared<BodyMemory>())
      : lane(rules, seed, std::move(memory)) {}

  Lane lane;
  bool reads_bodies = true;
  MonoTime now{std::chrono::hours{1000}};
  WallTime wall{std::chrono::sys_days{std::chrono::year{2026} / 4 / 21}};

  void pass(Millis time) {
    now += time;
    wall += time;
  }
  void add(store::Seq seq, const std::string& subject, std::size_t bytes = 10) {
    NewItem item = bodiless(seq, subject);
    item.event = event_of("e" + std::to_string(seq), subject, bytes);
    ASSERT_TRUE(lane.add(std::move(item), now, wall));
  }
  /// A state of a case.
  void add_state(store::Seq seq, const std::string& subject, const std::string& fallback_to = {}) {
    NewItem item = bodiless(seq, subject);
    item.kind = Kind::case_;
    item.fallback_to = fallback_to;
    item.event = event_of("e" + std::to_string(seq), subject);
    ASSERT_TRUE(lane.add(std::move(item), now, wall));
  }
  NewItem bodiless(store::Seq seq, const std::string& subject) const {
    NewItem item;
    item.seq = seq;
    item.subject = subject;
    item.received_at = wall;
    return item;
  }
  /// The next attempt if one may start now. Plays the store for bodies that were let go, unless `reads_bodies` is off.
  std::optional<Start> start() {
    do {
      auto step = lane.next(now);
      if (auto* got = std::get_if<Start>(&step)) return std::move(*got);
    } while (reads_bodies && read_bodies());
    return std::nullopt;
  }
  /// The next attempt, whenever that is.
  std::optional<Start> start_later() {
    for (int tries = 0; tries < 10; ++tries) {
      if (auto got = start()) return got;
      if (const auto time = wait()) pass(*time);
    }
    return std::nullopt;
  }
  bool read_bodies() {
    const auto wanted = lane.wanted(8, now);
    for (const auto seq : wanted) lane.loaded(seq, event_of("e" + std::to_string(seq), "read"), std::nullopt, now);
    return !wanted.empty();
  }
  static std::vector<store::Seq> seqs(const std::optional<Start>& start) {
    std::vector<store::Seq> out;
    if (start)
      for (const auto& item : start->items) out.push_back(item.seq);
    return out;
  }
  /// Everything that may start now.
  std::vector<Start> start_all() {
    std::vector<Start> out;
    while (auto one = start()) out.push_back(std::move(*one));
    return out;
  }
  std::optional<Millis> wait() {
    auto step = lane.next(now);
    EXPECT_FALSE(std::holds_alternative<Start>(step)) << "it need not wait";
    if (const auto* until = std::get_if<WaitUntil>(&step)) return std::chrono::ceil<Millis>(until->at - now);
    return std::nullopt;
  }
  static AttemptReport report(std::size_t items, const ItemVerdict& verdict) {
    AttemptReport out;
    out.items.assign(items, verdict);
    out.requests = 1;
    out.reached = true;
    return out;
  }
  static AttemptReport connect_failed(std::size_t items) {
    auto out = report(items, Retry{"connect: refused", std::nullopt});
    out.reached = false;
    return out;
  }
  /// Finishes and settles; returns what was to be stored.
  std::vector<store::Settle> finish(const Start& start, const AttemptReport& result) {
    auto out = lane.finish(start.ticket, result, now, wall);
    lane.settled(start.ticket, now);
    return out;
  }
  std::vector<store::Settle> finish(const Start& start, const ItemVerdict& verdict) {
    return finish(start, report(start.items.size(), verdict));
  }
  /// Gets the lane out of its slow start.
  void warm_up() {
    for (store::Seq seq = 900'001; seq < 900'011; ++seq) {
      add(seq, "warm-" + std::to_string(seq));
      auto one = start();
      ASSERT_TRUE(one);
      finish(*one, Delivered{});
    }
  }
};

template <class T>
const T& as(const store::Settle& settle) {
  return std::get<T>(settle.what);
}

}  // namespace wardex::deliver::test
