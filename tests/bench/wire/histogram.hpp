// Durations by log-linear buckets: 64 to a power of two, so a percentile is at most 1.6 % low, in constant space.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include <nlohmann/json.hpp>

namespace wardex::bench {

class Histogram {
 public:
  /// Microseconds; what is negative (clocks) counts as 0.
  void add(std::int64_t micros) {
    const auto value = micros > 0 ? static_cast<std::uint64_t>(micros) : 0;
    ++buckets_[index(value)];
    ++count_;
    largest_ = std::max(largest_, value);
  }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t largest() const { return largest_; }
  /// The lower bound of the bucket in which the value of this rank (0 to 100) lies; 0 when there is none.
  [[nodiscard]] std::uint64_t percentile(double percent) const {
    if (count_ == 0) return 0;
    const auto wanted = static_cast<std::uint64_t>(percent / 100.0 * static_cast<double>(count_ - 1)) + 1;
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (seen >= wanted) return value(i);
    }
    return largest_;
  }
  [[nodiscard]] nlohmann::ordered_json json() const {
    return {{"count", count_},       {"p50", percentile(50)},    {"p90", percentile(90)},
            {"p99", percentile(99)}, {"p999", percentile(99.9)}, {"max", largest_}};
  }

 private:
  static constexpr std::uint64_t kLinear = 64;  // values below are their own bucket

  static std::size_t index(std::uint64_t value) {
    if (value < kLinear) return value;
    const auto power = static_cast<unsigned>(std::bit_width(value)) - 1;
    return (power - 5) * kLinear + ((value >> (power - 6)) & (kLinear - 1));
  }
  static std::uint64_t value(std::size_t index) {
    if (index < kLinear) return index;
    const auto power = index / kLinear + 5;
    return (kLinear + index % kLinear) << (power - 6);
  }

  std::array<std::uint64_t, 59 * kLinear> buckets_{};
  std::uint64_t count_ = 0;
  std::uint64_t largest_ = 0;
};

}  // namespace wardex::bench
