// What was last stored about a case at the receiver, for cases that are not in the window any more: saves the look-up
// in the store when the next event of a busy case arrives.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "wardex/delivery.hpp"

namespace wardex::deliver {

class LinkCache {
 public:
  explicit LinkCache(std::size_t capacity = 1024) : capacity_(capacity) {}

  void put(const std::string& subject, Link link) {
    if (const auto found = index_.find(subject); found != index_.end()) {
      found->second->second = std::move(link);
      order_.splice(order_.begin(), order_, found->second);
      return;
    }
    order_.emplace_front(subject, std::move(link));
    index_.emplace(order_.front().first, order_.begin());
    if (order_.size() > capacity_) {
      index_.erase(order_.back().first);
      order_.pop_back();
    }
  }
  [[nodiscard]] const Link* find(std::string_view subject) const {
    const auto found = index_.find(subject);
    return found == index_.end() ? nullptr : &found->second->second;
  }

 private:
  using Order = std::list<std::pair<std::string, Link>>;  // most recently put first
  std::size_t capacity_;
  Order order_;
  std::unordered_map<std::string_view, Order::iterator> index_;  // keys live in order_
};

}  // namespace wardex::deliver
