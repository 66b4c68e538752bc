// What receivers answer, well-behaved and not, and how it is classed.
#include <future>

#include "client_fixture.hpp"
#include "peer.hpp"

namespace wardex::transport {
namespace {

using testing::Conn;
using testing::ok;
using testing::Peer;

using HttpAnswersTest = testing::ClientTest;

struct Script {
  const char* name;
  std::string bytes;
  bool reset;
  Phase phase;
};
class BadAnswer : public HttpAnswersTest, public ::testing::WithParamInterface<Script> {};

TEST_P(BadAnswer, IsClassedRight) {
  Peer peer([&](Conn& conn, int) {
    conn.read_message();
    conn.send(GetParam().bytes);
    if (GetParam().reset) {
      conn.reset();
      return;
    }
    conn.close();
  });
  const auto failed = failure(send(post(peer.url())));
  EXPECT_EQ(failed.phase, GetParam().phase) << failed.reason;
  EXPECT_TRUE(failed.ambiguous());
  EXPECT_FALSE(failed.permanent);
  EXPECT_NE(failed.reason.find("127.0.0.1"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadAnswer,
    ::testing::Values(
        Script{"closed_without_answer", "", false, Phase::sent}, Script{"reset_without_answer", "", true, Phase::sent},
        Script{"garbage", "\x16\x03\x01 SSH-2.0-hello\r\n\r\n", false, Phase::response},
        Script{"http2", "HTTP/2 200\r\n\r\n", false, Phase::response},
        Script{"closed_in_header", "HTTP/1.1 200 OK\r\nContent-", false, Phase::response},
        Script{"closed_in_body", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", false, Phase::response},
        Script{"reset_in_body", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", true, Phase::response},
        Script{"closed_in_chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", false,
               Phase::response},
        Script{"bad_chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab", false, Phase::response},
        Script{"two_lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", false,
               Phase::response},
        Script{"endless_header", "HTTP/1.1 200 OK\r\nX: " + std::string(300000, 'x'), false, Phase::response}),
    [](const auto& row) { return row.param.name; });

struct Good {
  const char* name;
  std::string bytes;
  int status;
  std::string body;
};
class GoodAnswer : public HttpAnswersTest, public ::testing::WithParamInterface<Good> {};

TEST_P(GoodAnswer, IsRead) {
  Peer peer([&](Conn& conn, int) {
    conn.read_message();
    // In two pieces, cut in the middle.
    const auto& bytes = GetParam().bytes;
    conn.send(bytes.substr(0, bytes.size() / 2));
    conn.send(bytes.substr(bytes.size() / 2));
  });
  const auto answer = response(send(post(peer.url())));
  EXPECT_EQ(answer.status, GetParam().status);
  EXPECT_EQ(answer.body, GetParam().body);
  EXPECT_FALSE(answer.truncated);
}

INSTANTIATE_TEST_SUITE_P(
    Table, GoodAnswer,
    ::testing::Values(
        Good{"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n",
             200, "abcdefg"},
        Good{"until_close", "HTTP/1.1 201 Created\r\n\r\nall of it", 201, "all of it"},
        Good{"no_content", "HTTP/1.1 204 No Content\r\n\r\n", 204, ""},
        Good{"interim_then_final", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + ok("z"),
             200, "z"},
        Good{"redirect_not_followed",
             "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\n\r\n", 302, ""},
        Good{"http10", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok"},
        Good{"server_error", "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 3\r\nContent-Length: 4\r\n\r\nlate", 503,
             "late"}),
    [](const auto& row) { return row.param.name; });

TEST_F(HttpAnswersTest, TooManyInterimResponsesEnd) {
  Peer peer([&](Conn& conn, int) {
    conn.read_message();
    while (conn.send("HTTP/1.1 100 Continue\r\n\r\n")) {
    }
  });
  EXPECT_EQ(failure(send(post(peer.url()))).phase, Phase::response);
}

TEST_F(HttpAnswersTest, HeadHasNoBody) {
  Peer peer([&](Conn& conn, int) {
    conn.read_message();
    conn.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    conn.at_end();
  });
  auto request = post(peer.url(), "");
  request.method = "HEAD";
  EXPECT_EQ(response(send(request)).body, "");
  transport_->stop();
}

TEST_F(HttpAnswersTest, AnEndlessBodyIsCutAtTheCap) {
  std::atomic<std::uint64_t> sent{0};
  Peer peer([&](Conn& conn, int) {
    conn.read_message();
    conn.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 1073741824\r\n\r\n");
    const std::string piece(65536, 'x');
    while (sent < (1ULL << 30U) && conn.send(piece)) sent += piece.size();
  });
  SendOptions options;
  options.max_response = 1000;
  const auto answer = response(send(post(peer.url()), options));
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.body, std::string(1000, 'x'));
  EXPECT_TRUE(answer.truncated);
  EXPECT_LT(sent, 64U << 20U);
}

TEST_F(HttpAnswersTest, ADrippingReceiverIsCutAtTheDeadline) {
  for (const bool header : {true, false}) {
    std::atomic<bool> over{false};
    Peer peer([&](Conn& conn, int) {
      conn.read_message();
      conn.send(header ? "HTTP/1.1 200 OK\r\nX: " : "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
      pollfd nothing{-1, 0, 0};
      while (!over && conn.send("x")) poll(&nothing, 1, 10);
    });
    SendOptions options;
    options.timeout = Millis{150};
    const auto start = std::chrono::steady_clock::now();
    const auto failed = failure(send(post(peer.url()), options));
    over = true;
    EXPECT_LT(std::chrono::steady_clock::now() - start, Millis{3000});
    EXPECT_EQ(failed.phase, Phase::response);
    EXPECT_NE(failed.reason.find("timed out after 150ms"), std::string::npos) << failed.reason;
  }
}

TEST_F(HttpAnswersTest, AReceiverThatNeverReadsIsCutAtTheDeadline) {
  std::promise<void> over;
  auto done = over.get_future().share();
  Peer peer([done](Conn&, int) { done.wait(); });
  SendOptions options;
  options.timeout = Millis{150};
  const auto failed = failure(send(post(peer.url(), std::string(32U << 20U, 'x')), options));
  over.set_value();
  EXPECT_EQ(failed.phase, Phase::send) << failed.reason;
  EXPECT_FALSE(failed.ambiguous());
}

TEST_F(HttpAnswersTest, AnEarlyAnswerBeatsAWriteError) {
  Peer peer([&](Conn& conn, int) {
    conn.read_some(1024);
    conn.send("HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig");
    conn.shut_down_write();
    while (!conn.at_end()) {
    }
  });
  EXPECT_EQ(response(send(post(peer.url(), std::string(8U << 20U, 'x')))).status, 413);
}

}  // namespace
}  // namespace wardex::transport
