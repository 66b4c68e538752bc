#include "normalise/arena.hpp"

#include <algorithm>
#include <array>

namespace wardex::normalise {

namespace {

std::uint64_t prefix_of(std::string_view name) {
  std::uint64_t prefix = 0;
  const auto size = std::min(name.size(), sizeof prefix);
  for (std::size_t i = 0; i < size; ++i) prefix |= std::uint64_t{static_cast<unsigned char>(name[i])} << (56 - 8 * i);
  return prefix;
}

}  // namespace

void Arena::start(std::size_t nodes) {
  settled.clear();
  settled.reserve(nodes);
  open.clear();
  unescaped.clear();
}

std::span<const Node> Arena::settle(std::size_t from) {
  const auto start = settled.size();
  settled.insert(settled.end(), open.begin() + static_cast<std::ptrdiff_t>(from), open.end());
  open.resize(from);
  return std::span<const Node>(settled).subspan(start);
}

std::optional<std::span<const Node>> Arena::settle_sorted(std::size_t from) {
  order_.clear();
  for (auto i = from; i < open.size(); ++i) order_.push_back({prefix_of(open[i].name()), i});
  std::sort(order_.begin(), order_.end(), [this](const Place& a, const Place& b) {
    return a.prefix != b.prefix ? a.prefix < b.prefix : open[a.index].name() < open[b.index].name();
  });
  const auto start = settled.size();
  for (const auto& place : order_) {
    const auto& node = open[place.index];
    if (settled.size() > start && settled.back().name() == node.name()) return std::nullopt;
    settled.push_back(node);
  }
  open.resize(from);
  return std::span<const Node>(settled).subspan(start);
}

}  // namespace wardex::normalise
