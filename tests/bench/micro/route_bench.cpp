// event -> connectors, by so many rules of which none but the matrix decides.
#include <stdexcept>

#include "config/config.hpp"
#include "micro/measured.hpp"
#include "route/router.hpp"

namespace wardex::bench {
namespace {

std::shared_ptr<const route::Router> router(std::int64_t rules) {
  std::string yaml =
      "intake: {auth: none}\n"
      "connectors: {hook: {type: file, path: /tmp/hook}, other: {type: file, path: /tmp/other}}\n"
      "matrix: {critical: hook, high: hook, medium: hook, low: hook, info: hook}\n"
      "routes:\n";
  for (std::int64_t i = 0; i < rules; ++i)
    yaml += "  - {name: rule " + std::to_string(i) + ", match: {severity: '>=low', rule: no-such-rule-" +
            std::to_string(i) + "}, to: [other], continue: true}\n";
  config::SecretSources sources;
  sources.env = [](std::string_view) { return std::optional<std::string>(); };
  const auto loaded = config::load_text(yaml, "bench.yaml", sources);
  if (!loaded.config) throw std::logic_error(loaded.problems.all().front().str());
  Problems problems;
  return route::Router::compile(*loaded.config, problems);
}

void decide(benchmark::State& state) {
  const auto table = router(state.range(0));
  std::vector<Event> events;
  for (const auto& text : event_texts(64)) events.push_back(event_of(text));
  const auto now = std::chrono::system_clock::now();
  std::size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(table->decide(events[next++ % events.size()], now));
  per_item(state, 1);
}
BENCHMARK(decide)->Name("route/rules")->Arg(0)->Arg(10)->Arg(1000);

}  // namespace
}  // namespace wardex::bench
