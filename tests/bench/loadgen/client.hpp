// One connection to the system under test, with one request under way at most.
#pragma once

#include <cstdint>
#include <string>

#include "wire/socket.hpp"

namespace wardex::bench {

/// One request's events, kept until they are accepted: a repetition carries the same ids.
struct Work {
  std::uint64_t first = 0;
  std::size_t count = 0;
  MonoTime since{};  ///< when it was meant to be sent: what latency counts from
  std::string bytes;
};

struct Answer {
  enum class What { none, status, sent, broken } what = What::none;
  int status = 0;
};

class Client {
 public:
  enum class Protocol { http, stream };
  explicit Client(Protocol protocol) : protocol_(protocol) {}

  /// False: nobody listens.
  bool connect(std::uint16_t port, Poller& poller, std::uint64_t owner);
  [[nodiscard]] bool connected() const { return socket_.open(); }
  [[nodiscard]] bool busy() const { return busy_; }
  /// Between two tries: has work, but is not sending it.
  [[nodiscard]] bool waits() const { return !busy_ && work_.count > 0; }
  [[nodiscard]] MonoTime not_before() const { return not_before_; }

  [[nodiscard]] Work& work() { return work_; }
  [[nodiscard]] const Work& work() const { return work_; }
  /// Begins to send work(). In a stream the answer is that it is all written.
  Answer start(Poller& poller);
  /// After the socket said that something is possible.
  Answer go_on(Poller& poller);

  void finish() { work_.count = 0; }
  void try_again_at(MonoTime at) { not_before_ = at; }
  /// Ends a stream so that the other side reads all of it.
  void close_stream();

 private:
  Answer write(Poller& poller);
  Answer read();
  Answer broken();

  Protocol protocol_;
  Socket socket_;
  std::uint64_t owner_ = 0;
  bool busy_ = false;
  bool wants_room_ = false;
  Work work_;
  std::size_t sent_ = 0;
  std::string in_;
  std::string unchunked_;
  MonoTime not_before_{};
};

}  // namespace wardex::bench
