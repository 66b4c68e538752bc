// Blocking sockets for tests: a scripted TCP (or TLS) receiver, and a raw client.
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace wardex::transport::testing {

/// One connected socket, plain or TLS. Reads give up after ten seconds, so that a broken test ends.
class Conn {
 public:
  explicit Conn(int fd) : fd_(fd) {
    const timeval limit{10, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  ~Conn() { close(); }
  Conn(Conn&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)),
        ssl_(std::exchange(other.ssl_, nullptr)),
        pending_(std::move(other.pending_)) {}
  Conn(const Conn&) = delete;
  Conn& operator=(const Conn&) = delete;

  static Conn to_port(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    Conn conn(fd);
    conn.connect(port);
    return conn;
  }
  static Conn unconnected() { return Conn(::socket(AF_INET, SOCK_STREAM, 0)); }
  void connect(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) throw std::runtime_error("connect");
  }
  static Conn to_path(const std::string& path) {
    Conn conn(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    if (::connect(conn.fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("connect " + path);
    return conn;
  }

  bool handshake(SSL_CTX* context, bool server, const char* name = nullptr) {
    ssl_ = SSL_new(context);
    SSL_set_fd(ssl_, fd_);
    if (name) SSL_set_tlsext_host_name(ssl_, name);
    return (server ? SSL_accept(ssl_) : SSL_connect(ssl_)) == 1;
  }
  [[nodiscard]] std::string server_name() const {
    const char* name = ssl_ ? SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name) : nullptr;
    return name ? name : "";
  }
  [[nodiscard]] SSL* ssl() const { return ssl_; }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ssl_ ? static_cast<ssize_t>(SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())))
                             : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  /// Up to `max` more bytes; empty at the end of the stream or after ten seconds.
  std::string read_some(std::size_t max = 65536) {
    if (!pending_.empty()) return std::exchange(pending_, {});
    std::string out(max, '\0');
    const auto got = ssl_ ? static_cast<ssize_t>(SSL_read(ssl_, out.data(), static_cast<int>(max)))
                          : ::recv(fd_, out.data(), max, 0);
    out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return out;
  }
  std::string read_all() {
    std::string out;
    for (auto part = read_some(); !part.empty(); part = read_some()) out += part;
    return out;
  }
  /// Head and body (by Content-Length) of one message; what follows is kept.
  std::string read_message() {
    std::string in;
    std::size_t need = 0;
    while (true) {
      if (const auto end = in.find("\r\n\r\n"); end != std::string::npos) {
        need = end + 4;
        if (const auto at = in.find("Content-Length: "); at < end) need += std::stoul(in.substr(at + 16));
        if (in.size() >= need) break;
      }
      auto part = read_some();
      if (part.empty()) return in;
      in += part;
    }
    pending_ = in.substr(need);
    in.resize(need);
    return in;
  }
  /// The other side has closed (or reset): reading ends at once.
  bool at_end() { return read_some().empty(); }
  void shut_down_write() { ::shutdown(fd_, SHUT_WR); }
  /// RST instead of FIN.
  void reset() {
    const linger now{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ::close(std::exchange(fd_, -1));
  }
  void close() {
    if (ssl_) {
      SSL_shutdown(ssl_);
      SSL_free(ssl_);
      ssl_ = nullptr;
      ERR_clear_error();
    }
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
  SSL* ssl_ = nullptr;
  std::string pending_;
};

/// Accepts on a free loopback port; each connection runs `script` in a thread of its own.
class Peer {
 public:
  using Script = std::function<void(Conn&, int index)>;
  explicit Peer(Script script) : script_(std::move(script)) {
    fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(fd_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(fd_, 64) != 0)
      throw std::runtime_error("listen");
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept(); });
  }
  ~Peer() {
    ::shutdown(fd_, SHUT_RDWR);
    acceptor_.join();
    ::close(fd_);
    for (auto& thread : threads_) thread.join();
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url(const std::string& path = "/hook", const std::string& host = "127.0.0.1") const {
    return "http://" + host + ":" + std::to_string(port_) + path;
  }
  [[nodiscard]] int connections() const { return count_; }

 private:
  void accept() {
    for (int fd = ::accept(fd_, nullptr, nullptr); fd >= 0; fd = ::accept(fd_, nullptr, nullptr)) {
      const int index = count_++;
      threads_.emplace_back([this, fd, index] {
        Conn conn(fd);
        script_(conn, index);
      });
    }
  }
  Script script_;
  int fd_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> count_{0};
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/// What several script threads saw.
class Seen {
 public:
  void add(std::string text) {
    const std::lock_guard lock(mutex_);
    all_.push_back(std::move(text));
  }
  [[nodiscard]] std::vector<std::string> all() const {
    const std::lock_guard lock(mutex_);
    return all_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> all_;
};

inline std::string ok(std::string_view body = "ok", std::string_view headers = "") {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string(headers) + "\r\n" +
         std::string(body);
}

}  // namespace wardex::transport::testing
