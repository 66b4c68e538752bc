#include "transport/egress.hpp"

#include <gtest/gtest.h>

#include "transport/address_class.hpp"
#include "transport/url.hpp"

namespace wardex::transport {
namespace {

namespace ip = boost::asio::ip;

EgressPolicy policy(const std::vector<std::string>& allow) {
  std::string error;
  auto parsed = EgressPolicy::parse(allow, error);
  EXPECT_TRUE(parsed) << error;
  return parsed.value_or(EgressPolicy());
}

struct Vector {
  const char* address;
  Tier tier;
};
const Vector vectors[] = {
    // Public
    {"1.1.1.1", Tier::open},
    {"8.8.8.8", Tier::open},
    {"172.15.255.255", Tier::open},
    {"172.32.0.1", Tier::open},
    {"100.63.255.255", Tier::open},
    {"100.128.0.1", Tier::open},
    {"2606:4700:4700::1111", Tier::open},
    {"2620:fe::fe", Tier::open},
    // Cloud metadata and link-local
    {"169.254.169.254", Tier::never},
    {"169.254.170.2", Tier::never},
    {"169.254.0.1", Tier::never},
    {"100.100.100.200", Tier::never},
    {"192.0.0.192", Tier::never},
    {"168.63.129.16", Tier::never},
    {"fd00:ec2::254", Tier::never},
    {"fd20:ce::254", Tier::never},
    {"fe80::1", Tier::never},
    {"febf::1", Tier::never},
    // This network, multicast, broadcast, class E
    {"0.0.0.0", Tier::never},
    {"0.1.2.3", Tier::never},
    {"224.0.0.1", Tier::never},
    {"239.255.255.255", Tier::never},
    {"240.0.0.1", Tier::never},
    {"255.255.255.255", Tier::never},
    {"::", Tier::never},
    {"ff02::1", Tier::never},
    // Other spellings of the metadata service
    {"::ffff:169.254.169.254", Tier::never},
    {"::ffff:a9fe:a9fe", Tier::never},
    {"::169.254.169.254", Tier::never},
    {"64:ff9b::169.254.169.254", Tier::never},
    {"64:ff9b::a9fe:a9fe", Tier::never},
    {"2002:a9fe:a9fe::1", Tier::never},
    // Private networks
    {"127.0.0.1", Tier::listed},
    {"127.255.255.254", Tier::listed},
    {"10.0.0.1", Tier::listed},
    {"172.16.0.1", Tier::listed},
    {"172.31.255.255", Tier::listed},
    {"192.168.1.1", Tier::listed},
    {"100.64.0.1", Tier::listed},
    {"100.127.255.255", Tier::listed},
    {"::1", Tier::listed},
    {"fc00::1", Tier::listed},
    {"fd12:3456:789a::1", Tier::listed},
    {"fec0::1", Tier::listed},
    {"::ffff:10.0.0.1", Tier::listed},
    {"::ffff:127.0.0.1", Tier::listed},
    {"64:ff9b::10.0.0.1", Tier::listed},
    {"2002:7f00:1::1", Tier::listed},
    {"64:ff9b:1::1", Tier::listed},
    // Documentation, benchmarking, reserved
    {"192.0.2.1", Tier::listed},
    {"198.51.100.1", Tier::listed},
    {"203.0.113.1", Tier::listed},
    {"198.18.0.1", Tier::listed},
    {"198.19.255.255", Tier::listed},
    {"192.0.0.1", Tier::listed},
    {"192.88.99.1", Tier::listed},
    {"2001:db8::1", Tier::listed},
    {"2001::1", Tier::listed},
    {"100::1", Tier::listed},
    {"5f00::1", Tier::listed},
};

TEST(Egress, Vectors) {
  const auto none = policy({});
  const auto everything = policy({"0.0.0.0/0", "::/0"});
  for (const auto& [text, tier] : vectors) {
    const auto address = ip::make_address(text);
    EXPECT_EQ(classify(address).tier, tier) << text;
    EXPECT_EQ(none.refuse(address, 443, "h").has_value(), tier != Tier::open) << text;
    EXPECT_EQ(everything.refuse(address, 443, "h").has_value(), tier == Tier::never) << text;
  }
}

TEST(Egress, TheAllowListByNetworkAddressHostAndPort) {
  const auto list = policy({"10.20.0.0/16", "192.168.1.7", "siem.corp.example:8088", "Jira.corp.example.", "fd12::/16",
                            "127.0.0.1:9000", "[::1]:9001"});
  const auto allows = [&](const char* address, std::uint16_t port, const char* host) {
    return !list.refuse(ip::make_address(address), port, host).has_value();
  };
  EXPECT_TRUE(allows("10.20.3.4", 1, "any"));
  EXPECT_TRUE(allows("::ffff:10.20.3.4", 1, "any"));
  EXPECT_TRUE(allows("64:ff9b::10.20.3.4", 1, "any"));
  EXPECT_FALSE(allows("10.21.3.4", 1, "any"));
  EXPECT_TRUE(allows("192.168.1.7", 1, "any"));
  EXPECT_FALSE(allows("192.168.1.8", 1, "any"));
  EXPECT_TRUE(allows("10.0.0.9", 8088, "siem.corp.example"));
  EXPECT_TRUE(allows("10.0.0.9", 8088, "SIEM.corp.example."));
  EXPECT_FALSE(allows("10.0.0.9", 8089, "siem.corp.example"));
  EXPECT_FALSE(allows("10.0.0.9", 8088, "evil.siem.corp.example"));
  EXPECT_TRUE(allows("10.0.0.9", 1234, "jira.corp.example"));
  EXPECT_FALSE(allows("169.254.169.254", 80, "jira.corp.example"));
  EXPECT_TRUE(allows("fd12::5", 1, "any"));
  EXPECT_TRUE(allows("127.0.0.1", 9000, "127.0.0.1"));
  EXPECT_FALSE(allows("127.0.0.1", 9001, "127.0.0.1"));
  EXPECT_TRUE(allows("::1", 9001, "localhost"));
}

TEST(Egress, TheRefusalTellsTheWayOut) {
  EXPECT_EQ(policy({}).refuse(ip::make_address("10.1.2.3"), 8088, "h"),
            "egress guard: 10.1.2.3 is a private address (RFC 1918); to allow it, list 10.1.2.3:8088 (or its network) "
            "under egress.allow");
  EXPECT_EQ(
      policy({}).refuse(ip::make_address("169.254.169.254"), 80, "h"),
      "egress guard: 169.254.169.254 is a link-local address (cloud metadata lives there), which is never dialled");
}

TEST(Egress, UnreadableEntriesAreNamed) {
  for (const char* bad :
       {"",        "10.0.0.0/33",     "10.0.0.0/",      "10.0.0.0/-1", "fd00::/129",         "010.0.0.0/8", "x/8",
        "host:0",  "host:99999",      "host:port",      "a b",         "http://host",        "*.example",   "1234",
        "10.1/16", "169.254.169.254", "169.254.0.0/16", "fe80::/64",   "169.254.169.254:80", "224.0.0.0/8"}) {
    std::string error;
    EXPECT_FALSE(EgressPolicy::parse({"10.0.0.0/8", bad}, error)) << bad;
    EXPECT_NE(error.find("egress.allow: \"" + std::string(bad) + "\""), std::string::npos) << error;
  }
}

struct UrlCase {
  const char* text;
  const char* authority;  ///< null: refused
  const char* target;
  const char* host_field;
};

TEST(Url, Table) {
  const UrlCase table[] = {
      {"https://hooks.example", "hooks.example:443", "/", "hooks.example"},
      {"HTTPS://Hooks.Example./a/B?q=1#frag", "hooks.example:443", "/a/B?q=1", "hooks.example"},
      {"http://h:8080?x", "h:8080", "/?x", "h:8080"},
      {"http://h:80/", "h:80", "/", "h"},
      {"http://h:/x", "h:80", "/x", "h"},
      {"https://h:80/", "h:80", "/", "h:80"},
      {"https://192.0.2.7/x", "192.0.2.7:443", "/x", "192.0.2.7"},
      {"https://[2001:DB8::1]:8443/x", "[2001:db8::1]:8443", "/x", "[2001:db8::1]:8443"},
      {"https://[::FFFF:10.0.0.1]/", "[::ffff:10.0.0.1]:443", "/", "[::ffff:10.0.0.1]"},
      {"http://my_host.internal/", "my_host.internal:80", "/", "my_host.internal"},
      {"http://3com.example/", "3com.example:80", "/", "3com.example"},
      {"", nullptr, nullptr, nullptr},
      {"ftp://h/", nullptr, nullptr, nullptr},
      {"//h/", nullptr, nullptr, nullptr},
      {"http:h", nullptr, nullptr, nullptr},
      {"http:///x", nullptr, nullptr, nullptr},
      {"http://.h/", nullptr, nullptr, nullptr},
      {"http://a..b/", nullptr, nullptr, nullptr},
      {"http://u@h/", nullptr, nullptr, nullptr},
      {"http://h@evil/", nullptr, nullptr, nullptr},
      {"http://h:0/", nullptr, nullptr, nullptr},
      {"http://h:65536/", nullptr, nullptr, nullptr},
      {"http://h:8o/", nullptr, nullptr, nullptr},
      {"http://h\\@evil/", nullptr, nullptr, nullptr},
      {"http://h/\r\nX: y", nullptr, nullptr, nullptr},
      {"http://h/a b", nullptr, nullptr, nullptr},
      {"http://b\xc3\xbc"
       "cher.example/",
       nullptr, nullptr, nullptr},
      {"http://%31%32%37.0.0.1/", nullptr, nullptr, nullptr},
      {"http://2130706433/", nullptr, nullptr, nullptr},
      {"http://0x7f000001/", nullptr, nullptr, nullptr},
      {"http://0177.0.0.1/", nullptr, nullptr, nullptr},
      {"http://0x7f.0.0.1/", nullptr, nullptr, nullptr},
      {"http://127.1/", nullptr, nullptr, nullptr},
      {"http://127.0.0.1./", "127.0.0.1:80", "/", "127.0.0.1"},
      {"http://127.0.0.0x1/", nullptr, nullptr, nullptr},
      {"http://00127.0.0.1/", nullptr, nullptr, nullptr},
      {"http://256.0.0.1/", nullptr, nullptr, nullptr},
      {"http://1.2.3.4.5/", nullptr, nullptr, nullptr},
      {"http://[fe80::1%25eth0]/", nullptr, nullptr, nullptr},
      {"http://[::1/", nullptr, nullptr, nullptr},
      {"http://[127.0.0.1]/", nullptr, nullptr, nullptr},
  };
  for (const auto& row : table) {
    const auto parsed = parse_url(row.text);
    const auto* url = std::get_if<Url>(&parsed);
    ASSERT_EQ(url != nullptr, row.authority != nullptr) << row.text;
    if (!url) continue;
    EXPECT_EQ(url->authority(), row.authority) << row.text;
    EXPECT_EQ(url->target, row.target) << row.text;
    EXPECT_EQ(url->host_field(), row.host_field) << row.text;
  }
  EXPECT_TRUE(std::holds_alternative<std::string>(parse_url("http://h/" + std::string(9000, 'x'))));
  EXPECT_TRUE(std::holds_alternative<std::string>(parse_url("http://" + std::string(254, 'x') + "/")));
}

}  // namespace
}  // namespace wardex::transport
