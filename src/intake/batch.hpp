// What became of each item of one request, from text to the answer.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "config/config.hpp"
#include "intake/events_endpoint.hpp"
#include "normalise/document.hpp"

namespace wardex::intake {

struct RejectedItem {
  std::size_t index = 0;
  std::string error;
  std::string pointer;
  bool unparsable = false;  ///< it is not even JSON
};

class Batch {
 public:
  Batch(Generation generation, std::string sender, std::string idempotency_key, WallTime now);

  /// Parses, normalises and routes the next item.
  void add(std::string_view item);

  /// How many events go on to the store.
  [[nodiscard]] std::size_t size() const { return std::max(events_.size(), taken_.size()); }
  /// Hands them over, once and for good.
  std::vector<store::NewEvent> take();
  [[nodiscard]] const std::vector<RejectedItem>& rejected() const { return rejected_; }
  [[nodiscard]] std::size_t heartbeats() const { return heartbeats_; }
  /// Only critical events go on; the others are turned away as if they had never come. True: some are left.
  bool keep_critical();
  [[nodiscard]] std::size_t turned_away() const { return turned_away_; }
  /// Items were sent and none of them was good.
  [[nodiscard]] bool all_bad() const { return !rejected_.empty() && size() == 0 && heartbeats_ == 0; }

  /// After take(): the newly stored ones, for the lanes; once.
  std::vector<AcceptedEvent> stored(const store::Accepted& accepted);
  [[nodiscard]] transport::ServerResponse answer(const store::Accepted& accepted) const;
  /// 429 with what was taken nevertheless, so that the sender may repeat the whole request: the ids are the same again.
  [[nodiscard]] transport::ServerResponse answer_partly(const store::Accepted& accepted, const std::string& why) const;
  [[nodiscard]] transport::ServerResponse refuse_all() const;

 private:
  void reject(RejectedItem item);
  /// Of the event in that place, before and after take().
  [[nodiscard]] const std::string& id(std::size_t place) const;
  [[nodiscard]] nlohmann::ordered_json ids() const;

  Generation generation_;
  normalise::Options options_;
  normalise::Document document_;
  WallTime now_;
  std::vector<store::NewEvent> events_;
  std::vector<AcceptedEvent> taken_;  // what is left of events_ after take(): their seq is not known yet
  std::vector<RejectedItem> rejected_;
  std::vector<std::optional<std::size_t>> places_;  // per item: its place in events_ or taken_
  std::size_t heartbeats_ = 0;
  std::size_t turned_away_ = 0;
};

}  // namespace wardex::intake
