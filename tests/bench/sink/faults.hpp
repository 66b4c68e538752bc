// What may go wrong at a receiver, on request: some share of the requests gets it, by a seeded draw.
#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace wardex::bench {

enum class FaultKind {
  none,
  status,  ///< refused with `status`, not counted
  close,   ///< counted, and the connection cut without an answer: a lost acknowledgement
  hang,    ///< not counted, and never answered
};

struct Fault {
  FaultKind kind = FaultKind::none;
  double share = 1.0;
  int status = 503;
  std::string retry_after;
};

class Faults {
 public:
  explicit Faults(std::uint64_t seed) : random_(seed) {}
  void set(Fault fault) { fault_ = std::move(fault); }
  [[nodiscard]] const Fault& fault() const { return fault_; }
  /// What happens to the next request.
  FaultKind draw() {
    if (fault_.kind == FaultKind::none) return fault_.kind;
    return std::uniform_real_distribution<>(0, 1)(random_) < fault_.share ? fault_.kind : FaultKind::none;
  }

 private:
  Fault fault_;
  std::mt19937_64 random_;
};

}  // namespace wardex::bench
