#include <future>

#include "certificates.hpp"
#include "client_fixture.hpp"
#include "peer.hpp"
#include "temp_dir.hpp"

namespace wardex::transport {
namespace {

using testing::CertificateRequest;
using testing::Conn;
using testing::Identity;
using testing::ok;
using testing::Peer;
using testing::Seen;

/// A TLS receiver's side, from files.
class ServerSide {
 public:
  ServerSide(const std::string& certificate, const std::string& key, const std::string& client_ca = "") {
    SSL_CTX_use_certificate_chain_file(context_.get(), certificate.c_str());
    SSL_CTX_use_PrivateKey_file(context_.get(), key.c_str(), SSL_FILETYPE_PEM);
    if (client_ca.empty()) return;
    SSL_CTX_load_verify_locations(context_.get(), client_ca.c_str(), nullptr);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  [[nodiscard]] SSL_CTX* get() const { return context_.get(); }

 private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
};

class TlsClient : public testing::ClientTest {
 protected:
  TlsClient() {
    make({"127.0.0.0/8"}, {},
         [](const std::string&) -> Resolved { return Addresses{asio::ip::make_address("127.0.0.1")}; });
    ca_.write(dir_ / "ca.pem", dir_ / "ca.key");
    put("server", {});
  }
  void put(const std::string& name, const CertificateRequest& request) {
    testing::issue(request, &ca_).write(dir_ / (name + ".pem"), dir_ / (name + ".key"));
  }
  std::string file(const std::string& name) { return (dir_ / name).string(); }
  SendOptions trusting() {
    SendOptions options;
    options.tls.ca_file = file("ca.pem");
    return options;
  }
  /// Answers every request of every connection.
  Peer::Script answering(std::shared_ptr<ServerSide> side) {
    return [this, side](Conn& conn, int) {
      if (!conn.handshake(side->get(), true)) {
        conn.reset();
        return;
      }
      names_.add(conn.server_name());
      while (!conn.read_message().empty()) conn.send(ok());
    };
  }
  std::shared_ptr<ServerSide> side(const std::string& client_ca = "") {
    return std::make_shared<ServerSide>(file("server.pem"), file("server.key"), client_ca);
  }
  static std::string https(const Peer& peer, const std::string& host = "receiver.test") {
    return "https://" + host + ":" + std::to_string(peer.port()) + "/canary";
  }
  Failure handshake_failure(const CertificateRequest& request, const std::string& host, const SendOptions& options) {
    put("server", request);
    Peer peer(answering(side()));
    auto failed = failure(send(post(https(peer, host)), options));
    EXPECT_EQ(failed.phase, Phase::tls) << failed.reason;
    EXPECT_FALSE(failed.permanent);
    EXPECT_EQ(failed.reason.find("canary"), std::string::npos);
    return failed;
  }

