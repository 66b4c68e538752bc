#include "sink/server.hpp"

#include <sys/epoll.h>

#include <algorithm>

#include "sink/answers.hpp"

namespace wardex::bench {

namespace {

using std::chrono::steady_clock;

constexpr std::size_t kMostBody = 256UL << 20U;

}  // namespace

Server::Server(const SinkOptions& options) : options_(options), tally_(options.once_a_request), faults_(options.seed) {
  for (const auto& [role, port] :
       {std::pair{Role::http, options.http}, {Role::syslog, options.syslog}, {Role::admin, options.admin}}) {
    auto socket = listen_on(port);
    const auto bound = port_of(socket);
    poller_.add(socket, listeners_.size());
    listeners_.push_back({role, bound, std::move(socket)});
  }
  next_peer_ = listeners_.size();  // an event's owner below that is a listener
}

nlohmann::ordered_json Server::ports() const {
  return {{"http", listeners_[0].port}, {"syslog", listeners_[1].port}, {"admin", listeners_[2].port}};
}

void Server::run() {
  while (true) {
    for (const auto& event : poller_.wait(next_wake())) {
      if (event.data.u64 < listeners_.size())
        accept_all(event.data.u64);
      else
        serve(event.data.u64, event.events);
    }
    answer_late();
    answer_waiting();
    if (up_at_ && *up_at_ <= steady_clock::now()) come_up();
  }
}

void Server::accept_all(std::size_t number) {
  const auto& listener = listeners_[number];
  if (!listener.socket.open()) return;  // went down within this turn
  while (true) {
    auto socket = accept_from(listener.socket);
    if (!socket.open()) return;
    if (listener.role != Role::admin) ++counts_.connections;
    const auto id = next_peer_++;
    poller_.add(socket, id);
    auto peer = std::make_unique<Peer>();
    peer->role = listener.role;
    peer->socket = std::move(socket);
    peers_.emplace(id, std::move(peer));
  }
}

void Server::serve(std::uint64_t id, std::uint32_t events) {
  const auto found = peers_.find(id);
  if (found == peers_.end()) return;
  auto& peer = *found->second;
  if ((events & EPOLLOUT) != 0 && !flush(id, peer)) return;
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0) return;
  const auto io = receive_some(peer.socket, peer.in);
  if (peer.role == Role::syslog) {
    const auto done = tally_.take_stream(peer.in, wall_us());
    counts_.bytes += done;
    peer.in.erase(0, done);
  } else if (!take_requests(id, peer)) {
    return;
  }
  if (io == Io::closed) drop(id);
}

bool Server::take_requests(std::uint64_t id, Peer& peer) {
  std::size_t done = 0;
  while (const auto message = first_message(std::string_view(peer.in).substr(done), unchunked_)) {
    done += message->size;
    if (peer.role == Role::admin)
      answer(id, peer, administer(id, message->target()));
    else if (!deliver(id, peer, *message))
      return false;
    if (!peers_.contains(id)) return false;  // closed by an answer that could not be sent
  }
  peer.in.erase(0, done);
  return true;
}

bool Server::deliver(std::uint64_t id, Peer& peer, const Message& message) {
  auto body = message.body;
  std::optional<std::string> plain;
  if (message.header("Content-Encoding") == "gzip") {
    plain = inflate(body, kMostBody);
    if (plain) body = *plain;
  }
  ++counts_.requests;
  counts_.bytes += message.body.size();
  peer.close_after = message.closes();
  const auto fault = faults_.draw();
  if (fault == FaultKind::hang) {
    ++counts_.hung;
    return true;
  }
  if (fault == FaultKind::status) {
    ++counts_.refused;
    answer(id, peer, failure(faults_.fault().status, faults_.fault().retry_after));
    return true;
  }
  const auto events = tally_.take(body, wall_us());
  if (fault == FaultKind::close) {
    ++counts_.lost_answers;
    counts_.events_unanswered += events;
    drop(id);
    return false;
  }
  const auto api = api_of(message.target(), !body.empty());
  const auto lines = static_cast<std::size_t>(api == Api::bulk ? std::count(body.begin(), body.end(), '\n') : 0);
  answer(id, peer, success(api, lines / 2));  // an action and a document each
  return true;
}

void Server::answer(std::uint64_t id, Peer& peer, std::string text) {
  if (text.empty()) return;
  if (options_.delay_us > 0 && peer.role == Role::http) {
    late_.emplace(steady_clock::now() + std::chrono::microseconds(options_.delay_us), std::pair{id, std::move(text)});
    return;
  }
  peer.out += text;
  flush(id, peer);
}

bool Server::flush(std::uint64_t id, Peer& peer) {
  const auto io = send_some(peer.socket, peer.out, peer.sent);
  if (io == Io::closed || (io == Io::done && peer.close_after)) {
    drop(id);
    return false;
  }
  if (const bool wanted = io == Io::later; wanted != peer.wants_room) {
    peer.wants_room = wanted;
    poller_.want_room(peer.socket, id, wanted);
  }
  if (io == Io::done) {
    peer.out.clear();
    peer.sent = 0;
  }
  return true;
}

void Server::answer_late() {
  const auto now = steady_clock::now();
  while (!late_.empty() && late_.begin()->first <= now) {
    auto [id, text] = std::move(late_.begin()->second);
    late_.erase(late_.begin());
    const auto found = peers_.find(id);
    if (found == peers_.end()) continue;
    found->second->out += text;
    flush(id, *found->second);
  }
}

std::optional<MonoTime> Server::next_wake() const {
  std::optional<MonoTime> wake = up_at_;
  if (!late_.empty() && (!wake || late_.begin()->first < *wake)) wake = late_.begin()->first;
  // Somebody waits for silence, which makes no event.
  constexpr auto kLook = std::chrono::milliseconds(10);
  if (!waiting_.empty()) {
    const auto look = steady_clock::now() + kLook;
    wake = wake ? std::min(*wake, look) : look;
  }
  if (wake && *wake == MonoTime::max()) wake.reset();
  return wake;
}

}  // namespace wardex::bench
