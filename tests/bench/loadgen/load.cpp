#include "loadgen/load.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace wardex::bench {

namespace {

using std::chrono::duration;
using std::chrono::duration_cast;
using std::chrono::steady_clock;
using Micros = std::chrono::microseconds;

constexpr auto kRetryDelay = std::chrono::milliseconds(100);
constexpr auto kReconnectDelay = std::chrono::milliseconds(20);

steady_clock::duration seconds(double count) { return duration_cast<steady_clock::duration>(duration<double>(count)); }
double in_seconds(steady_clock::duration time) { return duration<double>(time).count(); }

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto in = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return in(usage.ru_utime) + in(usage.ru_stime);
}

std::string request(const Options& options, const std::string& body) {
  const bool lines = options.format == Format::ndjson;
  std::string text = "POST " + options.path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(options.port) +
                     "\r\nContent-Type: application/" + (lines ? "x-ndjson" : "json") + "\r\n";
  if (!options.token.empty()) text += "Authorization: Bearer " + options.token + "\r\n";
  for (const auto& header : options.headers) text += header + "\r\n";
  return text + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

Load::Load(const Options& options) : options_(options), events_(options) {
  const auto protocol = options.format == Format::syslog ? Client::Protocol::stream : Client::Protocol::http;
  for (std::size_t i = 0; i < options.connections; ++i) clients_.emplace_back(protocol);
}

bool Load::more(MonoTime now) const {
  if (taken_ >= options_.events) return false;
  return options_.seconds <= 0 || now - started_ < seconds(options_.seconds);
}

/// A batch is due when its first event is.
MonoTime Load::due(std::uint64_t taken) const {
  return options_.rate > 0 ? started_ + seconds(static_cast<double>(taken) / options_.rate) : started_;
}

void Load::feed(std::size_t number, MonoTime now) {
  auto& client = clients_[number];
  if (client.waits()) {
    if (client.not_before() > now) return;
    ++resent_;
  } else {
    if (!more(now) || due(taken_) > now) return;
    auto& work = client.work();
    work.first = options_.first_sequence + taken_;
    work.count = static_cast<std::size_t>(std::min<std::uint64_t>(options_.batch, options_.events - taken_));
    work.since = options_.rate > 0 ? due(taken_) : now;
    taken_ += work.count;
    last_feed_ = now;
    std::string body;
    const auto sent_us = started_wall_us_ + duration_cast<Micros>(work.since - started_).count();
    events_.body(body, work.first, work.count, number, sent_us);
    work.bytes = options_.format == Format::syslog ? std::move(body) : request(options_, body);
  }
  ++requests_;
  bytes_ += client.work().bytes.size();
  settle(number, client.start(poller_), now);
}

void Load::settle(std::size_t number, Answer answer, MonoTime now) {
  auto& client = clients_[number];
  auto& work = client.work();
  if (answer.what == Answer::What::none) return;
  const bool good = answer.what == Answer::What::sent || (answer.status >= 200 && answer.status <= 299);
  if (answer.what != Answer::What::sent) ++statuses_[answer.status];
  if (good) {
    accepted_ += work.count;
    latency_.add(duration_cast<Micros>(now - work.since).count());
    client.finish();
  } else if (options_.retry) {
    client.try_again_at(now + kRetryDelay);
  } else {
    (answer.what == Answer::What::broken ? failed_ : rejected_) += work.count;
    client.finish();
  }
}

void Load::reconnect(std::size_t number, MonoTime now) {
  auto& client = clients_[number];
  if (client.not_before() > now) return;
  if (client.connect(options_.port, poller_, number)) {
    ++reconnects_;
    return;
  }
  client.try_again_at(now + kReconnectDelay);
}

/// As much as the client can do now. A stream has no answers to wait for: it goes on until the socket is full.
void Load::turn(std::size_t number, MonoTime now) {
  auto& client = clients_[number];
  constexpr int kMostAtOnce = 64;
  for (int i = 0; i < kMostAtOnce; ++i) {
    if (!client.connected()) reconnect(number, now);
    if (!client.connected() || client.busy()) return;
    feed(number, now);
    if (client.busy() || client.waits() || options_.format != Format::syslog) return;
  }
}

MonoTime Load::next_wake(MonoTime now) const {
  auto wake = now + std::chrono::seconds(1);
  bool idle = false;
  for (const auto& client : clients_) {
    if (client.busy()) continue;
    if (client.waits() || !client.connected()) wake = std::min(wake, client.not_before());
    idle = idle || !client.waits();
  }
  if (idle && more(now)) wake = std::min(wake, due(taken_));
  return wake;
}

void Load::run() {
  for (std::size_t i = 0; i < clients_.size(); ++i) clients_[i].connect(options_.port, poller_, i);
  started_wall_us_ = wall_us();
  started_ = last_feed_ = steady_clock::now();
  while (true) {
    auto now = steady_clock::now();
    for (std::size_t i = 0; i < clients_.size(); ++i)
      if (!clients_[i].busy()) turn(i, now);
    if (accepted_ + rejected_ + failed_ >= taken_ && !more(now)) break;
    if (!more(now) && now - last_feed_ > seconds(options_.give_up)) break;
    for (const auto& event : poller_.wait(next_wake(now))) {
      const auto number = static_cast<std::size_t>(event.data.u64);
      now = steady_clock::now();
      if (!clients_[number].connected()) continue;
      settle(number, clients_[number].go_on(poller_), now);
      if (!clients_[number].busy()) turn(number, now);
    }
  }
  ended_ = steady_clock::now();
  if (options_.format == Format::syslog)
    for (auto& client : clients_) client.close_stream();
}

nlohmann::ordered_json Load::report() const {
  const double took = in_seconds(ended_ - started_);
  nlohmann::ordered_json statuses = nlohmann::ordered_json::object();
  for (const auto& [status, count] : statuses_) statuses[status == 0 ? "none" : std::to_string(status)] = count;
  return {{"run", run_name(options_.run)},
          {"sent", taken_},
          {"accepted", accepted_},
          {"rejected", rejected_},
          {"failed", failed_},
          {"requests", requests_},
          {"resent", resent_},
          {"reconnects", reconnects_},
          {"statuses", std::move(statuses)},
          {"started_us", started_wall_us_},
          {"seconds", took},
          {"accepted_per_s", took > 0 ? static_cast<double>(accepted_) / took : 0},
          {"latency_us", latency_.json()},
          {"bytes", bytes_},
          {"cpu_s", cpu_seconds()}};
}

}  // namespace wardex::bench
