// What is never sent, the egress guard at work, and proxies.
#include "client_fixture.hpp"
#include "peer.hpp"

namespace wardex::transport {
namespace {

using testing::Conn;
using testing::ok;
using testing::Peer;
using testing::Seen;

using HttpPolicyTest = testing::ClientTest;

struct BadRequest {
  const char* name;
  std::string url;
  std::string header;
  std::string value;
  std::string says;
};
class Refused : public HttpPolicyTest, public ::testing::WithParamInterface<BadRequest> {};

TEST_P(Refused, BeforeAnythingIsDialled) {
  const auto& [name, url, header, value, says] = GetParam();
  auto request = post(url);
  if (!header.empty()) request.headers.push_back({header, value});
  const auto failed = failure(send(request));
  EXPECT_EQ(failed.phase, Phase::refused);
  EXPECT_TRUE(failed.permanent);
  EXPECT_NE(failed.reason.find(says), std::string::npos) << failed.reason;
  EXPECT_EQ(failed.reason.find("canary"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Refused,
    ::testing::Values(BadRequest{"lf_in_value", "http://127.0.0.1/", "X-A", "canary\r\nX-B: 1", "header X-A"},
                      BadRequest{"nul_in_value", "http://127.0.0.1/", "X-A", std::string("canary\0", 7), "header X-A"},
                      BadRequest{"colon_in_name", "http://127.0.0.1/", "X:canary", "v", "header name"},
                      BadRequest{"host_header", "http://127.0.0.1/", "Host", "evil", "header Host"},
                      BadRequest{"length_header", "http://127.0.0.1/", "content-length", "0", "set by the gateway"},
                      BadRequest{"lf_in_url", "http://127.0.0.1/canary\nX: y", "", "", "control character"},
                      BadRequest{"space_in_url", "http://127.0.0.1/canary x", "", "", "percent-encode"},
                      BadRequest{"userinfo", "http://user:canary@127.0.0.1/", "", "", "user name or password"},
                      BadRequest{"scheme", "file:///etc/canary", "", "", "http:// or https://"},
                      BadRequest{"octal", "http://0177.0.0.1/canary", "", "", "unusual spelling"},
                      BadRequest{"hex", "http://0x7f.0.0.1/", "", "", "unusual spelling"},
                      BadRequest{"integer", "http://2130706433/", "", "", "unusual spelling"},
                      BadRequest{"short_form", "http://127.1/", "", "", "unusual spelling"},
                      BadRequest{"metadata", "http://169.254.169.254/latest/canary", "", "", "never dialled"},
                      BadRequest{"metadata_mapped", "http://[::ffff:169.254.169.254]/", "", "", "never dialled"},
                      BadRequest{"private_address", "http://10.1.2.3:8443/canary", "", "", "list 10.1.2.3:8443"}),
    [](const auto& row) { return row.param.name; });

TEST_F(HttpPolicyTest, ARebindingNameIsJudgedByTheAddressDialled) {
  Peer peer([&](Conn& conn, int) {
    conn.read_message();
    conn.send(ok());
  });
  int asked = 0;
  // First an allowed address, then the metadata service: a check at configuration time would not see the second.
  make({"127.0.0.0/8"}, {.idle_per_origin = 0}, [&asked](const std::string&) -> Resolved {
    if (asked++ == 0) return Addresses{asio::ip::make_address("127.0.0.1")};
    return Addresses{asio::ip::make_address("169.254.169.254")};
  });
  EXPECT_EQ(response(send(post(peer.url("/", "rebind.test")))).status, 200);
  EXPECT_EQ(response(send(post(peer.url("/", "rebind.test")))).status, 200);  // from the cache: the same address
  EXPECT_EQ(asked, 1);
  const auto failed = failure(send(post(peer.url("/", "second.test"))));
  EXPECT_EQ(failed.phase, Phase::refused);
  EXPECT_NE(failed.reason.find("169.254.169.254"), std::string::npos);
}

TEST_F(HttpPolicyTest, ANarrowedPolicyBitesAtOnce) {
  Peer peer([&](Conn& conn, int) {
    while (!conn.read_message().empty()) conn.send(ok());
  });
  EXPECT_EQ(response(send(post(peer.url()))).status, 200);
  transport_->set_egress(EgressPolicy());
  EXPECT_EQ(failure(send(post(peer.url()))).phase, Phase::refused);
}

class Proxy : public HttpPolicyTest {
 protected:
  SendOptions through(const Peer& proxy, const std::string& user = "") {
    SendOptions options;
    options.proxy = SensitiveText("http://" + user + "127.0.0.1:" + std::to_string(proxy.port()));
    return options;
  }
};

TEST_F(Proxy, AbsoluteFormForHttpWithCredentials) {
  Seen seen;
  Peer proxy([&](Conn& conn, int) {
    seen.add(conn.read_message());
    conn.send(ok());
  });
  // "receiver.invalid" never resolves: only the proxy asks for it.
  EXPECT_EQ(response(send(post("http://receiver.invalid/x?y"), through(proxy, "us%40er:pa%3Ass@"))).status, 200);
  const auto request = seen.all().at(0);
  EXPECT_TRUE(request.starts_with("POST http://receiver.invalid/x?y HTTP/1.1\r\nHost: receiver.invalid\r\n"))
      << request;
  EXPECT_NE(request.find("Proxy-Authorization: Basic dXNAZXI6cGE6c3M=\r\n"), std::string::npos) << request;
}

TEST_F(Proxy, ConnectRefusedByTheProxyIsAConnectFailure) {
  Seen seen;
  Peer proxy([&](Conn& conn, int) {
    seen.add(conn.read_message());
    conn.send("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
  });
  const auto failed = failure(send(post("https://receiver.invalid/canary"), through(proxy, "user:canary@")));
  EXPECT_EQ(failed.phase, Phase::connect);
  EXPECT_NE(failed.reason.find("it answered 407 to CONNECT (proxy credentials"), std::string::npos) << failed.reason;
  EXPECT_EQ(failed.reason.find("canary"), std::string::npos);
  EXPECT_TRUE(seen.all().at(0).starts_with("CONNECT receiver.invalid:443 HTTP/1.1\r\nHost: receiver.invalid:443\r\n"));
}

TEST_F(Proxy, TheGuardJudgesTheProxyAndLiteralReceivers) {
  Peer proxy([&](Conn&, int) {});
  EXPECT_EQ(failure(send(post("http://169.254.169.254/"), through(proxy))).phase, Phase::refused);
  make({});
  const auto failed = failure(send(post("http://receiver.invalid/"), through(proxy)));
  EXPECT_EQ(failed.phase, Phase::refused);
  EXPECT_NE(failed.reason.find("proxy 127.0.0.1"), std::string::npos) << failed.reason;
  EXPECT_EQ(proxy.connections(), 0);
}

TEST_F(Proxy, IsNeverTakenFromTheEnvironment) {
  Peer proxy([&](Conn&, int) {});
  Peer peer([&](Conn& conn, int) {
    conn.read_message();
    conn.send(ok());
  });
  setenv("http_proxy", proxy.url().c_str(), 1);
  setenv("HTTP_PROXY", proxy.url().c_str(), 1);
  EXPECT_EQ(response(send(post(peer.url()))).status, 200);
  unsetenv("http_proxy");
  unsetenv("HTTP_PROXY");
  EXPECT_EQ(proxy.connections(), 0);
}

TEST_F(Proxy, AMalformedOneIsRefused) {
  for (const char* bad : {"socks5://127.0.0.1:1", "https://127.0.0.1:1", "http://127.0.0.1:1/path", "http://:1"}) {
    SendOptions options;
    options.proxy = SensitiveText(bad);
    const auto failed = failure(send(post("http://receiver.invalid/"), options));
    EXPECT_EQ(failed.phase, Phase::refused) << bad;
    EXPECT_TRUE(failed.permanent);
    EXPECT_NE(failed.reason.find("proxy: write http://"), std::string::npos) << failed.reason;
  }
}

}  // namespace
}  // namespace wardex::transport
