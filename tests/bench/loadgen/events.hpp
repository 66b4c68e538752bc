// Events in the words of the integration guide, of a size that is asked for, each with an id of its own. The texts are
// made once; an event is then two or three copies.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "loadgen/options.hpp"
#include "wire/event_id.hpp"

namespace wardex::bench {

class Events {
 public:
  explicit Events(const Options& options);

  /// The body of one request: `count` events from sequence number `first` on, by connection number `connection`. Each
  /// case belongs to one connection, for only there the order of sending is an order.
  void body(std::string& out, std::uint64_t first, std::size_t count, std::size_t connection,
            std::int64_t sent_us) const;

  [[nodiscard]] std::uint32_t case_of(std::uint64_t sequence, std::size_t connection) const;

 private:
  /// What stands before the id, between it and the case's digits (or the end, when it has no case), and after them.
  struct Text {
    std::string head;
    std::string middle;
    std::string tail;
  };
  void append(std::string& out, const EventId& id) const;

  Options options_;
  std::vector<Text> with_case_;
  std::vector<Text> without_case_;
};

}  // namespace wardex::bench
