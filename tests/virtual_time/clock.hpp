// A clock and timers whose hands are turned by the test.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "runtime/clock.hpp"
#include "runtime/timer.hpp"

namespace wardex::test {

class VirtualClock final : public runtime::Clock {
 public:
  [[nodiscard]] WallTime wall() const override { return wall_at; }
  [[nodiscard]] MonoTime mono() const override { return mono_at; }
  void advance(std::chrono::nanoseconds time) {
    mono_at += time;
    wall_at += time;
  }
  MonoTime mono_at{std::chrono::hours{1000}};
  WallTime wall_at{std::chrono::sys_days{std::chrono::year{2026} / 4 / 21}};
};

/// Timers fire in the order of their times, those of one time in the order they were armed: the same in every run.
class VirtualTimers final : public runtime::Timers {
 public:
  [[nodiscard]] std::unique_ptr<runtime::Timer> make() override { return std::make_unique<Hand>(agenda_); }

  [[nodiscard]] std::optional<MonoTime> next_due() const {
    return agenda_->entries.empty() ? std::nullopt : std::optional(agenda_->entries.begin()->first.first);
  }
  /// Fires what is due by `now`; what that arms for now or before waits for the next call.
  void fire_due(MonoTime now) {
    const auto last = agenda_->next;
    while (true) {
      auto due = agenda_->entries.begin();
      while (due != agenda_->entries.end() && due->first.first <= now && due->first.second >= last) ++due;
      if (due == agenda_->entries.end() || due->first.first > now) return;
      const auto fire = std::move(due->second);
      agenda_->entries.erase(due);
      fire();
    }
  }

 private:
  using Key = std::pair<MonoTime, std::uint64_t>;
  struct Agenda {
    std::map<Key, std::function<void()>> entries;
    std::uint64_t next = 0;
  };
  class Hand final : public runtime::Timer {
   public:
    explicit Hand(std::shared_ptr<Agenda> agenda) : agenda_(std::move(agenda)) {}
    ~Hand() override { cancel(); }
    Hand(const Hand&) = delete;
    Hand& operator=(const Hand&) = delete;
    void arm(MonoTime at, std::function<void()> fire) override {
      cancel();
      key_ = Key{at, agenda_->next++};
      agenda_->entries.emplace(*key_, std::move(fire));
    }
    void cancel() override {
      if (key_) agenda_->entries.erase(*key_);
      key_.reset();
    }

   private:
    std::shared_ptr<Agenda> agenda_;
    std::optional<Key> key_;
  };
  std::shared_ptr<Agenda> agenda_ = std::make_shared<Agenda>();
};

}  // namespace wardex::test
