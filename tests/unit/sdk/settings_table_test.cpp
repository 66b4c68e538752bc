#include <gtest/gtest.h>

#include "unit/sdk/values.hpp"
#include "wardex/connector.hpp"

namespace wardex {
namespace {

using namespace std::chrono_literals;
using testing::list;
using testing::map;
using testing::reference;
using testing::scalar;
using testing::told;

using Lines = std::vector<std::string>;

enum class Mode { webhook, bot };

}  // namespace
template <>
struct EnumNames<Mode> {
  static constexpr std::array names{std::pair{"webhook", Mode::webhook}, std::pair{"bot", Mode::bot}};
};
namespace {

struct Retrying {
  Millis initial{};
  std::uint32_t attempts = 0;
  static const SettingsTable<Retrying>& table() {
    static const SettingsTable<Retrying> t{
        with_default("initial", &Retrying::initial, "1s", "First step.").between("100ms", "5m"),
        required("attempts", &Retrying::attempts, "How often. At most."),
    };
    return t;
  }
};

struct Sample {
  Url url;
  Secret token;
  Millis timeout{};
  Bytes limit;
  Mode mode{};
  double rate = 0;
  std::optional<std::uint32_t> burst;
  std::vector<std::string> channels;
  std::vector<Severity> severities;
  std::map<std::string, std::string> headers;
  std::optional<Retrying> retry;
  Value match;
  std::string name = "unnamed";

