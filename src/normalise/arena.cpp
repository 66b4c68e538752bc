#include "normalise/arena.hpp"

#include <algorithm>

namespace wardex::normalise {

namespace {

/// Four bytes as a number that sorts as they do.
std::uint64_t four(const char* from) {
  std::uint64_t out = 0;
  for (int i = 0; i < 4; ++i) out = out << 8U | static_cast<unsigned char>(from[i]);
  return out;
}

/// The first eight bytes, zeros behind what is shorter.
std::uint64_t prefix_of(std::string_view name) {
  const auto size = name.size();
  if (size >= 8) return four(name.data()) << 32U | four(name.data() + 4);
  // Two fours that overlap: where they do they agree.
  if (size >= 4) return four(name.data()) << 32U | four(name.data() + size - 4) << (64 - 8 * size);
  std::uint64_t out = 0;
  for (const char c : name) out = out << 8U | static_cast<unsigned char>(c);
  return size == 0 ? 0 : out << (64 - 8 * size);
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
