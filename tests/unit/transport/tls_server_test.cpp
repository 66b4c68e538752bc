#include <set>

#include "certificates.hpp"
#include "server_fixture.hpp"
#include "temp_dir.hpp"

namespace wardex::transport {
namespace {

using testing::Conn;
using testing::HttpServerTest;
using testing::kGet;

class TlsServerTest : public HttpServerTest {
 protected:
  TlsServerTest() {
    ca_.write(dir_ / "ca.pem", dir_ / "ca.key");
    put_server("first");
    client_.write(dir_ / "client.pem", dir_ / "client.key");
  }
  void put_server(const std::string& name) {
    testing::issue({.common_name = name}, &ca_).write(dir_ / "new.pem", dir_ / "new.key");
    std::filesystem::rename(dir_ / "new.key", dir_ / "server.key");
    std::filesystem::rename(dir_ / "new.pem", dir_ / "server.pem");
  }
  ServerTlsFiles files(bool mutual = false) {
    return {(dir_ / "server.pem").string(), (dir_ / "server.key").string(),
            mutual ? (dir_ / "ca.pem").string() : std::string()};
  }
  /// The common name that the server shows; empty: no handshake.
  std::string greeted_by(Conn& conn) {
    if (!conn.handshake(context_of_client_.get(), false)) return {};
    const std::unique_ptr<X509, decltype(&X509_free)> shown(SSL_get1_peer_certificate(conn.ssl()), X509_free);
    char name[64] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(shown.get()), NID_commonName, name, sizeof name);
    return name;
  }
  std::string greeted() {
    auto conn = connect();
    return greeted_by(conn);
  }

  testing::TempDir dir_;
  testing::Identity ca_ = testing::make_ca("Test CA");
  testing::Identity client_ = testing::issue(
      {.common_name = "control-plane", .alternatives = "DNS:cp.test,URI:spiffe://wardex/cp,email:ops@wardex.test"},
      &ca_);
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_of_client_{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
};

TEST_F(TlsServerTest, ServesAndReloadsOnCommandAndByItself) {
  listen({.host = "127.0.0.1", .tls = files()});
  auto old = connect();
  EXPECT_EQ(greeted_by(old), "first");
  put_server("second");
  EXPECT_EQ(greeted(), "second");  // noticed at the next connection
  old.send(kGet);                  // and the old one goes on
  EXPECT_EQ(status(old.read_message()), 200);

  put_server("third");
  std::string error;
  bool reloaded = false;
  on_loop([&] { reloaded = server_->reload_tls(files(), error); });
  EXPECT_TRUE(reloaded) << error;
  EXPECT_EQ(greeted(), "third");

  on_loop([&] {
    reloaded = server_->reload_tls({(dir_ / "ca.pem").string(), (dir_ / "server.key").string(), ""}, error);
  });
  EXPECT_FALSE(reloaded);
  EXPECT_NE(error.find("server.key"), std::string::npos) << error;
  EXPECT_EQ(greeted(), "third");
}

TEST_F(TlsServerTest, ClientCertificatesAreDemandedAndNamed) {
  listen({.host = "127.0.0.1", .tls = files(true)});
  auto without = connect();
  without.handshake(context_of_client_.get(), false);
  without.send(kGet);
  EXPECT_EQ(without.read_all(), "");

  SSL_CTX_use_certificate_file(context_of_client_.get(), (dir_ / "client.pem").c_str(), SSL_FILETYPE_PEM);
  SSL_CTX_use_PrivateKey_file(context_of_client_.get(), (dir_ / "client.key").c_str(), SSL_FILETYPE_PEM);
  auto conn = connect();
  ASSERT_TRUE(conn.handshake(context_of_client_.get(), false));
  conn.send(kGet);
  const auto names = body(conn.read_message())["names"].get<std::set<std::string>>();
  EXPECT_EQ(names, (std::set<std::string>{"control-plane", "cp.test", "spiffe://wardex/cp", "ops@wardex.test"}));
}

TEST_F(TlsServerTest, OldProtocolsAndSilentClientsAreDropped) {
  ServerOptions options{.host = "127.0.0.1", .tls = files()};
  options.limits.header_timeout = Millis{80};
  listen(options);
  auto silent = connect();
  EXPECT_EQ(silent.read_all(), "");
  SSL_CTX_set_max_proto_version(context_of_client_.get(), TLS1_1_VERSION);
  EXPECT_EQ(greeted(), "");
}

TEST_F(TlsServerTest, DrainClosesTlsConnectionsToo) {
  listen({.host = "127.0.0.1", .tls = files()});
  auto idle = connect();
  EXPECT_EQ(greeted_by(idle), "first");
  auto halfway = connect();  // never begins its handshake
  while (stats().connections < 2) std::this_thread::yield();
  std::promise<void> drained;
  on_loop([&] { server_->drain([&] { drained.set_value(); }); });
  drained.get_future().wait();
  EXPECT_TRUE(idle.at_end());
}

}  // namespace
}  // namespace wardex::transport
