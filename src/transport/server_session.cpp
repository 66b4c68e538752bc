#include "transport/server_session.hpp"

#include <array>
#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/post.hpp>

#include "runtime/log.hpp"
#include "transport/http_wire.hpp"
#include "transport/request_reader.hpp"
#include "transport/server_message.hpp"
#include "wardex/text.hpp"

namespace wardex::transport {

namespace {

using Clock = std::chrono::steady_clock;
using State = RequestReader::State;

constexpr Millis kLingerTime{1000};
/// A client that sends all of its body before it reads (most do) still gets its 413 if the body is not beyond this.
constexpr std::size_t kLingerBytes = 32UL * 1024UL * 1024UL;
/// A reader slower than this is no longer waited for: 64 KiB/s beyond the body timeout.
constexpr std::size_t kLeastBytesPerMilli = 64;

ServerResponse refusal(const Violation& why) {
  auto response = problem(why.status, reason_phrase(why.status), why.why);
  if (why.status == 405) response.headers.emplace_back("Allow", "GET, HEAD, POST, PUT, DELETE");
  return response;
}

class Session {
 public:
  Session(std::shared_ptr<ServerCore> core, std::shared_ptr<Connection> connection)
      : core_(std::move(core)), connection_(std::move(connection)), reader_(core_->limits) {}

  asio::awaitable<void> run();

 private:
  enum class Read { data, ended, timed_out };

  asio::awaitable<bool> handshake();
  asio::awaitable<bool> serve_one();
  asio::awaitable<State> read_head(bool& timed_out);
  asio::awaitable<State> read_body(bool& timed_out);
  asio::awaitable<ServerResponse> answer();
  asio::awaitable<Read> read(MonoTime by);
  asio::awaitable<bool> write(std::string head, std::string body);
  asio::awaitable<bool> respond(ServerResponse response, bool keep_alive);
  /// Answers, then closes without a reset that could overtake the answer.
  asio::awaitable<void> refuse(ServerResponse response);
  asio::awaitable<void> linger();
  [[nodiscard]] std::optional<ServerResponse> check_header();
  /// A fresh deadline: `cancel` ends the operation under way, and the connection can still be told why.
  std::unique_ptr<runtime::Deadline> bound(MonoTime by);

