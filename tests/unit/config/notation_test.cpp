#include <gmock/gmock.h>

#include "config/config.hpp"
#include "config/net.hpp"
#include "config/schedule.hpp"

namespace wardex::config {
namespace {

TEST(Notation, HostPort) {
  struct Case {
    const char* text;
    const char* host;
    int port;  // -1: none, -2: refused
  };
  const Case cases[] = {{"127.0.0.1:8640", "127.0.0.1", 8640},
                        {":8640", "", 8640},
                        {"[::1]:0", "::1", 0},
                        {"::1", "::1", -1},
                        {"host", "host", -1},
                        {"a.b:1", "a.b", 1},
                        {"a:65536", "", -2},
                        {"a:", "", -2},
                        {"a:x", "", -2},
                        {"[::1]8", "", -2},
                        {"[1.2.3.4]:5", "", -2},
                        {"a:1:2", "", -2}};
  for (const auto& one : cases) {
    const auto out = split_host_port(one.text);
    EXPECT_EQ(out.has_value(), one.port != -2) << one.text;
    if (!out) continue;
    EXPECT_EQ(out->host, one.host) << one.text;
    EXPECT_EQ(out->port ? *out->port : -1, one.port) << one.text;
  }
}

TEST(Notation, LoopbackIsNothingElse) {
  for (const auto* host : {"127.0.0.1", "127.9.9.9", "::1", "localhost"})
    EXPECT_TRUE((Endpoint{host, 1}.is_loopback())) << host;
  for (const auto* host : {"", "0.0.0.0", "::", "10.0.0.1", "::ffff:127.0.0.1", "127.0.0.1.example"})
    EXPECT_FALSE((Endpoint{host, 1}.is_loopback())) << host;
  EXPECT_EQ((Endpoint{"::1", 80}.str()), "[::1]:80");
  EXPECT_EQ((Endpoint{"", 80}.str()), ":80");
}

TEST(Notation, Cidr) {
  for (const auto* good : {"10.20.0.0/16", "0.0.0.0/0", "192.168.1.7/32", "fd00::/8", "fd12:3456::/32", "::1/128"}) {
    std::string why;
    EXPECT_TRUE(parse_cidr(good, why)) << good << ' ' << why;
  }
  const std::pair<const char*, const char*> bad[] = {{"10.20.1.0/16", "the network is 10.20.0.0/16"},
                                                     {"fd00::1/8", "the network is fd00::/8"},
                                                     {"10.0.0.0/33", "is no network"},
                                                     {"10.0.0.0/", "is no network"},
                                                     {"10.0.0/8", "is no network"},
                                                     {"host/8", "is no network"}};
  for (const auto& [text, problem] : bad) {
    std::string why;
    EXPECT_FALSE(parse_cidr(text, why)) << text;
    EXPECT_THAT(why, ::testing::HasSubstr(problem));
  }
}

TEST(Notation, Hosts) {
  for (const auto* good : {"siem.corp.example", "a", "10.0.0.1", "fd00::1", "x_y.example."})
    EXPECT_TRUE(is_host(good)) << good;
  for (const auto* bad : {"", ".", "a..b", "10.0.0.256", "a b", "https", "http://x", "a/b"})
    EXPECT_EQ(is_host(bad), std::string_view(bad) == "https") << bad;
}

TEST(Notation, Clock) {
  EXPECT_EQ(parse_clock("00:00"), 0);
  EXPECT_EQ(parse_clock("22:05"), 1325);
  EXPECT_EQ(parse_clock("24:00"), 1440);
  for (const auto* bad : {"24:01", "12:60", "7:00", "07:0", "ab:cd", "", "07:00:00"})
    EXPECT_FALSE(parse_clock(bad)) << bad;
}

TEST(Notation, Days) {
  const auto days = [](const std::vector<std::string>& list) {
    std::string wrong;
    const auto out = parse_days(list, wrong);
    return out ? out->to_string() : "wrong: " + wrong;  // Sunday first, Monday last
  };
  EXPECT_EQ(days({}), "1111111");
  EXPECT_EQ(days({"mon"}), "0000001");
  EXPECT_EQ(days({"Sat-Sunday"}), "1100000");
  EXPECT_EQ(days({"mon-fri"}), "0011111");
  EXPECT_EQ(days({"fri-mon", "wed"}), "1110101");
  EXPECT_EQ(days({"tues"}), "wrong: tues");
  EXPECT_EQ(days({"mon-"}), "wrong: mon-");
}

TEST(Notation, Zones) {
  for (const auto* good : {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5"})
    EXPECT_TRUE(zone_file(good)) << good;
  for (const auto* bad : {"", "Berlin", "Europe", "../passwd", "/etc/passwd", "zone.tab", "tzdata.zi"})
    EXPECT_FALSE(zone_file(bad)) << bad;
  EXPECT_EQ(nearest_zone("Europe/Berln"), "Europe/Berlin");
  EXPECT_EQ(nearest_zone("Berlin"), "Europe/Berlin");
  EXPECT_EQ(nearest_zone("europe/berlin"), "Europe/Berlin");
}

}  // namespace
}  // namespace wardex::config
