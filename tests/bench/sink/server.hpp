// The counting sink: receivers for HTTP and syslog, and a port to ask and steer it. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <nlohmann/json.hpp>

#include "sink/faults.hpp"
#include "sink/tally.hpp"
#include "wire/message.hpp"
#include "wire/socket.hpp"

namespace wardex::bench {

struct SinkOptions {
  std::uint16_t http = 0;  ///< 0: any free port
  std::uint16_t syslog = 0;
  std::uint16_t admin = 0;
  bool once_a_request = false;
  std::int64_t delay_us = 0;
  std::uint64_t seed = 1;
};

class Server {
 public:
  explicit Server(const SinkOptions& options);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// The ports that were bound.
  [[nodiscard]] nlohmann::ordered_json ports() const;
  /// For good.
  [[noreturn]] void run();

 private:
  enum class Role { http, syslog, admin };
  struct Listener {
    Role role;
    std::uint16_t port;
    Socket socket;
  };
  struct Peer {
    Role role;
    Socket socket;
    std::string in;
    std::string out;
    std::size_t sent = 0;
    bool wants_room = false;
    bool close_after = false;
  };
  /// A /wait that has not come true.
  struct Waiting {
    std::uint64_t peer;
    std::uint64_t unique;
    std::uint64_t events;
    std::int64_t idle_us;
    std::int64_t since_us;
  };
  struct Counts {
    std::uint64_t requests = 0;
    std::uint64_t refused = 0;       ///< requests answered with an injected status
    std::uint64_t lost_answers = 0;  ///< counted, then cut
    std::uint64_t events_unanswered = 0;
    std::uint64_t hung = 0;
    std::uint64_t connections = 0;
    std::uint64_t bytes = 0;
  };

  void accept_all(std::size_t listener);
  void serve(std::uint64_t id, std::uint32_t events);
  /// False: the peer is gone.
  bool flush(std::uint64_t id, Peer& peer);
  bool take_requests(std::uint64_t id, Peer& peer);
  bool deliver(std::uint64_t id, Peer& peer, const Message& message);
  void answer(std::uint64_t id, Peer& peer, std::string text);
  void answer_late();
  void answer_waiting();
  void drop(std::uint64_t id) { peers_.erase(id); }

  /// server_admin.cpp: what an admin request does, and its answer; empty: it is answered later.
  std::string administer(std::uint64_t id, std::string_view target);
  std::string wait_for(std::uint64_t id, std::string_view target);
  std::string set_fault(std::string_view target);
  [[nodiscard]] std::string statistics(std::string_view target) const;
  void go_down(double seconds);
  void come_up();
  [[nodiscard]] std::optional<MonoTime> next_wake() const;

  SinkOptions options_;
  Poller poller_;
  std::vector<Listener> listeners_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Peer>> peers_;
  std::uint64_t next_peer_;
  std::multimap<MonoTime, std::pair<std::uint64_t, std::string>> late_;  ///< delayed answers
  std::vector<Waiting> waiting_;
  std::optional<MonoTime> up_at_;  ///< down until then; max(): until told
  std::string unchunked_;
  Tally tally_;
  Faults faults_;
  Counts counts_;
};

}  // namespace wardex::bench
