// The store's state that any thread may ask for.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <utility>

#include "store/store.hpp"

namespace wardex::store::sqlite {

class Health {
 public:
  [[nodiscard]] std::optional<Error> fault() const {
    const std::lock_guard lock(mutex_);
    return fault_;
  }
  /// The first fault stays, but that a full disk may turn into something worse. False: it is that fault already.
  bool set_fault(Error error) {
    const std::lock_guard lock(mutex_);
    if (fault_ && (fault_->fault != Fault::full || error.fault == Fault::full)) return false;
    fault_ = std::move(error);
    return true;
  }
  /// False: there was something else to complain about.
  bool space_returned() {
    const std::lock_guard lock(mutex_);
    if (!fault_ || fault_->fault != Fault::full) return false;
    fault_.reset();
    return true;
  }

  /// `state` as of this commit; commits are counted here.
  void committed(std::chrono::microseconds took, const Store::Gauges& state) {
    const std::lock_guard lock(mutex_);
    const auto commits = gauges_.commits + 1;
    const auto micros = gauges_.commit_micros + static_cast<std::uint64_t>(took.count());
    gauges_ = state;
    gauges_.commits = commits;
    gauges_.commit_micros = micros;
  }
  void loaded(const Store::Gauges& state) {
    const std::lock_guard lock(mutex_);
    gauges_ = state;
  }
  [[nodiscard]] Store::Gauges gauges() const {
    const std::lock_guard lock(mutex_);
    return gauges_;
  }

  std::atomic<bool> ready{false};

 private:
  mutable std::mutex mutex_;
  std::optional<Error> fault_;
  Store::Gauges gauges_;
};

}  // namespace wardex::store::sqlite