  static const SettingsTable<Sample>& table() {
    static const SettingsTable<Sample> t{
        required("url", &Sample::url, "Where to post. Must be reachable."),
        optional("token", &Sample::token, "Bearer token."),
        with_default("timeout", &Sample::timeout, "15s", "Whole exchange.").between("100ms", "5m"),
        with_default("limit", &Sample::limit, "8MiB", "Body.").between("1KiB", "1GiB"),
        with_default("mode", &Sample::mode, "webhook", "How to post."),
        with_default("rate", &Sample::rate, "0.5", "Requests per second.").between("0.25", "10"),
        optional("burst", &Sample::burst, "Burst.").between("1", "100"),
        with_default("channels", &Sample::channels, "[ops, soc]", "Channels."),
        optional("severities", &Sample::severities, "Severities."),
        optional("headers", &Sample::headers, "Headers."),
        optional("retry", &Sample::retry, "Retrying."),
        optional("match", &Sample::match, "Raw."),
        optional("name", &Sample::name, "Name."),
    };
    return t;
  }
};

std::optional<Sample> read(const Value& value, Problems& problems) {
  return Sample::table().read(value, "connectors.c", problems);
}

TEST(SettingsTable, DefaultsAndGivenValues) {
  Problems problems;
  const auto s = read(map({{"url", scalar("https://h/")}}), problems);
  ASSERT_TRUE(s) << ::testing::PrintToString(told(problems));
  EXPECT_TRUE(problems.all().empty());
  EXPECT_EQ(s->timeout, 15s);
  EXPECT_EQ(s->limit, Bytes{8388608});
  EXPECT_EQ(s->mode, Mode::webhook);
  EXPECT_EQ(s->rate, 0.5);
  EXPECT_EQ(s->channels, (Lines{"ops", "soc"}));
  EXPECT_FALSE(s->burst);
  EXPECT_FALSE(s->retry);
  EXPECT_TRUE(s->token.empty());
  EXPECT_EQ(s->match.kind, Value::Kind::null);
  EXPECT_EQ(s->name, "unnamed") << "the member's own initialiser holds";
}

TEST(SettingsTable, EverythingGiven) {
  Problems problems;
  const auto s = read(map({{"url", scalar("https://h/")},
                           {"token", reference("${env:T}", "t")},
                           {"timeout", scalar("5m")},
                           {"limit", scalar("1KiB")},
                           {"mode", scalar("bot")},
                           {"rate", scalar("10")},
                           {"burst", scalar("100")},
                           {"channels", scalar("one")},
                           {"severities", list({scalar("high"), scalar("critical")})},
                           {"headers", map({{"X-A", scalar("1")}})},
                           {"retry", map({{"attempts", scalar("3")}})},
                           {"match", list({scalar("anything")})},
                           {"name", Value{}}}),
                      problems);
  ASSERT_TRUE(s) << ::testing::PrintToString(told(problems));
  EXPECT_EQ(s->token.reveal(), "t");
  EXPECT_EQ(s->timeout, 5min);
  EXPECT_EQ(s->burst, 100U);
  EXPECT_EQ(s->channels, Lines{"one"});
  EXPECT_EQ(s->severities, (std::vector{Severity::high, Severity::critical}));
  EXPECT_EQ(s->headers.at("X-A"), "1");
  EXPECT_EQ(s->retry->initial, 1s);
  EXPECT_EQ(s->retry->attempts, 3U);
  EXPECT_EQ(s->match.items.size(), 1U);
  EXPECT_EQ(s->name, "unnamed") << "a key with nothing behind it is as if absent";
}

TEST(SettingsTable, EveryProblemAtOnceWithItsPlace) {
  Problems problems;
  const auto s = read(map({{"timout", scalar("9s", 2)},
                           {"timeout", scalar("9h", 3)},
                           {"limit", scalar("1B", 4)},
                           {"mode", scalar("wehbook", 5)},
                           {"rate", scalar("0.1", 6)},
                           {"burst", scalar("0", 7)},
                           {"severities", list({scalar("hihg", 8)})},
                           {"headers", scalar("x", 9)},
                           {"retry", map({{"atempts", scalar("3", 11)}, {"initial", scalar("1ms", 12)}}, 10)},
                           {"zzz", scalar("1", 13)}},
                          1),
                      problems);
  EXPECT_FALSE(s);
  problems.sort();
  Lines all;
  for (const auto& problem : problems.all()) all.push_back(problem.str());
  EXPECT_EQ(all, (Lines{
                     "gateway.yaml:1:1: connectors.c.url: is missing: Where to post.",
                     "gateway.yaml:2:1: connectors.c.timout: unknown key 'timout'; did you mean 'timeout'?",
                     "gateway.yaml:3:1: connectors.c.timeout: must be between 100ms and 5m, not 9h",
                     "gateway.yaml:4:1: connectors.c.limit: must be between 1KiB and 1GiB, not 1B",
                     "gateway.yaml:5:1: connectors.c.mode: expected one of webhook, bot, not 'wehbook'; did you mean "
                     "'webhook'?",
                     "gateway.yaml:6:1: connectors.c.rate: must be between 0.25 and 10, not 0.1",
                     "gateway.yaml:7:1: connectors.c.burst: must be between 1 and 100, not 0",
                     "gateway.yaml:8:1: connectors.c.severities[0]: expected one of info, low, medium, high, "
                     "critical, not 'hihg'; did you mean 'high'?",
                     "gateway.yaml:9:1: connectors.c.headers: expected a map, not 'x'",
                     "gateway.yaml:10:1: connectors.c.retry.attempts: is missing: How often.",
                     "gateway.yaml:11:1: connectors.c.retry.atempts: unknown key 'atempts'; did you mean 'attempts'?",
                     "gateway.yaml:12:1: connectors.c.retry.initial: must be between 100ms and 5m, not 1ms",
                     "gateway.yaml:13:1: connectors.c.zzz: unknown key 'zzz'; known here: url, token, timeout, limit, "
                     "mode, rate, burst, channels, severities, headers, retry, match, name",
                 }));
}

TEST(SettingsTable, BoundsAreInclusive) {
  for (const auto* timeout : {"100ms", "5m"}) {
    Problems problems;
    EXPECT_TRUE(read(map({{"url", scalar("https://h/")}, {"timeout", scalar(timeout)}}), problems)) << timeout;
  }
}

TEST(SettingsTable, ARangeNeverShowsWhatAReferenceHolds) {
  Problems problems;
  EXPECT_FALSE(read(map({{"url", scalar("https://h/")}, {"timeout", reference("${env:T}", "9h")}}), problems));
  EXPECT_EQ(told(problems), Lines{"connectors.c.timeout: must be between 100ms and 5m, not what ${env:T} holds"});
}

TEST(SettingsTable, AnUnknownKeyIsAnErrorEvenIfAllElseIsWell) {
  Problems problems;
  EXPECT_FALSE(read(map({{"url", scalar("https://h/")}, {"a\nb", scalar("1")}}), problems));
  EXPECT_TRUE(problems.has_errors());
  EXPECT_EQ(told(problems).front().substr(0, 42), "connectors.c.a b: unknown key 'a b'; known");
}

TEST(SettingsTable, Shapes) {
  Problems problems;
  EXPECT_FALSE(read(list({}), problems));
  EXPECT_FALSE(read(scalar("x"), problems));
  EXPECT_FALSE(read(Value{}, problems));  // as an empty map
  EXPECT_EQ(told(problems), (Lines{"connectors.c: expected a map, not a list", "connectors.c: expected a map, not 'x'",
                                   "connectors.c.url: is missing: Where to post."}));
}

TEST(SettingsTable, Specs) {
  const auto& specs = Sample::table().specs();
  const auto find = [&](std::string_view key) -> const FieldSpec& {
    for (const auto& spec : specs)
      if (spec.key == key) return spec;
    throw std::out_of_range("no such key");
  };
  using Type = FieldSpec::Type;
  EXPECT_TRUE(find("url").required);
  EXPECT_EQ(find("url").type, Type::url);
  EXPECT_TRUE(find("token").secret);
  EXPECT_EQ(find("timeout").minimum, 100.0);
  EXPECT_EQ(find("timeout").maximum, 300'000.0);
  EXPECT_EQ(find("limit").minimum, 1024.0);
  EXPECT_EQ(find("mode").choices, (Lines{"webhook", "bot"}));
  EXPECT_EQ(find("burst").type, Type::integer);
  EXPECT_EQ(find("severities").children.at(0).type, Type::enumeration);
  EXPECT_EQ(find("headers").type, Type::map);
  EXPECT_EQ(find("retry").type, Type::object);
  EXPECT_EQ(find("retry").children.size(), 2U);
  EXPECT_EQ(find("match").type, Type::any);
}

TEST(SettingsTable, AMistakeInTheTableIsFoundAtOnce) {
  const auto spec = [](FieldSpec::Type type, std::string text) {
    FieldSpec s;
    s.type = type;
    s.default_text = std::move(text);
    return s;
  };
  EXPECT_THROW(settings_detail::bound(FieldSpec::Type::duration, "15"), std::logic_error);
  EXPECT_THROW(settings_detail::bound(FieldSpec::Type::string, "15"), std::logic_error);
  EXPECT_THROW(settings_detail::default_value(spec(FieldSpec::Type::object, "{ a: 1 }")), std::logic_error);
  EXPECT_EQ(settings_detail::default_value(spec(FieldSpec::Type::object, "{}")).kind, Value::Kind::map);
  EXPECT_EQ(settings_detail::default_value(spec(FieldSpec::Type::list, "[]")).items.size(), 0U);
  EXPECT_EQ(settings_detail::default_value(spec(FieldSpec::Type::list, "a,b , c")).items.at(2).scalar, "c");
}

struct Spanning {
  std::string from;
  std::string to;
  static const SettingsTable<Spanning>& table() {
    static const SettingsTable<Spanning> t{required("from", &Spanning::from, "From."),
                                           required("to", &Spanning::to, "To.")};
    return t;
  }
  void check(const Value& value, std::string_view path, Problems& problems) const {
    if (from > to) problems.error(value.at, path, "from must not be after to");
    if (from == to) problems.warning(value.at, path, "from is to");
  }
};
class NullSink final : public Sink {
 public:
  explicit NullSink(Spanning settings) : settings_(std::move(settings)) {}
  [[nodiscard]] Request render(Batch, const RenderContext&) const override { return Datagrams{{settings_.from}}; }
  [[nodiscard]] Verdict interpret(Batch, const Request&, const Response&, const RenderContext&) const override {
    return Delivered{};
  }

 private:
  Spanning settings_;
};

TEST(SinkMaker, ChecksRulesThatSpanFields) {
  const auto make = sink_maker<NullSink, Spanning>();
  Problems problems;
  problems.error({}, "elsewhere", "an earlier error is not this connector's");
  EXPECT_TRUE(make(map({{"from", scalar("a")}, {"to", scalar("b")}}), "c", problems));
  EXPECT_TRUE(make(map({{"from", scalar("a")}, {"to", scalar("a")}}), "c", problems));
  EXPECT_FALSE(make(map({{"from", scalar("b")}, {"to", scalar("a")}}), "c", problems));
  EXPECT_FALSE(make(map({{"from", scalar("b")}}), "c", problems));
  EXPECT_EQ(told(problems), (Lines{"elsewhere: an earlier error is not this connector's", "c: warning: from is to",
                                   "c: from must not be after to", "c.to: is missing: To."}));
}

}  // namespace
}  // namespace wardex
