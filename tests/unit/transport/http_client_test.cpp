#include <future>

#include "client_fixture.hpp"
#include "peer.hpp"

namespace wardex::transport {
namespace {

using testing::Conn;
using testing::ok;
using testing::Peer;
using testing::Seen;

using HttpClientTest = testing::ClientTest;

TEST_F(HttpClientTest, SendsExactlyWhatItShould) {
  Seen seen;
  Peer peer([&](Conn& conn, int) {
    seen.add(conn.read_message());
    conn.send(ok("yes", "X-Id: 7\r\n"));
    conn.at_end();
  });
  auto request = post(peer.url("/hook?a=1"), R"({"a":1})");
  request.headers.push_back({"Content-Type", "application/json"});
  const auto answer = response(send(request));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "yes");
  EXPECT_EQ(answer.header("x-id"), "7");
  EXPECT_FALSE(answer.truncated);
  EXPECT_EQ(seen.all().at(0), "POST /hook?a=1 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(peer.port()) +
                                  "\r\nUser-Agent: wardex-gateway/test\r\nContent-Type: application/json\r\n"
                                  "Content-Length: 7\r\n\r\n{\"a\":1}");
  transport_->stop();
}

TEST_F(HttpClientTest, KeepsConnectionsAlive) {
  Peer peer([&](Conn& conn, int) {
    while (!conn.read_message().empty()) conn.send(ok());
  });
  for (int i = 0; i < 5; ++i) EXPECT_EQ(response(send(post(peer.url()))).status, 200);
  EXPECT_EQ(peer.connections(), 1);
  transport_->stop();
}

TEST_F(HttpClientTest, DoesNotReuseWhatTheReceiverCloses) {
  Peer peer([&](Conn& conn, int) {
    conn.read_message();
    conn.send(ok("x", "Connection: close\r\n"));
  });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(response(send(post(peer.url()))).status, 200);
  EXPECT_EQ(peer.connections(), 3);
}

TEST_F(HttpClientTest, DoesNotReuseAConnectionWithBytesNobodyAskedFor) {
  Peer peer([&](Conn& conn, int) {
    conn.read_message();
    conn.send(ok() + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged");
    conn.at_end();
  });
  for (int i = 0; i < 2; ++i) EXPECT_EQ(response(send(post(peer.url()))).body, "ok");
  EXPECT_EQ(peer.connections(), 2);
}

/// The second request on a connection meets a receiver that has just given up on it.
class StaleConnection : public HttpClientTest, public ::testing::WithParamInterface<bool> {
 protected:
  Peer peer_{[this](Conn& conn, int index) {
    seen_.add(conn.read_message());
    conn.send(ok());
    if (index > 0) {
      while (!conn.read_message().empty()) conn.send(ok());
      return;
    }
    seen_.add(conn.read_message());
    if (GetParam()) conn.reset();
  }};
  Seen seen_;
};

TEST_P(StaleConnection, IsReplayedOnceWhenIdempotent) {
  auto request = post(peer_.url());
  request.idempotent = true;
  EXPECT_EQ(response(send(request)).status, 200);
  EXPECT_EQ(response(send(request)).status, 200);
  EXPECT_EQ(peer_.connections(), 2);
  EXPECT_EQ(seen_.all().size(), 3U);
  transport_->stop();
}

TEST_P(StaleConnection, IsAnUnknownOutcomeOtherwise) {
  EXPECT_EQ(response(send(post(peer_.url()))).status, 200);
  const auto failed = failure(send(post(peer_.url())));
  EXPECT_EQ(failed.phase, Phase::sent) << failed.reason;
  EXPECT_TRUE(failed.ambiguous());
  EXPECT_EQ(peer_.connections(), 1);
}
INSTANTIATE_TEST_SUITE_P(FinOrRst, StaleConnection, ::testing::Bool());

TEST_F(HttpClientTest, AFreshConnectionIsNeverReplayed) {
  Peer peer([&](Conn& conn, int) { conn.read_message(); });
  auto request = post(peer.url());
  request.idempotent = true;
  const auto failed = failure(send(request));
  EXPECT_EQ(failed.phase, Phase::sent);
  EXPECT_EQ(peer.connections(), 1);
}

TEST_F(HttpClientTest, NoticesAnIdleConnectionThatWasClosed) {
  std::promise<void> closed;
  Peer peer([&](Conn& conn, int index) {
    conn.read_message();
    conn.send(ok());
    if (index == 0) {
      conn.close();
      closed.set_value();
    }
  });
  EXPECT_EQ(response(send(post(peer.url()))).status, 200);
  closed.get_future().wait();
  EXPECT_EQ(response(send(post(peer.url()))).status, 200);  // not idempotent, and yet no failure
}

TEST_F(HttpClientTest, ConnectFailuresNameTheAddressAndNothingSecret) {
  std::uint16_t port = 0;
  {
    Peer peer([](Conn&, int) {});
    port = peer.port();
  }
  const auto failed =
      failure(send(post("http://127.0.0.1:" + std::to_string(port) + "/services/T0/B0/canary?k=canary")));
  EXPECT_EQ(failed.phase, Phase::connect);
  EXPECT_FALSE(failed.ambiguous());
  EXPECT_EQ(failed.reason, "connect to 127.0.0.1:" + std::to_string(port) + ": Connection refused");
}

TEST_F(HttpClientTest, ASecretHostIsNotShown) {
  HttpRequest request;
  request.url = SensitiveText("http://");
  request.url.append(Secret("127.0.0.1:1"));
  request.url.append("/x");
  const auto failed = failure(send(request));
  EXPECT_EQ(failed.reason.find("127.0.0.1:1:"), std::string::npos);
  EXPECT_NE(failed.reason.find("the receiver"), std::string::npos) << failed.reason;
}

TEST_F(HttpClientTest, TriesTheNextAddress) {
  Peer peer([&](Conn& conn, int) {
    conn.read_message();
    conn.send(ok());
  });
  make({"127.0.0.0/8"}, {}, [](const std::string&) -> Resolved {
    return Addresses{asio::ip::make_address("127.0.0.2"), asio::ip::make_address("10.0.0.1"),
                     asio::ip::make_address("127.0.0.1")};
  });
  EXPECT_EQ(response(send(post(peer.url("/", "receiver.test")))).status, 200);
}

TEST_F(HttpClientTest, ResolveFailures) {
  make({"127.0.0.0/8"}, {}, [](const std::string&) -> Resolved { return std::string("Name or service not known"); });
  const auto failed = failure(send(post("http://receiver.test/")));
  EXPECT_EQ(failed.phase, Phase::resolve);
  EXPECT_EQ(failed.reason, "resolve receiver.test:80: Name or service not known");
  EXPECT_FALSE(failed.permanent);
}

TEST_F(HttpClientTest, AtMostSoManyOpenPerOrigin) {
  std::atomic<int> open{0};
  std::atomic<int> most{0};
  Peer peer([&](Conn& conn, int) {
    while (!conn.read_message().empty()) {
      most = std::max(most.load(), ++open);
      pollfd nothing{-1, 0, 0};
      poll(&nothing, 1, 5);
      --open;
      conn.send(ok());
    }
  });
  make({"127.0.0.0/8"}, {.open_per_origin = 2});
  std::vector<Pending> pending;
  for (int i = 0; i < 10; ++i) pending.push_back(begin(post(peer.url())));
  for (const auto& one : pending) EXPECT_EQ(response(finish(one)).status, 200);
  EXPECT_LE(peer.connections(), 2);
  EXPECT_LE(most, 2);
  transport_->stop();
}

TEST_F(HttpClientTest, WaitingForAConnectionEndsAtTheDeadline) {
  std::promise<void> over;
  auto done = over.get_future().share();
  Peer peer([done](Conn& conn, int) {
    conn.read_message();
    done.wait();
    conn.send(ok());
  });
  make({"127.0.0.0/8"}, {.open_per_origin = 1});
  auto first = begin(post(peer.url()));
  SendOptions options;
  options.timeout = Millis{60};
  const auto failed = failure(send(post(peer.url()), options));
  EXPECT_EQ(failed.phase, Phase::connect);
  over.set_value();
  EXPECT_EQ(response(finish(first)).status, 200);
}

TEST_F(HttpClientTest, StopEndsWhatIsUnderWay) {
  std::promise<void> over;
  auto done = over.get_future().share();
  std::promise<void> begun;
  Peer peer([&begun, done](Conn& conn, int) {
    conn.read_message();
    begun.set_value();
    done.wait();
  });
  auto pending = begin(post(peer.url()));
  auto started = begun.get_future();
  while (started.wait_for(Millis{0}) != std::future_status::ready) context_.run_one_for(Millis{10});
  transport_->stop();
  const auto failed = failure(finish(pending));
  over.set_value();
  EXPECT_EQ(failed.phase, Phase::sent);
  EXPECT_NE(failed.reason.find("stopping"), std::string::npos);
  EXPECT_EQ(failure(send(post(peer.url()))).phase, Phase::connect);
}

TEST_F(HttpClientTest, KindsWithoutATransportSaySo) {
  for (Request request :
       {Request(MailMessage{}), Request(StreamFrames{}), Request(Datagrams{}), Request(KafkaRecords{})}) {
    const auto failed = failure(send(request));
    EXPECT_EQ(failed.phase, Phase::refused);
    EXPECT_TRUE(failed.permanent);
    EXPECT_NE(failed.reason.find("this build has no "), std::string::npos);
  }
}

}  // namespace
}  // namespace wardex::transport
