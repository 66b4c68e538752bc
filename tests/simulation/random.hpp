// Everything a simulation leaves to chance: the same sequence on every platform for the same seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>

namespace wardex::simulation {

/// SplitMix64 (Steele, Lea, Flood 2014): one addition and a few shifts a number, any seed is as good as another.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }
  /// In [0, n); n > 0.
  std::size_t pick(std::size_t n) { return static_cast<std::size_t>(next() % n); }
  std::size_t between(std::size_t low, std::size_t high) { return low + pick(high - low + 1); }
  bool chance(double p) { return static_cast<double>(next() >> 11U) * 0x1.0p-53 < p; }
  template <class T>
  T one_of(std::initializer_list<T> choices) {
    return *(choices.begin() + static_cast<std::ptrdiff_t>(pick(choices.size())));
  }
  template <class Container>
  auto& any(Container& container) {
    return *std::next(container.begin(), static_cast<std::ptrdiff_t>(pick(container.size())));
  }
  /// A sequence of its own, so that one more draw here changes nothing there.
  Random split() { return Random(next()); }

 private:
  std::uint64_t state_;
};

}  // namespace wardex::simulation
