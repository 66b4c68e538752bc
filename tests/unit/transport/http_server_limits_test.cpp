// Hostile and unlucky clients, and the server's own life: limits, descriptors, drain, binding.
#include <sys/resource.h>
#include <sys/stat.h>

#include <fstream>
#include <system_error>

#include "server_fixture.hpp"
#include "temp_dir.hpp"

namespace wardex::transport {
namespace {

using testing::Conn;
using testing::echo;
using testing::HttpServerTest;
using testing::kGet;
using testing::kGetClose;

struct Bad {
  const char* name;
  std::string bytes;
  int status;
};

TEST_F(HttpServerTest, SmugglingShapesAreRefusedAndTheConnectionCloses) {
  listen();
  const std::vector<Bad> table = {
      {"te_cl", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n", 400},
      {"cl_te_other", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: x\r\n\r\nabcd", 400},
      {"te_10", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"te_last_not_chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", 501},
      {"bare_lf", "GET / HTTP/1.1\nHost: a\n\n", 400},
      {"obs_fold", "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", 400},
      {"no_host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"connect", "CONNECT b:443 HTTP/1.1\r\nHost: b\r\n\r\n", 405},
      {"bad_escape", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"nul_escape", "GET /a%00b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"chunk_size_junk", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400},
      {"chunk_bare_lf", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n", 400},
      {"chunk_ext_bare_lf", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;a\nabc\r\n0\r\n\r\n",
       400},
      {"chunk_size_overflow", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
       400},
      {"chunk_size_plus", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n",
       400},
      {"chunk_size_0x", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n", 400},
      {"chunk_no_crlf_after_data",
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcXX0\r\n\r\n", 400},
      {"endless_chunk_extension",
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;" + std::string(20000, 'x'), 400},
      {"header_too_large", "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(9000, 'x') + "\r\n\r\n", 431},
      {"endless_header_line", "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(9000, 'x'), 431},
      {"tls_hello", "\x16\x03\x01\r\n\r\n", 400},
  };
  for (const auto& [name, bytes, expected] : table) {
    const auto answer = exchange(bytes + kGet);
    EXPECT_EQ(status(answer), expected) << name << "\n" << answer;
    EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos) << name;
    EXPECT_NE(answer.find("Content-Type: application/problem+json\r\n"), std::string::npos) << name;
    EXPECT_EQ(answer.find("HTTP/1.1", 9), std::string::npos) << name << ": the rest was taken for a request";
  }
  EXPECT_EQ(stats().bad_requests, table.size());
}

TEST_F(HttpServerTest, SlowHeadersSlowBodiesAndIdleConnections) {
  ServerOptions options{.host = "127.0.0.1"};
  options.limits.header_timeout = Millis{60};
  options.limits.body_timeout = Millis{60};
  options.limits.idle_timeout = Millis{60};
  listen(options);
  auto silent = connect();
  auto header = connect();
  auto body_conn = connect();
  auto idle = connect();
  header.send("GET / HTTP/1.1\r\nHos");
  body_conn.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nab");
  idle.send(kGet);
  EXPECT_EQ(status(header.read_all()), 408);
  EXPECT_EQ(status(body_conn.read_all()), 408);
  EXPECT_EQ(status(idle.read_message()), 200);
  EXPECT_EQ(idle.read_all(), "");
  EXPECT_EQ(silent.read_all(), "");
}

TEST_F(HttpServerTest, ADrippingClientIsCutThoughEveryByteIsInTime) {
  ServerOptions options{.host = "127.0.0.1"};
  options.limits.header_timeout = Millis{100};
  listen(options);
  auto conn = connect();
  const auto start = std::chrono::steady_clock::now();
  pollfd nothing{-1, 0, 0};
  while (conn.send("X") && std::chrono::steady_clock::now() - start < Millis{3000}) poll(&nothing, 1, 5);
  EXPECT_LT(std::chrono::steady_clock::now() - start, Millis{3000});
}

TEST_F(HttpServerTest, ConnectionCaps) {
  ServerOptions options{.host = "127.0.0.1"};
  options.limits.connections_per_address = 2;
  listen(options);
  auto one = connect();
  auto two = connect();
  one.send(kGet);
  two.send(kGet);
  EXPECT_EQ(status(one.read_message()), 200);
  EXPECT_EQ(status(two.read_message()), 200);
  const auto refused = connect().read_all();
  EXPECT_EQ(status(refused), 503);
  EXPECT_NE(refused.find("Retry-After: 5\r\n"), std::string::npos);
  EXPECT_EQ(stats().refused, 1U);
  one.close();
  while (stats().connections > 1) std::this_thread::yield();
  EXPECT_EQ(status(exchange(kGetClose)), 200);
}

TEST_F(HttpServerTest, SurvivesRunningOutOfDescriptors) {
  std::promise<void> starved;
  bool told = false;
  log::redirect([&](std::string_view line) {
    if (line.find("http.accept_failed") != std::string_view::npos && !std::exchange(told, true)) starved.set_value();
  });
  // UBSan checks a vptr by way of a pipe when it first meets it: not while there are no descriptors.
  log::error("test.warm_up", "");
  listen();
  const auto port = server_->port();
  auto conn = Conn::unconnected();
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const rlimit none{3, before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none);
  conn.connect(port);
  starved.get_future().wait();
  setrlimit(RLIMIT_NOFILE, &before);
  conn.send(kGet);
  EXPECT_EQ(status(conn.read_message()), 200);
  log::redirect(nullptr);
}

TEST_F(HttpServerTest, DrainAnswersWhatIsUnderWayAndCallsBack) {
  listen();
  auto idle = connect();
  idle.send(kGet);
  EXPECT_EQ(status(idle.read_message()), 200);
  auto busy = connect();
  busy.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n" + kGet);
  echo_.entered->get_future().wait();
  std::promise<void> drained;
  on_loop([&] { server_->drain([&] { drained.set_value(); }); });
  EXPECT_TRUE(idle.at_end());
  EXPECT_THROW(connect(), std::runtime_error);
  on_loop([&] { echo_.resume(); });
  const auto answer = busy.read_message();
  EXPECT_EQ(status(answer), 200);
  EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(busy.at_end());  // the pipelined second request is not begun
  busy.close();
  drained.get_future().wait();
  EXPECT_EQ(stats().connections, 0U);
}

TEST_F(HttpServerTest, DrainOfAQuietServerCallsBackAtOnce) {
  listen();
  std::promise<void> drained;
  on_loop([&] { server_->drain([&] { drained.set_value(); }); });
  drained.get_future().wait();
}

TEST_F(HttpServerTest, StopClosesEverything) {
  listen();
  auto conn = connect();
  conn.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
  echo_.entered->get_future().wait();
  on_loop([&] { server_->stop(); });
  EXPECT_TRUE(conn.at_end());
  on_loop([&] { echo_.resume(); });
}

TEST_F(HttpServerTest, UnixSocketIsPrivateAndTakesOverALeftover) {
  const testing::TempDir dir;
  const auto path = (dir / "gateway.sock").string();
  listen({.unix_path = path});
  struct stat file {};
  ASSERT_EQ(stat(path.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777U, 0600U);
  EXPECT_EQ(server_->port(), 0);
  auto conn = Conn::to_path(path);
  conn.send(kGet);
  const auto json = body(conn.read_message());
  EXPECT_EQ(json["peer"], "unix");
  EXPECT_EQ(json["local"], true);

  // A second gateway must not take it from a living one, nor remove it.
  asio::io_context other;
  const auto handler = [this](ServerRequest request) { return echo(&echo_, std::move(request)); };
  try {
    (void)HttpServer::listen(other.get_executor(), {.unix_path = path}, nullptr, handler);
    FAIL();
  } catch (const std::system_error& error) {
    EXPECT_NE(std::string(error.what()).find("is another gateway running?"), std::string::npos) << error.what();
  }
  EXPECT_EQ(stat(path.c_str(), &file), 0);
  on_loop([&] { server_->stop(); });
  EXPECT_NE(stat(path.c_str(), &file), 0);

  // A crash leaves the file behind, with nobody listening.
  {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ::close(fd);
  }
  listen({.unix_path = path});
  auto again = Conn::to_path(path);
  again.send(kGet);
  EXPECT_EQ(status(again.read_message()), 200);
}

TEST_F(HttpServerTest, BindFailuresNameTheAddress) {
  listen();
  const auto port = server_->port();
  const testing::TempDir dir;
  std::ofstream(dir / "file") << "x";
  const std::vector<std::pair<ServerOptions, std::string>> table = {
      {{.host = "127.0.0.1", .port = port}, "127.0.0.1:" + std::to_string(port)},
      {{.host = "192.0.2.1"}, "192.0.2.1:0"},
      {{.unix_path = (dir / "file").string()}, "not a socket"},
      {{.unix_path = "/tmp/" + std::string(120, 'x')}, "107 bytes"},
      {{.host = "127.0.0.1", .tls = ServerTlsFiles{"/absent.pem", "/absent.key", ""}}, "/absent.pem"},
  };
  for (const auto& [options, says] : table) {
    asio::io_context other;
    const auto handler = [this](ServerRequest request) { return echo(&echo_, std::move(request)); };
    try {
      (void)HttpServer::listen(other.get_executor(), options, nullptr, handler);
      ADD_FAILURE() << says;
    } catch (const std::system_error& error) {
      EXPECT_NE(std::string(error.what()).find(says), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace wardex::transport
