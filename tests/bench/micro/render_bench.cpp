// deliveries -> request bytes, by each connector.
#include <stdexcept>

#include "conformance/settings_tree.hpp"
#include "micro/measured.hpp"
#include "wardex/connector.hpp"
#include "wardex/crypto.hpp"

namespace wardex::bench {
namespace {

using nlohmann::json;
using test::secret;

std::unique_ptr<Sink> sink(const std::string& type, const json& settings) {
  Problems problems;
  auto made = find_connector(type)->make_sink(test::tree(settings), "connectors.bench", problems);
  if (!made) throw std::logic_error(type + ": " + test::describe(problems));
  return made;
}

void render(benchmark::State& state, const std::string& type, const json& settings, std::size_t count) {
  const auto connector = sink(type, settings);
  const auto batch = deliveries(count);
  const RenderContext context{std::chrono::system_clock::now(), "bench", {}};
  for (auto _ : state) benchmark::DoNotOptimize(connector->render(batch, context));
  per_item(state, count);
}

void key(benchmark::State& state) {
  const auto id = deliveries(1).front().event->id;
  for (auto _ : state) benchmark::DoNotOptimize(delivery_key("hook", id));
  per_item(state, 1);
}
BENCHMARK(key)->Name("delivery key");

void hmac(benchmark::State& state) {
  const std::string body(600, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(hmac_sha256("0123456789abcdef0123456789abcdef", body));
  per_item(state, 1);
}
BENCHMARK(hmac)->Name("HMAC-SHA256 of 600 bytes");

const bool registered = [] {
  const json hook{{"url", "https://receiver.example/hook"},
                  {"signing_secret", secret("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")}};
  auto batching = hook;
  batching["batch"] = {{"max_events", 500}};
  const json slack{{"webhook_url", secret("https://hooks.slack.com/services/T000/B000/bench")}};
  const json file{{"path", "/var/lib/wardex-gateway/events.jsonl"}};
  benchmark::RegisterBenchmark("render/webhook", render, "webhook", hook, 1);
  benchmark::RegisterBenchmark("render/webhook, 100 in a batch", render, "webhook", batching, 100);
  benchmark::RegisterBenchmark("render/slack", render, "slack", slack, 1);
  benchmark::RegisterBenchmark("render/file, 100 in a batch", render, "file", file, 100);
  return true;
}();

}  // namespace
}  // namespace wardex::bench
