// The sink's admin port: GET /stats /counts /wait /reset /fault /delay /down /up
#include <charconv>
#include <map>

#include "sink/answers.hpp"
#include "sink/server.hpp"

namespace wardex::bench {

namespace {

using std::chrono::steady_clock;

constexpr std::int64_t kMillisecond = 1000;

template <class T>
T parameter(std::string_view target, std::string_view key, T otherwise) {
  const auto text = query_parameter(target, key);
  T value{};
  if (!text || std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc{}) return otherwise;
  return value;
}

std::string error(int status, const std::string& what) {
  return json_answer(nlohmann::json{{"error", what}}.dump() + "\n", status);
}

}  // namespace

std::string Server::administer(std::uint64_t id, std::string_view target) {
  const auto path = target.substr(0, target.find('?'));
  if (path == "/stats") return statistics(target);
  if (path == "/counts")
    return json_answer(nlohmann::json{{"unique", tally_.unique()}, {"events", tally_.events()}}.dump() + "\n");
  if (path == "/wait") return wait_for(id, target);
  if (path == "/fault") return set_fault(target);
  if (path == "/reset") {
    const auto run = query_parameter(target, "run");
    if (run && !parse_run(*run)) return error(400, "run takes 8 hex digits");
    tally_.reset(run ? parse_run(*run) : std::nullopt);
    counts_ = {};
  } else if (path == "/delay") {
    options_.delay_us = parameter<std::int64_t>(target, "us", 0);
  } else if (path == "/down") {
    go_down(parameter<double>(target, "seconds", 0));
  } else if (path == "/up") {
    come_up();
  } else {
    return error(404, "there are /stats /counts /wait /reset /fault /delay /down /up");
  }
  return json_answer("{}\n");
}

std::string Server::statistics(std::string_view target) const {
  auto all = tally_.json(parameter<std::uint64_t>(target, "expected", 0), parameter<std::uint64_t>(target, "first", 0));
  all["requests"] = counts_.requests;
  all["refused"] = counts_.refused;
  all["lost_answers"] = counts_.lost_answers;
  all["events_unanswered"] = counts_.events_unanswered;
  all["hung"] = counts_.hung;
  all["connections"] = counts_.connections;
  all["bytes"] = counts_.bytes;
  return json_answer(all.dump() + "\n");
}

/// Answered when `unique` ids are there and `events` arrivals (repetitions count), or nothing has come for `idle_ms`.
std::string Server::wait_for(std::uint64_t id, std::string_view target) {
  waiting_.push_back({id, parameter<std::uint64_t>(target, "unique", 1), parameter<std::uint64_t>(target, "events", 0),
                      parameter<std::int64_t>(target, "idle_ms", 30'000) * kMillisecond, wall_us()});
  return {};
}

void Server::answer_waiting() {
  if (waiting_.empty()) return;
  const auto now = wall_us();
  std::erase_if(waiting_, [&](const Waiting& one) {
    const bool there = tally_.unique() >= one.unique && tally_.events() >= one.events;
    const bool idle = now - std::max(one.since_us, tally_.touched_us()) >= one.idle_us;
    if (!there && !idle) return false;
    if (const auto found = peers_.find(one.peer); found != peers_.end())
      answer(one.peer, *found->second,
             json_answer(nlohmann::json{{"there", there}, {"unique", tally_.unique()}}.dump() + "\n"));
    return true;
  });
}

std::string Server::set_fault(std::string_view target) {
  static const std::map<std::string_view, FaultKind> kKinds{
      {"none", FaultKind::none}, {"status", FaultKind::status}, {"close", FaultKind::close}, {"hang", FaultKind::hang}};
  const auto kind = kKinds.find(query_parameter(target, "kind").value_or("none"));
  if (kind == kKinds.end()) return error(400, "kind is none, status, close or hang");
  faults_.set({kind->second, parameter<double>(target, "share", 1.0), parameter<int>(target, "status", 503),
               std::string(query_parameter(target, "retry_after").value_or(""))});
  return json_answer("{}\n");
}

/// Nobody listens, and who was connected is not any more.
void Server::go_down(double seconds) {
  for (auto& listener : listeners_)
    if (listener.role != Role::admin) listener.socket.close();
  std::erase_if(peers_, [](const auto& one) { return one.second->role != Role::admin; });
  const auto how_long = std::chrono::duration_cast<steady_clock::duration>(std::chrono::duration<double>(seconds));
  up_at_ = seconds > 0 ? steady_clock::now() + how_long : MonoTime::max();
}

void Server::come_up() {
  up_at_.reset();
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    auto& listener = listeners_[i];
    if (listener.socket.open()) continue;
    listener.socket = listen_on(listener.port);
    poller_.add(listener.socket, i);
  }
}

}  // namespace wardex::bench
