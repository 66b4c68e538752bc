// What became of each item of one request, from text to the answer.
#pragma once

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

  [[nodiscard]] const std::vector<store::NewEvent>& events() const { return events_; }
  [[nodiscard]] const std::vector<RejectedItem>& rejected() const { return rejected_; }
  [[nodiscard]] std::size_t heartbeats() const { return heartbeats_; }
  /// Only critical events go on; the others are turned away as if they had never come. True: some are left.
  bool keep_critical();
  [[nodiscard]] std::size_t turned_away() const { return turned_away_; }
  /// Items were sent and none of them was good.
  [[nodiscard]] bool all_bad() const { return !rejected_.empty() && events_.empty() && heartbeats_ == 0; }

  /// The newly stored ones, for the lanes.
  [[nodiscard]] std::vector<AcceptedEvent> stored(const store::Accepted& accepted) const;
  [[nodiscard]] transport::ServerResponse answer(const store::Accepted& accepted) const;
  /// 429 with what was taken nevertheless, so that the sender may repeat the whole request: the ids are the same again.
  [[nodiscard]] transport::ServerResponse answer_partly(const store::Accepted& accepted, const std::string& why) const;
  [[nodiscard]] transport::ServerResponse refuse_all() const;

 private:
  void reject(RejectedItem item);
  /// Per item in order; null for what was not taken.
  [[nodiscard]] nlohmann::ordered_json ids() const;

  Generation generation_;
  normalise::Options options_;
  normalise::Document document_;
  WallTime now_;
  std::vector<store::NewEvent> events_;
  std::vector<RejectedItem> rejected_;
  std::vector<std::optional<std::size_t>> places_;  // per item: its place in events_
  std::size_t heartbeats_ = 0;
  std::size_t turned_away_ = 0;
};

}  // namespace wardex::intake
