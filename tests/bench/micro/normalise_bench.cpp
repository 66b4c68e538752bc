// Bytes -> document -> event, for each of Wardex's shapes and for the load generator's events.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "intake/items.hpp"
#include "micro/measured.hpp"

namespace wardex::bench {
namespace {

namespace fs = std::filesystem;

std::string slurp(const fs::path& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

void parse(benchmark::State& state, const std::string& text) {
  normalise::Document document;
  for (auto _ : state) benchmark::DoNotOptimize(document.read(text, 32));
  per_item(state, 1);
}

void normalise_only(benchmark::State& state, const std::string& text) {
  normalise::Document document;
  if (const auto error = document.read(text, 32)) throw std::logic_error(error->message);
  const auto options = normalise_options();
  for (auto _ : state) benchmark::DoNotOptimize(normalise::normalise(document.root(), text, options));
  per_item(state, 1);
}

/// What every delivery that is read from the store pays.
void restore(benchmark::State& state, const std::string& text) {
  const auto event = event_of(text);
  const auto options = normalise_options();
  for (auto _ : state) benchmark::DoNotOptimize(normalise::restore(text, event.id, event.case_id, options));
  per_item(state, 1);
}

void split(benchmark::State& state) {
  constexpr std::size_t kEvents = 100;
  std::string body;
  Events(Options{.events = kEvents, .format = Format::array, .run = 0xBE}).body(body, 0, kEvents, 0, wall_us());
  for (auto _ : state) benchmark::DoNotOptimize(intake::split_items(body, intake::Format::json, kEvents));
  per_item(state, kEvents);
}
BENCHMARK(split)->Name("split/array of 100");

const bool registered = [] {
  std::vector<std::pair<std::string, std::string>> samples{
      {"generated alert", event_texts(1).front()},
      {"generated telemetry", event_texts(1, EventKind::telemetry).front()},
      {"generated alert, 5 KiB", event_texts(1, EventKind::alert, 5120).front()}};
  for (const auto& entry : fs::directory_iterator(fs::path(WARDEX_SOURCE_DIR) / "tests" / "data"))
    if (entry.path().extension() == ".json" && entry.path().stem().extension() != ".event")
      samples.emplace_back(entry.path().stem().string(), slurp(entry.path()));
  std::sort(samples.begin() + 3, samples.end());
  for (const auto& [name, text] : samples) {
    benchmark::RegisterBenchmark(("parse/" + name).c_str(), parse, text);
    benchmark::RegisterBenchmark(("normalise/" + name).c_str(), normalise_only, text);
  }
  benchmark::RegisterBenchmark("restore/generated alert", restore, samples.front().second);
  return true;
}();

}  // namespace
}  // namespace wardex::bench