  testing::TempDir dir_;
  Identity ca_ = testing::make_ca("Test CA");
  Seen names_;
};

TEST_F(TlsClient, VerifiedByNameWithSniAndKeptAlive) {
  Peer peer(answering(side()));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(response(send(post(https(peer)), trusting())).status, 200);
  EXPECT_EQ(peer.connections(), 1);
  EXPECT_EQ(names_.all().at(0), "receiver.test");
  transport_->stop();
}

TEST_F(TlsClient, VerifiedByAddressWithoutSni) {
  Peer peer(answering(side()));
  EXPECT_EQ(response(send(post(https(peer, "127.0.0.1")), trusting())).status, 200);
  EXPECT_EQ(names_.all().at(0), "");
  transport_->stop();
}

TEST_F(TlsClient, WrongName) {
  const auto failed = handshake_failure({}, "other.test", trusting());
  EXPECT_NE(failed.reason.find("the certificate is not for other.test (wrong name)"), std::string::npos)
      << failed.reason;
}

TEST_F(TlsClient, WrongAddress) {
  const auto failed = handshake_failure({.alternatives = "IP:127.0.0.9"}, "127.0.0.1", trusting());
  EXPECT_NE(failed.reason.find("wrong name"), std::string::npos) << failed.reason;
}

TEST_F(TlsClient, Expired) {
  const auto failed = handshake_failure({.from_days = -20, .to_days = -10}, "receiver.test", trusting());
  EXPECT_NE(failed.reason.find("the certificate has expired"), std::string::npos) << failed.reason;
}

TEST_F(TlsClient, NotYetValid) {
  const auto failed = handshake_failure({.from_days = 10, .to_days = 20}, "receiver.test", trusting());
  EXPECT_NE(failed.reason.find("not valid yet"), std::string::npos) << failed.reason;
}

TEST_F(TlsClient, UnknownCa) {
  const auto failed = handshake_failure({}, "receiver.test", {});
  EXPECT_NE(failed.reason.find("unknown CA"), std::string::npos) << failed.reason;
}

TEST_F(TlsClient, SkippingTheCheckTakesTheWords) {
  put("server", {.from_days = -20, .to_days = -10});
  Peer peer(answering(side()));
  SendOptions options;
  options.tls.insecure_skip_verify = true;
  EXPECT_EQ(response(send(post(https(peer, "other.test")), options)).status, 200);
  // And it does not leak into verified requests to the same origin.
  EXPECT_EQ(failure(send(post(https(peer, "other.test")), trusting())).phase, Phase::tls);
  transport_->stop();
}

TEST_F(TlsClient, PlainTextOnATlsUrlIsNeverFallenBackTo) {
  Peer peer([](Conn& conn, int) {
    conn.read_some();
    conn.send("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  const auto failed = failure(send(post(https(peer)), trusting()));
  EXPECT_EQ(failed.phase, Phase::tls);
  EXPECT_NE(failed.reason.find("does not speak TLS"), std::string::npos) << failed.reason;
}

TEST_F(TlsClient, TlsBelow12IsRefused) {
  auto old = side();
  SSL_CTX_set_max_proto_version(old->get(), TLS1_1_VERSION);
  SSL_CTX_set_cipher_list(old->get(), "ALL:@SECLEVEL=0");
  Peer peer(answering(old));
  EXPECT_EQ(failure(send(post(https(peer)), trusting())).phase, Phase::tls);
}

TEST_F(TlsClient, AHandshakeThatHangsEndsAtTheConnectTimeout) {
  std::promise<void> over;
  auto done = over.get_future().share();
  Peer peer([done](Conn&, int) { done.wait(); });
  auto options = trusting();
  options.connect_timeout = Millis{80};
  const auto failed = failure(send(post(https(peer)), options));
  over.set_value();
  EXPECT_EQ(failed.phase, Phase::tls);
  EXPECT_NE(failed.reason.find("timed out"), std::string::npos);
}

TEST_F(TlsClient, ClientCertificate) {
  put("client", {.common_name = "gateway", .alternatives = ""});
  Peer peer(answering(side(file("ca.pem"))));
  auto options = trusting();
  options.tls.client_cert = file("client.pem");
  options.tls.client_key = file("client.key");
  EXPECT_EQ(response(send(post(https(peer)), options)).status, 200);
  transport_->stop();
}

TEST_F(TlsClient, AMissingClientCertificateIsNamed) {
  auto demanding = side(file("ca.pem"));
  Peer peer([demanding](Conn& conn, int) {
    conn.handshake(demanding->get(), true);
    while (!conn.at_end()) {  // let the alert arrive before the reset
    }
  });
  const auto failed = failure(send(post(https(peer)), trusting()));
  EXPECT_EQ(failed.phase, Phase::tls) << failed.reason;
  EXPECT_NE(failed.reason.find("demands a client certificate"), std::string::npos) << failed.reason;
}

TEST_F(TlsClient, UnusableFilesAreNamedAndTemporary) {
  Peer peer(answering(side()));
  SendOptions options;
  options.tls.ca_file = file("absent.pem");
  const auto failed = failure(send(post(https(peer)), options));
  EXPECT_EQ(failed.phase, Phase::tls);
  EXPECT_FALSE(failed.permanent);
  EXPECT_NE(failed.reason.find("absent.pem"), std::string::npos);
}

TEST_F(TlsClient, ChangedFilesAreUsedWithoutARestart) {
  const auto other = testing::make_ca("Other CA");
  other.write(dir_ / "trust.pem", dir_ / "trust.key");
  Peer peer(answering(side()));
  SendOptions options;
  options.tls.ca_file = file("trust.pem");
  EXPECT_EQ(failure(send(post(https(peer)), options)).phase, Phase::tls);
  std::filesystem::copy_file(dir_ / "ca.pem", dir_ / "new.pem");
  std::filesystem::rename(dir_ / "new.pem", dir_ / "trust.pem");
  EXPECT_EQ(response(send(post(https(peer)), options)).status, 200);
  // A half-done rotation keeps the last good state.
  std::ofstream(dir_ / "trust.pem") << "-----BEGIN nothing";
  EXPECT_EQ(response(send(post(https(peer)), options)).status, 200);
  transport_->stop();
}

TEST_F(TlsClient, AnEndWithoutCloseNotifyIsMarkedTruncated) {
  auto one = side();
  Peer peer([one](Conn& conn, int) {
    conn.handshake(one->get(), true);
    conn.read_message();
    conn.send("HTTP/1.1 200 OK\r\n\r\nperhaps all");
    SSL_set_quiet_shutdown(conn.ssl(), 1);
  });
  const auto answer = response(send(post(https(peer)), trusting()));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "perhaps all");
  EXPECT_TRUE(answer.truncated);
}

TEST_F(TlsClient, ThroughAConnectProxy) {
  Seen seen;
  auto one = side();
  // Proxy and receiver in one: after CONNECT the same socket speaks TLS.
  Peer proxy([&seen, one](Conn& conn, int) {
    seen.add(conn.read_message());
    conn.send("HTTP/1.1 200 Connection established\r\n\r\n");
    if (!conn.handshake(one->get(), true)) return;
    for (auto in = conn.read_message(); !in.empty(); in = conn.read_message()) {
      seen.add(in);
      conn.send(ok());
    }
  });
  auto options = trusting();
  options.proxy = SensitiveText("http://user:pass@127.0.0.1:" + std::to_string(proxy.port()));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(response(send(post("https://receiver.test/secret"), options)).status, 200);
  EXPECT_EQ(proxy.connections(), 1);
  const auto all = seen.all();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_NE(all[0].find("Proxy-Authorization: Basic dXNlcjpwYXNz\r\n"), std::string::npos);
  EXPECT_EQ(all[0].find("secret"), std::string::npos);
  EXPECT_TRUE(all[1].starts_with("POST /secret HTTP/1.1\r\nHost: receiver.test\r\n")) << all[1];
  EXPECT_EQ(all[1].find("Proxy-Authorization"), std::string::npos);
  transport_->stop();
}

}  // namespace
}  // namespace wardex::transport
