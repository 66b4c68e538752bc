// JSON text -> event, as intake does it.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "normalise/document.hpp"

namespace wardex::normalise {

inline Options test_options() {
  Options options;
  options.console_url = "https://console.example/";
  options.origin = "control-plane";
  options.received_at = *from_iso("2026-04-21T15:00:00.123Z");
  return options;
}

inline Outcome read(std::string_view text, const Options& options = test_options()) {
  Document document;
  if (const auto error = document.read(text, 32)) return Rejection{"", error->message};
  return normalise(document.root(), text, options);
}

inline Event event_of(std::string_view text, const Options& options = test_options()) {
  auto outcome = read(text, options);
  if (const auto* rejection = std::get_if<Rejection>(&outcome))
    ADD_FAILURE() << text << "\nrejected at '" << rejection->pointer << "': " << rejection->reason;
  if (auto* event = std::get_if<Event>(&outcome)) return std::move(*event);
  return {};
}

inline Rejection rejection_of(std::string_view text, const Options& options = test_options()) {
  auto outcome = read(text, options);
  if (auto* rejection = std::get_if<Rejection>(&outcome)) return *rejection;
  ADD_FAILURE() << text << "\nwas not rejected";
  return {};
}

/// All of an event, for comparisons.
inline nlohmann::json whole(const Event& event) {
  auto out = to_json(event);
  out["original"] = event.original;
  return out;
}

}  // namespace wardex::normalise
