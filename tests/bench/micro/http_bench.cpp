// HTTP heads and what is read from them, at both ends.
#include <cstring>

#include "micro/measured.hpp"
#include "transport/http_wire.hpp"
#include "transport/request_reader.hpp"
#include "transport/response_reader.hpp"
#include "transport/server_message.hpp"
#include "wardex/response.hpp"

namespace wardex::bench {
namespace {

void read_request(benchmark::State& state) {
  const auto body = event_texts(1).front();
  const auto bytes =
      "POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1:8640\r\nContent-Type: application/json\r\nAuthorization: Bearer "
      "0123456789abcdef0123456789abcdef\r\nUser-Agent: control-plane/1.0\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body;
  const transport::ServerLimits limits;
  transport::RequestReader reader(limits);
  for (auto _ : state) {
    const auto room = reader.prepare();
    std::memcpy(room.data(), bytes.data(), bytes.size());
    reader.commit(bytes.size());
    if (reader.head() != transport::RequestReader::State::ready ||
        reader.body() != transport::RequestReader::State::ready)
      return state.SkipWithError("the request was not taken");
    benchmark::DoNotOptimize(reader.request());
    reader.next();
  }
  per_item(state, 1);
}
BENCHMARK(read_request)->Name("http/read a request");

void read_response(benchmark::State& state) {
  constexpr std::string_view kBytes =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Tue, 21 Apr 2026 14:22:09 GMT\r\nServer: nginx\r\n"
      "X-Request-Id: 6ad6fb2f\r\nContent-Length: 2\r\n\r\n{}";
  for (auto _ : state) {
    transport::ResponseReader reader(65536, false);
    if (reader.feed(kBytes) != transport::ResponseReader::State::done)
      return state.SkipWithError("the response was not taken");
    benchmark::DoNotOptimize(reader.take());
  }
  per_item(state, 1);
}
BENCHMARK(read_response)->Name("http/read a response");

void write_request(benchmark::State& state) {
  HttpRequest request;
  request.method = "POST";
  request.url = std::string("https://receiver.example/hooks/wardex");
  for (const auto* name : {"Content-Type", "webhook-id", "webhook-timestamp", "Idempotency-Key", "X-Wardex-Event",
                           "X-Wardex-Delivery", "X-Wardex-Attempt", "webhook-signature"})
    request.headers.push_back({name, std::string("0123456789abcdef0123456789abcdef")});
  request.body = event_texts(1).front();
  const auto url = std::get<transport::Url>(transport::parse_url("https://receiver.example/hooks/wardex"));
  for (auto _ : state) {
    benchmark::DoNotOptimize(transport::refuse_request(request));
    benchmark::DoNotOptimize(transport::request_head(request, url, {"wardex-gateway/0.1.0", {}, false}));
  }
  per_item(state, 1);
}
BENCHMARK(write_request)->Name("http/write a request's head");

void quota(benchmark::State& state, const std::vector<std::pair<std::string, std::string>>& headers) {
  HttpResponse response;
  response.status = 200;
  response.headers = headers;
  const auto now = std::chrono::system_clock::now();
  for (auto _ : state) benchmark::DoNotOptimize(read_quota(response, now));
  per_item(state, 1);
}
BENCHMARK_CAPTURE(quota, none,
                  {{"Content-Type", "application/json"}, {"Server", "nginx"}, {"X-Request-Id", "6ad6fb2f"}})
    ->Name("quota/no header speaks of it");
BENCHMARK_CAPTURE(quota, stated, {{"X-RateLimit-Remaining", "42"}, {"X-RateLimit-Reset", "1776781330"}})
    ->Name("quota/X-RateLimit");

}  // namespace
}  // namespace wardex::bench
