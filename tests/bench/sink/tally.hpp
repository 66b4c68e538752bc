// Which events arrived, how often, in which order and how late. Pure: bytes and a time in, figures out.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "wire/event_id.hpp"
#include "wire/histogram.hpp"

namespace wardex::bench {

class Tally {
 public:
  /// `once_a_request`: an id counts once in one request, for senders that write it twice (label and envelope).
  explicit Tally(bool once_a_request = false) : once_a_request_(once_a_request) {}

  /// Forgets everything and counts events of this run only; without one, of the first run that comes.
  void reset(std::optional<std::uint32_t> run);

  /// Counts every id in the body of one request (or a part of a stream), however it is wrapped. Result: how many.
  std::size_t take(std::string_view body, std::int64_t now_us);
  /// Same for a stream: how many bytes are done with; what is left may be the beginning of an id.
  std::size_t take_stream(std::string_view bytes, std::int64_t now_us);

  [[nodiscard]] std::uint64_t unique() const { return unique_; }
  [[nodiscard]] std::uint64_t events() const { return events_; }
  /// When something arrived last, new or not; 0: nothing has.
  [[nodiscard]] std::int64_t touched_us() const { return touched_us_; }

  /// `expected`: how many were sent, with sequence numbers from `first` on; what is missing of them is counted.
  [[nodiscard]] nlohmann::ordered_json json(std::uint64_t expected, std::uint64_t first) const;

 private:
  void note(const EventId& id, std::int64_t now_us);
  void note_order(const EventId& id);

  bool once_a_request_;
  std::optional<std::uint32_t> run_;
  std::vector<std::uint8_t> seen_;           ///< times, by sequence number; stops at 255
  std::vector<std::uint32_t> request_;       ///< the last request that had it; with once_a_request only
  std::vector<std::uint64_t> last_of_case_;  ///< by case: the highest sequence number so far, plus one
  std::vector<std::uint32_t> seconds_;       ///< new ones in each second since the first
  std::uint32_t requests_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t unique_ = 0;
  std::uint64_t foreign_ = 0;
  std::uint64_t unreadable_ = 0;
  std::uint64_t order_breaks_ = 0;
  std::int64_t first_us_ = 0;
  std::int64_t last_us_ = 0;  ///< of the new ones
  std::int64_t touched_us_ = 0;
  std::int64_t longest_gap_us_ = 0;
  Histogram delay_;
};

}  // namespace wardex::bench
