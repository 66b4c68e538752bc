#include "wire/socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <vector>

namespace wardex::bench {

namespace {

constexpr std::size_t kReadSize = 1UL << 20U;
constexpr int kReadsAtOnce = 4;  // then the others get their turn
constexpr int kBacklog = 4096;

int checked(int result, const char* doing) {
  if (result < 0) throw std::system_error(errno, std::system_category(), doing);
  return result;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void send_at_once(int fd) {
  const int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

}  // namespace

Socket::~Socket() { close(); }
void Socket::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Socket listen_on(std::uint16_t port) {
  Socket listener(checked(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket"));
  const int one = 1;
  setsockopt(listener.fd(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  const auto address = loopback(port);
  checked(bind(listener.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
  checked(listen(listener.fd(), kBacklog), "listen");
  return listener;
}

std::uint16_t port_of(const Socket& listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  checked(getsockname(listener.fd(), reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
  return ntohs(address.sin_port);
}

Socket accept_from(const Socket& listener) {
  Socket accepted(accept4(listener.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (accepted.open()) send_at_once(accepted.fd());
  return accepted;
}

Socket connect_to(std::uint16_t port) {
  Socket made(checked(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  const auto address = loopback(port);
  if (connect(made.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return {};
  send_at_once(made.fd());
  return made;
}

Io send_some(const Socket& socket, std::string_view bytes, std::size_t& sent) {
  while (sent < bytes.size()) {
    const auto size = send(socket.fd(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return errno == EAGAIN ? Io::later : Io::closed;
    sent += static_cast<std::size_t>(size);
  }
  return Io::done;
}

Io receive_some(const Socket& socket, std::string& in) {
  static std::vector<char> piece(kReadSize);  // the programs have one thread each
  for (int i = 0; i < kReadsAtOnce; ++i) {
    const auto size = recv(socket.fd(), piece.data(), piece.size(), MSG_DONTWAIT);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return errno == EAGAIN ? Io::done : Io::closed;
    if (size == 0) return Io::closed;
    in.append(piece.data(), static_cast<std::size_t>(size));
    if (static_cast<std::size_t>(size) < piece.size()) return Io::done;
  }
  return Io::done;
}

Poller::Poller() : epoll_(checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {}

void Poller::add(const Socket& socket, std::uint64_t owner) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = owner;
  checked(epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, socket.fd(), &event), "epoll_ctl");
}

void Poller::want_room(const Socket& socket, std::uint64_t owner, bool wanted) {
  epoll_event event{};
  event.events = EPOLLIN | (wanted ? EPOLLOUT : 0U);
  event.data.u64 = owner;
  checked(epoll_ctl(epoll_.fd(), EPOLL_CTL_MOD, socket.fd(), &event), "epoll_ctl");
}

std::span<const epoll_event> Poller::wait(std::optional<MonoTime> until) {
  timespec left{};
  if (until) {
    const auto nanos = std::max<std::int64_t>(
        0, std::chrono::duration_cast<std::chrono::nanoseconds>(*until - std::chrono::steady_clock::now()).count());
    left = {.tv_sec = nanos / 1'000'000'000, .tv_nsec = nanos % 1'000'000'000};
  }
  // To the nanosecond: epoll_wait() counts in milliseconds, and a pace of 5000/s has 200 us between two requests.
  const int count =
      epoll_pwait2(epoll_.fd(), events_.data(), static_cast<int>(events_.size()), until ? &left : nullptr, nullptr);
  if (count < 0 && errno != EINTR) checked(count, "epoll_pwait2");
  return {events_.data(), static_cast<std::size_t>(std::max(count, 0))};
}

}  // namespace wardex::bench
