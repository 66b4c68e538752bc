// Sockets on loopback and epoll, owned. Plain system calls, so that what is measured is not our own framework.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <sys/epoll.h>

namespace wardex::bench {

using MonoTime = std::chrono::steady_clock::time_point;

class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Socket();
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] bool open() const { return fd_ >= 0; }
  void close();

 private:
  int fd_ = -1;
};

/// Non-blocking, on 127.0.0.1; port 0 takes any free one. Throws std::system_error.
Socket listen_on(std::uint16_t port);
std::uint16_t port_of(const Socket& listener);
/// The next waiting connection, non-blocking; not open when none waits.
Socket accept_from(const Socket& listener);
/// A non-blocking connection to 127.0.0.1, made while the caller waits; not open when it is refused.
Socket connect_to(std::uint16_t port);

enum class Io { done, later, closed };
/// Sends `bytes` from `sent` on, as far as the socket takes them.
Io send_some(const Socket& socket, std::string_view bytes, std::size_t& sent);
/// Appends what has arrived to `in`, up to a few MiB at once.
Io receive_some(const Socket& socket, std::string& in);

/// Whom an event is for is a number of the owner's choosing.
class Poller {
 public:
  Poller();
  void add(const Socket& socket, std::uint64_t owner);
  /// Asks to be told as well when there is room to send, or no longer.
  void want_room(const Socket& socket, std::uint64_t owner, bool wanted);
  /// What happened, at once or before `until`; without `until` it waits as long as it takes. The span holds until the
  /// next call.
  std::span<const epoll_event> wait(std::optional<MonoTime> until);

 private:
  Socket epoll_;
  std::array<epoll_event, 256> events_{};
};

}  // namespace wardex::bench
