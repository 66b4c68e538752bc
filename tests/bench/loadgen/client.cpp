#include "loadgen/client.hpp"

#include <sys/socket.h>

#include <array>
#include <utility>

#include "wire/message.hpp"

namespace wardex::bench {

bool Client::connect(std::uint16_t port, Poller& poller, std::uint64_t owner) {
  socket_ = connect_to(port);
  if (!socket_.open()) return false;
  owner_ = owner;
  wants_room_ = false;
  in_.clear();
  poller.add(socket_, owner_);
  return true;
}

Answer Client::start(Poller& poller) {
  busy_ = true;
  sent_ = 0;
  return write(poller);
}

Answer Client::go_on(Poller& poller) {
  if (busy_ && sent_ < work_.bytes.size()) {
    const auto answer = write(poller);
    if (answer.what != Answer::What::none) return answer;
  }
  return read();
}

Answer Client::write(Poller& poller) {
  const auto io = send_some(socket_, work_.bytes, sent_);
  if (io == Io::closed) return broken();
  if (const bool wanted = io == Io::later; wanted != wants_room_) {
    wants_room_ = wanted;
    poller.want_room(socket_, owner_, wanted);
  }
  if (io == Io::later || protocol_ == Protocol::http) return {};
  busy_ = false;
  return {Answer::What::sent, 0};
}

Answer Client::read() {
  const auto io = receive_some(socket_, in_);
  Answer answer;
  if (busy_ && protocol_ == Protocol::http) {
    if (const auto message = first_message(in_, unchunked_)) {
      answer = {Answer::What::status, message->status()};
      const bool closes = message->closes();
      in_.erase(0, message->size);
      busy_ = false;
      if (closes) socket_.close();
    }
  } else {
    in_.clear();
  }
  if (io == Io::closed && socket_.open()) {
    if (busy_) return broken();
    socket_.close();
  }
  return answer;
}

Answer Client::broken() {
  socket_.close();
  busy_ = false;
  return {Answer::What::broken, 0};
}

void Client::close_stream() {
  if (!socket_.open()) return;
  shutdown(socket_.fd(), SHUT_WR);
  std::array<char, 256> rest{};
  const timeval patience{.tv_sec = 2, .tv_usec = 0};
  setsockopt(socket_.fd(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  while (recv(socket_.fd(), rest.data(), rest.size(), 0) > 0) {
  }
  socket_.close();
}

}  // namespace wardex::bench
