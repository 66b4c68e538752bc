// The run: connections with one request under way each, either as fast as answers come or at a pace.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include <nlohmann/json.hpp>

#include "loadgen/client.hpp"
#include "loadgen/events.hpp"
#include "loadgen/options.hpp"
#include "wire/histogram.hpp"
#include "wire/socket.hpp"

namespace wardex::bench {

class Load {
 public:
  explicit Load(const Options& options);
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  /// Until everything that was sent is answered, or it is given up.
  void run();
  [[nodiscard]] nlohmann::ordered_json report() const;
  /// Every event that was sent has been accepted.
  [[nodiscard]] bool complete() const { return accepted_ == taken_; }

 private:
  /// Gives the client what it is to send next, if there is something and it is due.
  void feed(std::size_t number, MonoTime now);
  void reconnect(std::size_t number, MonoTime now);
  void turn(std::size_t number, MonoTime now);
  void settle(std::size_t number, Answer answer, MonoTime now);
  [[nodiscard]] bool more(MonoTime now) const;
  [[nodiscard]] MonoTime due(std::uint64_t taken) const;
  [[nodiscard]] MonoTime next_wake(MonoTime now) const;

  Options options_;
  Events events_;
  Poller poller_;
  std::vector<Client> clients_;
  MonoTime started_{};
  std::int64_t started_wall_us_ = 0;
  MonoTime last_feed_{};
  MonoTime ended_{};

  std::uint64_t taken_ = 0;
  std::uint64_t accepted_ = 0;
  std::uint64_t rejected_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t resent_ = 0;
  std::uint64_t requests_ = 0;
  std::uint64_t reconnects_ = 0;
  std::uint64_t bytes_ = 0;
  std::map<int, std::uint64_t> statuses_;
  Histogram latency_;
};

}  // namespace wardex::bench