  std::shared_ptr<ServerCore> core_;
  std::shared_ptr<Connection> connection_;
  RequestReader reader_;
  std::vector<std::string> client_names_;
  bool first_ = true;
  bool head_request_ = false;
  bool http10_ = false;
};

std::unique_ptr<runtime::Deadline> Session::bound(MonoTime by) {
  auto deadline = std::make_unique<runtime::Deadline>(core_->executor);
  deadline->on_expiry([stream = connection_->stream] { stream->cancel(); });
  deadline->expire_at(by);
  return deadline;
}

asio::awaitable<Session::Read> Session::read(MonoTime by) {
  const auto deadline = bound(by);
  const auto into = reader_.prepare();
  const auto result = co_await connection_->stream->read_some(into);
  reader_.commit(result.bytes);
  if (result.bytes > 0) co_return Read::data;
  co_return deadline->expired() ? Read::timed_out : Read::ended;
}

asio::awaitable<bool> Session::write(std::string head, std::string body) {
  const auto size = head.size() + body.size();
  const auto deadline =
      bound(Clock::now() + core_->limits.body_timeout + Millis{static_cast<Millis::rep>(size / kLeastBytesPerMilli)});
  const WriteBuffers buffers{asio::buffer(head), asio::buffer(body)};
  const auto written = co_await connection_->stream->write(buffers);
  co_return !written.error;
}

asio::awaitable<bool> Session::respond(ServerResponse response, bool keep_alive) {
  const ResponseFraming framing{.keep_alive = keep_alive, .http10 = http10_};
  auto head = response_head(response, framing);
  if (!head) {
    log::error("http.bad_response_header", "a handler set a response header that cannot be sent",
               {{"status", response.status}});
    response = problem(500, reason_phrase(500), "");
    head = response_head(response, framing);
  }
  const bool bodiless = head_request_ || !may_have_body(response.status);
  auto body = bodiless ? std::string() : std::move(response.body);
  const bool written = co_await write(std::move(*head), std::move(body));
  co_return written;
}

asio::awaitable<void> Session::refuse(ServerResponse response) {
  const bool written = co_await respond(std::move(response), false);
  if (written) co_await linger();
}

asio::awaitable<void> Session::linger() {
  // Closing with unread input makes the kernel send RST, and the client may lose our answer (RFC 9112 9.6).
  const auto deadline = bound(Clock::now() + kLingerTime);
  co_await connection_->stream->finish();
  std::array<char, 16384> bytes;  // NOLINT: discarded
  std::size_t seen = 0;
  while (seen < kLingerBytes && !deadline->expired()) {
    const auto into = asio::buffer(bytes);
    const auto result = co_await connection_->stream->read_some(into);
    if (result.error) break;
    seen += result.bytes;
  }
}

asio::awaitable<bool> Session::handshake() {
  if (!connection_->tls) co_return true;
  const auto deadline = bound(Clock::now() + core_->limits.header_timeout);
  connection_->waiting = true;
  const auto result = co_await connection_->tls->handshake();
  connection_->waiting = false;
  if (result.ok() && !deadline->expired()) {
    client_names_ = connection_->tls->peer_names();
    co_return true;
  }
  // ASVS 16.3.4 wants TLS failures logged; port scanners make too many of them for more than "debug".
  log::debug("http.handshake_failed", "TLS handshake with a client failed",
             {{"peer", connection_->peer}, {"error", deadline->expired() ? "timed out" : result.reason}});
  co_return false;
}

asio::awaitable<State> Session::read_head(bool& timed_out) {
  const auto& limits = core_->limits;
  auto state = reader_.head();
  bool begun = reader_.buffered() > 0;
  auto by = Clock::now() + (begun || first_ ? limits.header_timeout : limits.idle_timeout);
  while (state == State::more) {
    if (!begun && core_->draining) co_return state;
    connection_->waiting = !begun;
    const auto got = co_await read(by);
    connection_->waiting = false;
    if (got != Read::data) {
      timed_out = got == Read::timed_out && begun;
      co_return state;
    }
    if (!begun) {
      begun = true;
      by = Clock::now() + limits.header_timeout;
    }
    state = reader_.head();
  }
  co_return state;
}

asio::awaitable<State> Session::read_body(bool& timed_out) {
  const auto by = Clock::now() + core_->limits.body_timeout;
  auto state = reader_.body();
  while (state == State::more) {
    const auto got = co_await read(by);
    if (got != Read::data) {
      timed_out = got == Read::timed_out;
      co_return state;
    }
    state = reader_.body();
  }
  co_return state;
}

std::optional<ServerResponse> Session::check_header() {
  auto& request = reader_.request();
  request.peer = connection_->peer;
  request.local_socket = connection_->local_socket;
  request.client_names = client_names_;
  try {
    if (core_->check)
      if (auto refused = core_->check(request)) return refused;
  } catch (const std::exception& error) {
    log::error("http.handler_failed", "a header check ended with an exception", {{"error", error.what()}});
    return problem(500, reason_phrase(500), "");
  }
  if (reader_.declared_too_large())
    return problem(413, reason_phrase(413),
                   "the body may have at most " + std::to_string(core_->limits.body_bytes) + " bytes");
  if (const auto expect = request.header("Expect"); !expect.empty() && !text::iequals(expect, "100-continue"))
    return problem(417, reason_phrase(417), "the only expectation met here is 100-continue");
  return std::nullopt;
}

asio::awaitable<ServerResponse> Session::answer() {
  std::string broken;
  try {
    auto request = std::move(reader_.request());
    auto task = core_->handler(std::move(request));
    auto response = co_await std::move(task);
    co_return response;
  } catch (const std::exception& error) {
    broken = error.what();
  }
  log::error("http.handler_failed", "a request handler ended with an exception", {{"error", broken}});
  co_return problem(500, reason_phrase(500), "");
}

/// True: the connection carries on.
asio::awaitable<bool> Session::serve_one() {
  head_request_ = false;
  http10_ = false;
  bool timed_out = false;
  auto state = co_await read_head(timed_out);
  first_ = false;
  if (state == State::refused || timed_out) {
    ++core_->stats.bad_requests;
    auto response = timed_out ? problem(408, reason_phrase(408), "the header did not arrive in time")
                              : refusal(reader_.violation());
    co_await refuse(std::move(response));
    co_return false;
  }
  if (state == State::more) co_return false;

  ++core_->stats.requests;
  head_request_ = reader_.request().method == "HEAD";
  http10_ = reader_.http10();
  if (auto refused = check_header()) {
    co_await refuse(std::move(*refused));
    co_return false;
  }
  // RFC 9110 10.1.1: not from HTTP/1.0 clients, and needless once the body is on its way.
  if (reader_.has_body() && reader_.request().has_header("Expect") && !http10_ && reader_.buffered() == 0) {
    const bool written = co_await write("HTTP/1.1 100 Continue\r\n\r\n", std::string());
    if (!written) co_return false;
  }
  state = co_await read_body(timed_out);
  if (state == State::refused || timed_out) {
    ++core_->stats.bad_requests;
    auto response =
        timed_out ? problem(408, reason_phrase(408), "the body did not arrive in time") : refusal(reader_.violation());
    co_await refuse(std::move(response));
    co_return false;
  }
  if (state == State::more) co_return false;

  auto response = co_await answer();
  const bool keep_alive = reader_.keep_alive() && !core_->draining;
  const bool written = co_await respond(std::move(response), keep_alive);
  if (written && !keep_alive) co_await linger();
  reader_.next();
  co_return written&& keep_alive;
}

asio::awaitable<void> Session::run() {
  bool open = co_await handshake();
  while (open) open = co_await serve_one();
}

/// The registration, however the coroutine ends.
class Presence {
 public:
  Presence(std::shared_ptr<ServerCore> core, std::shared_ptr<Connection> connection, std::string key)
      : core_(std::move(core)), connection_(std::move(connection)), key_(std::move(key)) {}
  ~Presence() {
    connection_->stream->close();
    core_->leave(connection_, key_);
  }
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;

 private:
  std::shared_ptr<ServerCore> core_;
  std::shared_ptr<Connection> connection_;
  std::string key_;
};

}  // namespace

void ServerCore::enter(const std::shared_ptr<Connection>& connection, const std::string& address_key) {
  connections.insert(connection);
  if (!address_key.empty()) ++per_address[address_key];
  ++stats.accepted;
  stats.connections = connections.size();
}

void ServerCore::leave(const std::shared_ptr<Connection>& connection, const std::string& address_key) {
  connections.erase(connection);
  if (const auto found = per_address.find(address_key); found != per_address.end() && --found->second == 0)
    per_address.erase(found);
  stats.connections = connections.size();
  if (draining && connections.empty() && drained) asio::post(executor, std::exchange(drained, nullptr));
}

asio::awaitable<void> serve(std::shared_ptr<ServerCore> core, std::shared_ptr<Connection> connection,
                            std::string address_key) {
  const Presence presence(core, connection, std::move(address_key));
  Session session(std::move(core), std::move(connection));
  co_await session.run();
}

}  // namespace wardex::transport
