// What the micro-benchmarks share: figures an item, and events as the load generator makes them.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <benchmark/benchmark.h>

#include "loadgen/events.hpp"
#include "normalise/document.hpp"
#include "wardex/delivery.hpp"

namespace wardex::bench {

/// The report shows times an iteration; runner/scenarios/micro.py divides them by this.
inline void per_item(benchmark::State& state, std::size_t items) {
  state.counters["items"] = static_cast<double>(items);
}

/// Different events, one a text.
inline std::vector<std::string> event_texts(std::size_t count, EventKind kind = EventKind::alert,
                                            std::size_t size = 500) {
  const Events events(Options{.events = count, .kind = kind, .size = size, .run = 0xBE});
  std::vector<std::string> texts(count);
  for (std::size_t i = 0; i < count; ++i) events.body(texts[i], i, 1, 0, wall_us());
  return texts;
}

inline normalise::Options normalise_options() {
  normalise::Options options;
  options.console_url = "https://console.example";
  options.origin = "bench";
  options.received_at = std::chrono::system_clock::now();
  return options;
}

inline Event event_of(std::string_view text) {
  normalise::Document document;
  if (const auto error = document.read(text, 32)) throw std::logic_error(error->message);
  return std::get<Event>(normalise::normalise(document.root(), text, normalise_options()));
}

inline std::vector<Delivery> deliveries(std::size_t count, EventKind kind = EventKind::alert) {
  std::vector<Delivery> out;
  for (const auto& text : event_texts(count, kind)) {
    Delivery delivery;
    delivery.seq = out.size() + 1;
    delivery.event = event_of(text);
    delivery.key = delivery_key("hook", delivery.event->id);
    out.push_back(std::move(delivery));
  }
  return out;
}

}  // namespace wardex::bench
