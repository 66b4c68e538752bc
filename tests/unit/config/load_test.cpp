#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "config/config.hpp"
#include "fixture.hpp"

namespace wardex::config {
namespace {

using test::joined;
using test::sources;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

/// Loopback, no auth, one connector to a file: valid; `more` is appended.
std::string valid_with(const std::string& more) {
  return "intake: {auth: none}\n"
         "connectors:\n"
         "  log: {type: file, path: /tmp/x.jsonl}\n" +
         more;
}

Loaded text(const std::string& yaml) {
  return load_text(yaml, "g.yaml",
                   sources({{"TOKEN", "0123456789abcdef0123456789abcdef"}, {"SHORT", "s3cr3t-can4ry"}}));
}

TEST(Load, DefaultsOfEverything) {
  const auto loaded = text(valid_with("matrix: {high: log}\n"));
  ASSERT_TRUE(loaded.config) << joined(loaded.problems);
  EXPECT_THAT(loaded.problems.all(), IsEmpty()) << joined(loaded.problems);
  const auto& config = *loaded.config;
  EXPECT_EQ(config.gateway.listen.str(), "127.0.0.1:8640");
  EXPECT_EQ(config.gateway.data_dir, "/var/lib/wardex-gateway");
  EXPECT_EQ(config.gateway.drain_timeout, std::chrono::seconds(25));
  EXPECT_TRUE(config.intake.auth.none);
  EXPECT_EQ(config.intake.limits.body.count, 8U << 20U);
  EXPECT_EQ(config.intake.limits.depth, 32U);
  EXPECT_EQ(config.intake.idempotency.window, std::chrono::hours(24));
  EXPECT_EQ(config.intake.idempotency.max_ids, 1'000'000U);
  EXPECT_EQ(config.intake.high_water.pending, 1'000'000U);
  EXPECT_EQ(config.intake.high_water.free_disk.count, 512U << 20U);
  EXPECT_EQ(config.intake.high_water.database.count, 20ULL << 30U);
  EXPECT_EQ(config.intake.high_water.reserve, 10U);
  EXPECT_EQ(config.mailbox.alarm.entries, 1000U);
  EXPECT_EQ(config.mailbox.alarm.age, std::chrono::hours(24));
  EXPECT_EQ(config.logging.level, LogLevel::info);
  ASSERT_EQ(config.connectors.size(), 1U);
  const auto& log = config.connectors.front();
  EXPECT_EQ(log.id, "log");
  EXPECT_TRUE(log.common.enabled);
  EXPECT_EQ(log.common.mirror, Mirror::both);
  EXPECT_EQ(log.common.retry.initial, std::chrono::seconds(1));
  EXPECT_EQ(log.common.retry.max, std::chrono::minutes(5));
  EXPECT_EQ(log.common.retry.give_up_after, std::chrono::hours(24));
  EXPECT_EQ(log.common.limits.concurrency, 4U);
  EXPECT_FALSE(log.common.limits.rate);
  EXPECT_EQ(log.common.timeout, std::chrono::seconds(15));
  EXPECT_EQ(log.fingerprint.size(), 64U);
  ASSERT_TRUE(log.sink);
  EXPECT_EQ(log.manifest->name, "file");
  EXPECT_THAT(config.matrix.at(Severity::high), ElementsAre("log"));
  EXPECT_EQ(config.digest.size(), 64U);
}

TEST(Load, EmbeddedDefaultIsValidWithoutAWarning) {
  const auto loaded = load_text(default_yaml(), "gateway.yaml", sources());
  ASSERT_TRUE(loaded.config) << joined(loaded.problems);
  EXPECT_THAT(loaded.problems.all(), IsEmpty()) << joined(loaded.problems);
  EXPECT_THAT(std::string(default_yaml()), StartsWith("# yaml-language-server: $schema="));
  EXPECT_EQ(loaded.config->matrix.size(), 5U);
  for (const auto& [severity, to] : loaded.config->matrix) EXPECT_THAT(to, ElementsAre("event-log"));
}

/// The commented parts of the default must be valid too: whoever removes the '#' expects it.
TEST(Load, EmbeddedDefaultUncommentedIsValid) {
  const test::TempDir dir;
  for (const auto* name : {"intake_token", "soar_new", "soar_old", "api_grafana", "soc_hook"})
    dir.write(name, "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNk" + std::string(name).substr(0, 4) + "\n");
  dir.write("soc_chat_url", "https://hooks.slack.com/services/T0/B0/x\n");
  std::istringstream in{std::string(default_yaml())};
  std::string yaml;
  bool in_connectors = false;
  bool in_routes = false;
  for (std::string line; std::getline(in, line);) {
    in_connectors = (in_connectors || line.starts_with("  # soc-")) && !line.starts_with("# Where events go");
    in_routes = in_routes || line == "# routes:";
    if (in_connectors && line.starts_with("  # ")) line.erase(2, 2);
    if (in_routes && line.starts_with("# ")) line.erase(0, 2);
    yaml += line + "\n";
  }
  const auto loaded = load_text(yaml, "gateway.yaml", sources({}, dir.path()));
  ASSERT_TRUE(loaded.config) << joined(loaded.problems) << yaml;
  EXPECT_EQ(loaded.config->routes.size(), 3U);
  EXPECT_EQ(loaded.config->mute_windows.size(), 3U);
  EXPECT_EQ(loaded.config->connectors.size(), 3U);
}

TEST(Load, ExamplesAreValid) {
  const test::TempDir credentials;
  for (const auto* name : {"intake_token", "api_grafana", "iam_token"})
    credentials.write(name, std::string(name) + "-0123456789abcdef\n");
  for (const auto* name : {"soar_signing", "soar_hook"})
    credentials.write(name, "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n");
  credentials.write("soc_chat_url", "https://hooks.slack.com/services/T000/B000/XXXX\n");
  std::size_t seen = 0;
  for (const auto& file : std::filesystem::directory_iterator(WARDEX_SOURCE_DIR "/config/examples")) {
    std::ifstream in(file.path());
    std::string yaml{std::istreambuf_iterator<char>(in), {}};
    const std::string installed = "/etc/wardex-gateway/secrets/soc_hook";
    if (const auto at = yaml.find(installed); at != std::string::npos)
      yaml.replace(at, installed.size(), (credentials.path() / "soar_hook").string());
    const auto loaded = load_text(yaml, file.path().filename().string(), sources({}, credentials.path()));
    EXPECT_TRUE(loaded.config) << joined(loaded.problems);
    EXPECT_THAT(loaded.problems.all(), IsEmpty()) << joined(loaded.problems);
    ++seen;
  }
  EXPECT_GE(seen, 2U);
}

TEST(Load, AllProblemsAtOnceSortedByPlace) {
  const auto loaded = text(
      "gateway: {listen: nowhere, drain_timeout: 1h}\n"
      "intake: {auth: none, limit: 3}\n"
      "conectors: {}\n"
      "connectors:\n"
      "  log: {type: file, path: /tmp/x, timeot: 3s, rotate_byte: 1MiB}\n"
      "  Bad_Id: {type: fille}\n"
      "matrix: {hihg: [log], low: [lok]}\n"
      "routes:\n"
      "  - {match: {}, to: [nobody], mute: [nigts], continue: true, stop: true}\n"
      "  - {name: x}\n");
  EXPECT_FALSE(loaded.config);
  EXPECT_THAT(
      test::texts(loaded.problems),
      ElementsAre(
          AllOf(StartsWith("g.yaml:1:19: gateway.listen: "), HasSubstr("write an address and a port")),
          AllOf(StartsWith("g.yaml:1:43: gateway.drain_timeout: "), HasSubstr("between 1s and 10m")),
          AllOf(StartsWith("g.yaml:2:22: intake.limit: "), HasSubstr("did you mean 'limits'?")),
          AllOf(StartsWith("g.yaml:3:1: conectors: "), HasSubstr("did you mean 'connectors'?")),
          AllOf(StartsWith("g.yaml:5:35: connectors.log.timeot: "), HasSubstr("did you mean 'timeout'?")),
          AllOf(StartsWith("g.yaml:5:47: connectors.log.rotate_byte: "), HasSubstr("did you mean 'rotate_bytes'?")),
          AllOf(StartsWith("g.yaml:6:3: connectors.Bad_Id: "), HasSubstr("is no connector id")),
          AllOf(StartsWith("g.yaml:6:18: connectors.Bad_Id.type: "), HasSubstr("did you mean 'file'?")),
          AllOf(StartsWith("g.yaml:7:10: matrix.hihg: "), HasSubstr("did you mean 'high'?")),
          AllOf(StartsWith("g.yaml:7:29: matrix.low[0]: "), HasSubstr("unknown connector 'lok', did you mean 'log'?")),
          AllOf(StartsWith("g.yaml:9:"), HasSubstr("routes[0].to[0]: unknown connector 'nobody'")),
          AllOf(StartsWith("g.yaml:9:"),
                HasSubstr("routes[0].mute[0]: unknown mute window 'nigts'; none is configured")),
          AllOf(StartsWith("g.yaml:9:"), HasSubstr("'continue' and 'stop' contradict each other")),
          AllOf(StartsWith("g.yaml:10:"), HasSubstr("routes[1].to: is missing"))))
      << joined(loaded.problems);
}

struct Rule {
  const char* yaml;     ///< the whole file
  const char* problem;  ///< a part of one of the problems; "" for none at all
};
class LoadRule : public ::testing::TestWithParam<Rule> {};
TEST_P(LoadRule, IsSaid) {
  const auto loaded = text(GetParam().yaml);
  if (std::string_view(GetParam().problem).empty()) {
    EXPECT_THAT(loaded.problems.all(), IsEmpty()) << joined(loaded.problems);
  } else {
    EXPECT_THAT(test::texts(loaded.problems), Contains(HasSubstr(GetParam().problem))) << GetParam().yaml;
  }
  EXPECT_EQ(loaded.config == nullptr, loaded.problems.has_errors());
  EXPECT_THAT(joined(loaded.problems), Not(HasSubstr("s3cr3t-can4ry")));
  for (const auto& problem : loaded.problems.all()) EXPECT_GT(problem.at.line, 0) << problem.str();
}

INSTANTIATE_TEST_SUITE_P(
    Access, LoadRule,
    ::testing::Values(
        Rule{
            "logging: {}\n",
            "g.yaml:1:1: intake.auth: nobody could send events; configure tokens, hmac or mtls, or write `auth: none`"},
        Rule{"intake: {auth: {}}\n", "nobody could send events"},
        Rule{"intake: {auth: off}\n", "'off' is neither the word 'none' nor a map with tokens, hmac or mtls"},
        Rule{"gateway: {listen: ':8640'}\nintake: {auth: none}\n",
             "g.yaml:2:16: intake.auth: 'none' is allowed on a loopback listener only"},
        Rule{"gateway: {listen: '10.0.0.1:8640'}\nintake: {}\n",
             "nobody could send events; configure tokens, hmac or mtls"},
        Rule{"gateway: {listen: ':8640'}\nintake: {auth: {tokens: [{name: a, token: '${env:TOKEN}'}]}}\n",
             "warning: events and tokens travel unencrypted to :8640"},
        Rule{"gateway: {listen: 'gw.example:8640'}\nintake: {auth: none}\n", "names a host, but a listener needs"},
        Rule{"intake: {auth: {tokens: [{name: a, token: '${env:TOKEN}'}]}}\n", ""},
        Rule{"intake: {auth: {tokens: [{name: a, token: '${env:SHORT}'}]}}\n",
             "warning: is shorter than 16 characters"},
        Rule{"intake: {auth: {tokens: [{name: a, token: s3cr3t-can4ry-0123456}]}}\n",
             "warning: the secret stands in the file itself"},
        Rule{"intake: {auth: {tokens: [{name: a, token: '${env:TOKEN}'}]}}\napi: {tokens: [{name: a, token: "
             "'${env:SHORT}'}]}\n",
             "api.tokens[0].name: 'a' is taken by g.yaml:1"},
        Rule{"intake: {auth: {tokens: [{name: a, token: '${env:TOKEN}'}, {name: b, token: '${env:TOKEN}'}]}}\n",
             "is the same token as that of 'a'"},
        Rule{"intake: {auth: {tokens: [{name: 'a b', token: '${env:TOKEN}'}]}}\n", "'a b' is no name"},
        Rule{"intake: {auth: {hmac: [{name: a, secrets: '${env:SHORT}'}]}}\n", "is no Standard Webhooks secret"},
        Rule{"intake: {auth: {hmac: [{name: a, secrets: []}]}}\n", "list at least one secret"},
        Rule{"intake: {auth: {mtls: [{name: a, subject: b}]}}\n", "only asked for when gateway.tls.client_ca is set"},
        Rule{"gateway: {tls: {certificate: /nonexistent/c, key: /nonexistent/k}}\nintake: {auth: none}\n",
             "gateway.tls.certificate: /nonexistent/c: No such file"},
        Rule{"gateway: {public_url: 'gateway.example'}\nintake: {auth: none}\n", "'gateway.example' is no URL"},
        Rule{"gateway: {data_dir: data}\nintake: {auth: none}\n", "'data' must be an absolute path"},
        Rule{"intake: {auth: none}\negress: {allow: [10.1.2.0/16, siem.example:8088, fd00::/8, 10.9.8.7]}\n",
             "g.yaml:2:18: egress.allow[0]: '10.1.2.0/16' has bits set beyond its prefix; the network is 10.1.0.0/16"},
        Rule{"intake: {auth: none}\negress: {allow: ['http://x']}\n", "egress.allow[0]: 'http://x' is no network"},
        Rule{"intake: {auth: none}\negress: {allow: ['siem.example:0']}\n", "is no destination"},
        Rule{"intake: {auth: none}\negress: {allow: [0.0.0.0/0]}\n",
             "warning: '0.0.0.0/0' opens every private network"}));

constexpr auto kStart = "intake: {auth: none}\nmatrix: {high: a}\nconnectors:\n  a: {type: file, path: /tmp/a, ";
std::string connector(const std::string& settings, const std::string& more = "") {
  return kStart + settings + "}\n" + more;
}

TEST(Load, RulesOfConnectors) {
  const std::pair<std::string, std::string> cases[] = {
      {connector("mirror: alerts"), ""},
      {connector("mirror: all"), "expected one of alerts, cases, both"},
      {connector("tls: {client_cert: /etc/hostname}"), "client_cert and client_key belong together"},
      {connector("tls: {ca_file: /nonexistent/ca}"), "connectors.a.tls.ca_file: /nonexistent/ca: No such file"},
      {connector("tls: {insecure_skip_verify: true}"), "warning: the receiver's certificate is not verified"},
      {connector("retry: {initial: 2m, max: 1m}"), "initial is longer than max"},
      {connector("fallback: {to: b}"), "unknown connector 'b'"},
      {connector("fallback: {to: a}"), "a connector cannot be its own fallback"},
      {connector("fallback: {to: b}", "  b: {type: file, path: /tmp/b, fallback: {to: a}}\n"),
       "the fallbacks form a circle that comes back to 'a'"},
      {connector("fallback: {to: b}", "  b: {type: file, path: /tmp/b, enabled: false}\n"), "warning: 'b' is disabled"},
      {connector("fallback: {to: b, after: 25h}", "  b: {type: file, path: /tmp/b}\n"),
       "warning: is not before retry.give_up_after"},
      {connector("fallback: {to: b, severities: [hgh]}", "  b: {type: file, path: /tmp/b}\n"), "did you mean 'high'?"},
      {connector("limits: {concurrency: 0}"), "connectors.a.limits.concurrency: must be between 1 and 1000"},
      {connector("limits: {rate: {}}"), "connectors.a.limits.rate.per_second: is missing"},
      {connector("enabled: yes"), "connectors.a.enabled: expected true or false, not 'yes'"},
      {connector("mirror: both", "  all: {type: file, path: /tmp/b}\n"), "the id 'all' is reserved"},
      {connector("mirror: both", "  b: {path: /tmp/b}\n"), "connectors.b.type: is missing; known types are"},
      {connector("mirror: both", "  b: []\n"), "connectors.b: expected a map"},
      {connector("mirror: both", "  a: {type: file, path: /tmp/b}\n"),
       "the key 'a' stands here a second time; the first is on line 4"},
      {connector("mirror: both", "  b: {type: webhook}\n"), "connectors.b.url: is missing"},
  };
  for (const auto& [yaml, problem] : cases) {
    const auto loaded = text(yaml);
    if (problem.empty())
      EXPECT_THAT(loaded.problems.all(), IsEmpty()) << joined(loaded.problems);
    else
      EXPECT_THAT(test::texts(loaded.problems), Contains(HasSubstr(problem))) << yaml << joined(loaded.problems);
  }
}

TEST(Load, RulesOfWindows) {
  const std::pair<std::string, std::string> cases[] = {
      {"time_zone: Europe/Berlin, days: [mon-fri], from: '22:00', to: '06:00'", ""},
      {"starts: 2026-05-01T20:00:00Z, ends: 2026-05-02T04:00:00+02:00", ""},
      {"days: sat-sun", ""},
      {"time_zone: Europe/Berlim, days: mon", "unknown time zone 'Europe/Berlim', did you mean 'Europe/Berlin'?"},
      {"from: '22:00'", "'from' needs a 'to'"},
      {"from: '9:00', to: '10:00'", "'9:00' is no time of day; write it like \"22:00\""},
      {"from: '24:00', to: '10:00'", "a window cannot begin at 24:00"},
      {"from: '10:00', to: '10:00'", "nothing is ever muted; a whole day is 00:00 to 24:00"},
      {"days: [funday]", "'funday' is no day"},
      {"starts: 2026-05-02T20:00:00Z, ends: 2026-05-01T20:00:00Z", "is not after 'starts'"},
      {"starts: tomorrow", "'tomorrow' is no time"},
      {"time_zone: UTC", "says no time"},
  };
  for (const auto& [window, problem] : cases) {
    const auto loaded = text(valid_with("matrix: {high: log}\nmute_windows:\n  w: {" + window + "}\n"));
    if (problem.empty())
      EXPECT_THAT(loaded.problems.all(), IsEmpty()) << joined(loaded.problems);
    else
      EXPECT_THAT(test::texts(loaded.problems), ElementsAre(HasSubstr(problem))) << window;
  }
}

TEST(Load, TheSafeguardsOfRoutesAreReadAsWritten) {
  const auto loaded =
      text(valid_with("routes:\n- {name: first, match: {severity: high}, to: log}\n- {to: [log], continue: true}\n- "
                      "{to: [], stop: true}\n"));
  ASSERT_TRUE(loaded.config) << joined(loaded.problems);
  const auto& routes = loaded.config->routes;
  ASSERT_EQ(routes.size(), 3U);
  EXPECT_FALSE(routes[0].continue_);
  EXPECT_EQ(routes[0].match.find("severity")->scalar, "high");
  EXPECT_EQ(routes[0].at.line, 5);
  EXPECT_TRUE(routes[1].continue_);
  EXPECT_TRUE(routes[2].stop);
  EXPECT_THAT(routes[2].to, IsEmpty());
}

TEST(LoadFiles, ConfDAddsInTheOrderOfNames) {
  const test::TempDir dir;
  const auto main = dir.write("gateway.yaml", valid_with("matrix: {high: log}\nroutes: [{name: one, to: log}]\n"));
  dir.write("conf.d/20-b.yaml",
            "connectors: {b: {type: file, path: /tmp/b}}\nmatrix: {high: b, low: b}\nroutes: [{name: three, to: b}]\n");
  dir.write("conf.d/10-a.yaml", "connectors: {a: {type: file, path: /tmp/a}}\nroutes: [{name: two, to: a}]\n");
  dir.write("conf.d/.hidden.yaml", "nonsense: [");
  dir.write("conf.d/old.yml", "nonsense: [");
  const auto loaded = load(main, sources());
  ASSERT_TRUE(loaded.config) << joined(loaded.problems);
  EXPECT_THAT(test::texts(loaded.problems), ElementsAre(HasSubstr("old.yml: warning: is not read; only *.yaml is")));
  const auto& config = *loaded.config;
  ASSERT_EQ(config.connectors.size(), 3U);
  EXPECT_EQ(config.connectors[1].id, "a");
  EXPECT_THAT(config.matrix.at(Severity::high), ElementsAre("log", "b"));
  ASSERT_EQ(config.routes.size(), 3U);
  EXPECT_EQ(config.routes[2].name, "three");
  EXPECT_THAT(config.files, ElementsAre(main, dir.path() / "conf.d/10-a.yaml", dir.path() / "conf.d/20-b.yaml"));
}

TEST(LoadFiles, TheSameThingTwiceNamesBothPlaces) {
  const test::TempDir dir;
  const auto main = dir.write("gateway.yaml", valid_with("matrix: {high: log}\nlogging: {level: info}\n"));
  dir.write("conf.d/a.yaml", "connectors:\n  log: {type: file, path: /tmp/b}\nlogging: {level: debug, format: json}\n");
  const auto loaded = load(main, sources());
  EXPECT_FALSE(loaded.config);
  EXPECT_THAT(test::texts(loaded.problems),
              ElementsAre(AllOf(HasSubstr("conf.d/a.yaml:2:3: connectors.log: 'log' is already defined in"),
                                HasSubstr("gateway.yaml:3")),
                          AllOf(HasSubstr("conf.d/a.yaml:3:18: logging.level: is already set in"),
                                HasSubstr("gateway.yaml:5"))));
}

TEST(LoadFiles, ABrokenFileDoesNotDrawSpuriousProblems) {
  const test::TempDir dir;
  const auto main = dir.write("gateway.yaml", valid_with("matrix: {high: other}\n"));
  dir.write("conf.d/a.yaml", "connectors: {other: {type: file,\n");
  const auto loaded = load(main, sources());
  EXPECT_FALSE(loaded.config);
  EXPECT_THAT(test::texts(loaded.problems), ElementsAre(HasSubstr("conf.d/a.yaml:2:1: YAML syntax")));
}

TEST(LoadFiles, AMissingOrSillyFileIsOneProblem) {
  const test::TempDir dir;
  EXPECT_THAT(joined(load(dir.path() / "none.yaml", sources()).problems),
              HasSubstr("none.yaml: No such file or directory"));
  EXPECT_THAT(joined(load(dir.path(), sources()).problems), HasSubstr("is a directory"));
  EXPECT_THAT(joined(load(dir.write("list.yaml", "- a\n"), sources()).problems),
              HasSubstr("list.yaml:1:1: expected a map"));
}

TEST(LoadFiles, SecretAndTlsFilesAreListedForWatching) {
  const test::TempDir dir;
  const auto token = dir.write("token", "0123456789abcdef");
  const auto ca = dir.write("ca.pem", "x");
  const auto main = dir.write("gateway.yaml",
                              "intake: {auth: {tokens: [{name: a, token: '${file:" + token.string() +
                                  "}'}]}}\nconnectors: {log: {type: file, path: /tmp/x, tls: {ca_file: " + ca.string() +
                                  "}}}\nmatrix: {high: log}\n");
  const auto loaded = load(main, sources());
  ASSERT_TRUE(loaded.config) << joined(loaded.problems);
  EXPECT_THAT(loaded.config->secret_files, ElementsAre(token, ca));
  EXPECT_EQ(loaded.config->intake.auth.tokens.front().token.reveal(), "0123456789abcdef");
  const auto* kept = loaded.config->root.find("intake")->find("auth")->find("tokens")->items.front().find("token");
  EXPECT_TRUE(kept->is_reference);
  EXPECT_FALSE(kept->resolved);
}

TEST(LoadFiles, DataDirOfAnInvalidFile) {
  const test::TempDir dir;
  EXPECT_EQ(data_dir_of(dir.write("a.yaml", "gateway: {data_dir: /srv/w, tls: 3}\nnonsense: ${env:NOPE}\n")), "/srv/w");
  EXPECT_EQ(data_dir_of(dir.write("b.yaml", "gateway: [")), "/var/lib/wardex-gateway");
  EXPECT_EQ(data_dir_of(dir.path() / "missing.yaml"), "/var/lib/wardex-gateway");
}

}  // namespace
}  // namespace wardex::config
