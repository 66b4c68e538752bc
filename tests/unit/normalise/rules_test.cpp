// Every row of every rule table, each with an example.
#include <algorithm>
#include <string>

#include "normalise/shape.hpp"
#include "unit/normalise/reading.hpp"

namespace wardex::normalise {
namespace {

using nlohmann::json;

struct Example {
  const char* shape;  ///< "" for the shared rows
  const char* pointer;
  const char* value;     ///< JSON
  const char* expected;  ///< what field_values() gives for the rule's field, joined with '|'
};

// The least that is of a shape and leaves the fields under test empty.
const char* base_of(std::string_view shape) {
  if (shape == "alert record") return R"({"score":1,"level":"Nominal","rule":"r"})";
  if (shape == "seeded alert") return R"({"title":"t","severity":"low","category":"c"})";
  if (shape == "case") return R"({"id":7,"event_count":1})";
  if (shape == "incident") return R"({"timeline":[],"title":"t"})";
  return R"({"mitre":["T1000"]})";
}

const Example kExamples[] = {
    {"", "/event_id", R"("e-1")", "e-1"},
    {"", "/action", R"("Resolve")", "resolved"},
    {"", "/event_type", R"("case.reopened")", "reopened"},
    {"", "/case_id", "1042", "CASE-1042"},
    {"", "/alert_ids", R"(["a",7,{"id":"b"}])", "a|7|b"},
    {"", "/alert_id", R"("a")", "a"},
    {"", "/severity", R"("Severe")", "high"},
    {"", "/level", R"("Elevated")", "medium"},
    {"", "/priority", "1", "critical"},
    {"", "/status", R"("Triaging")", "triage"},
    {"", "/title", R"("t <b>")", "t <b>"},
    {"", "/headline", R"("h")", "h"},
    {"", "/name", R"("n")", "n"},
    {"", "/description", R"("d")", "d"},
    {"", "/message", R"("m")", "m"},
    {"", "/summary", R"("s")", "s"},
    {"", "/reasons", R"(["one","two"])", "one; two"},
    {"", "/endpoint_id", R"("e")", "e"},
    {"", "/device_id", "17", "17"},
    {"", "/agent_id", R"("a")", "a"},
    {"", "/host", R"({"name":"h"})", "h"},
    {"", "/hostname", R"("h")", "h"},
    {"", "/user", R"("u")", "u"},
    {"", "/username", R"("u")", "u"},
    {"", "/process", R"({"name":"p.exe","pid":7})", "p.exe"},
    {"", "/process_name", R"("p")", "p"},
    {"", "/rule", "1001", "1001"},
    {"", "/rule_name", R"("r")", "r"},
    {"", "/rule_id", R"("r")", "r"},
    {"", "/score", R"("8.70")", "8.7"},
    {"", "/confidence", "0.94", "0.94"},
    {"", "/mitre", R"(["t1059.001 PowerShell",{"technique_id":"T1204","tactic":"Execution"}])", "T1059.001|T1204"},
    {"", "/mitre_techniques", R"(["T1486"])", "T1000|T1486"},
    {"", "/technique_id", R"("T1110")", "T1000|T1110"},
    {"", "/tactic", R"("Execution")", "Execution"},
    {"", "/observables", R"([{"type":"domain","value":"Evil.Example."},"10.0.0.1"])", "evil.example|10.0.0.1"},
    {"", "/entities",
     R"([{"entity_type":"ip","value":"2001:DB8::1"},{"entity_type":"hash","value":"D41D8CD98F00B204E9800998ECF8427E"}])",
     "2001:db8::1|d41d8cd98f00b204e9800998ecf8427e"},
    {"", "/ip", R"("192.0.2.1")", "192.0.2.1"},
    {"", "/ip_address", R"(["192.0.2.1","x"])", "192.0.2.1"},
    {"", "/src_ip", R"("192.0.2.1")", "192.0.2.1"},
    {"", "/source_ip", R"("192.0.2.1")", "192.0.2.1"},
    {"", "/dst_ip", R"("192.0.2.1")", "192.0.2.1"},
    {"", "/dest_ip", R"("192.0.2.1")", "192.0.2.1"},
    {"", "/destination_ip", R"("192.0.2.1")", "192.0.2.1"},
    {"", "/remote_ip", R"("::1")", "::1"},
    {"", "/domain", R"("evil.example")", "evil.example"},
    {"", "/url", R"("https://evil.example/x")", "https://evil.example/x"},
    {"", "/md5", R"("d41d8cd98f00b204e9800998ecf8427e")", "d41d8cd98f00b204e9800998ecf8427e"},
    {"", "/sha1", R"("da39a3ee5e6b4b0d3255bfef95601890afd80709")", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
    {"", "/sha256", R"("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")",
     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"", "/file_hash", R"("d41d8cd98f00b204e9800998ecf8427e")", "d41d8cd98f00b204e9800998ecf8427e"},
    {"", "/email", R"("Eve@Evil.Example")", "eve@evil.example"},
    {"", "/assignee", R"("n.okafor")", "n.okafor"},
    {"", "/tags", R"(["a","b","a",7])", "a|b|7"},
    {"", "/tenant", R"("acme")", "acme"},
    {"", "/tenant_id", "42", "42"},
    {"", "/wardex_url", R"("https://c.example/x")", "https://c.example/x"},
    {"", "/occurred_at", R"("2026-04-21T16:22:09.5+02:00")", "2026-04-21T14:22:09.5Z"},
    {"", "/timestamp", "1776781329", "2026-04-21T14:22:09Z"},
    {"", "/updated_at", "1776781329250", "2026-04-21T14:22:09.250Z"},
    {"", "/created_at", R"("2026-04-21 14:22:09")", "2026-04-21T14:22:09Z"},
    {"", "/labels", R"({"site":"ber","rack":7})", "ber"},

    {"alert record", "/action", R"("isolate")", "isolate"},
    {"alert record", "/id", "4711", "4711"},
    {"alert record", "/_index", "4711", "4711"},
    {"alert record", "/level", R"("Critical")", "critical"},
    {"alert record", "/hostname", R"("web-03")", "web-03"},
    {"alert record", "/narrative/headline", R"("Password spraying")", "Password spraying"},
    {"alert record", "/narrative/summary", R"("214 failed logins")", "214 failed logins"},
    {"alert record", "/process", R"("sshd")", "sshd"},
    {"alert record", "/process_names", R"(["sshd","bash"])", "sshd"},
    {"seeded alert", "/id", "3", "3"},
    {"seeded alert", "/source", R"("edr")", "edr"},
    {"seeded alert", "/category", R"("persistence")", "persistence"},
    {"seeded alert", "/device_id", R"("build-07")", "build-07"},
    {"case", "/id", "1043", "CASE-1043"},
    {"case", "/priority", R"("Critical")", "critical"},
    {"case", "/mitre_techniques", R"(["T1486","T1490"])", "T1486|T1490"},
    {"case", "/event_ids", "[5120,5121]", "5120|5121"},
    {"case", "/incident_ids", "[88,89]", "88, 89"},
    {"case", "/comments", R"([{"author":"a","text":"x"}])", "1"},
    {"case", "/evidence", R"([{"kind":"file"},{"kind":"file"}])", "2"},
    {"incident", "/id", "88", "INC-88"},
    {"incident", "/affected_hosts", R"(["web-03",{"hostname":"db-01"}])", "web-03"},
    {"incident", "/related_alerts", R"([1,"x",{"id":3}])", "1|x|3"},
    {"incident", "/timeline", R"([{"at":"x"}])", "1"},
    {"guide", "/kind", R"("Digest")", "digest"},
    {"guide", "/type", R"("runbook.finished")", "runbook"},
};

const Rule* rule_of(const Example& example) {
  auto rules = shared_rules();
  for (const auto* shape : shapes())
    if (shape->name == example.shape) rules = shape->rules;
  const auto rule =
      std::find_if(rules.begin(), rules.end(), [&](const Rule& r) { return r.pointer == example.pointer; });
  return rule == rules.end() ? nullptr : &*rule;
}

TEST(Rules, EachExampleFillsItsField) {
  for (const auto& example : kExamples) {
    const auto* rule = rule_of(example);
    ASSERT_NE(rule, nullptr) << example.shape << example.pointer;
    auto document = json::parse(base_of(example.shape));
    if (std::string_view(example.pointer) == "/mitre") document.erase("mitre"), document["case_id"] = "c";
    document[json::json_pointer(example.pointer)] = json::parse(example.value);
    const auto event = event_of(document.dump());
    auto values = field_values(event, rule->field);
    ASSERT_TRUE(values.has_value()) << rule->field << " is no canonical field";
    std::string joined;
    for (const auto& value : *values) joined += (joined.empty() ? "" : "|") + value;
    EXPECT_EQ(joined, example.expected) << example.shape << " " << example.pointer << " -> " << rule->field;
  }
}

TEST(Rules, EveryRowHasAnExample) {
  const auto check = [](std::string_view shape, std::span<const Rule> rules) {
    for (const auto& rule : rules) {
      // These have tests of their own: an id that depends on other members, and intel, whose text form is its verdict.
      if (rule.pointer == "/intel" || (shape == "guide" && rule.pointer == "/id")) continue;
      EXPECT_TRUE(std::any_of(std::begin(kExamples), std::end(kExamples),
                              [&](const Example& e) { return e.shape == shape && e.pointer == rule.pointer; }))
          << "no example for " << shape << " " << rule.pointer;
    }
  };
  check("", shared_rules());
  for (const auto* shape : shapes()) check(shape->name, shape->rules);
}

TEST(Rules, NoTableHasAPointerTwice) {
  const auto check = [](std::string_view shape, std::span<const Rule> rules) {
    std::set<std::string_view> seen;
    for (const auto& rule : rules) EXPECT_TRUE(seen.insert(rule.pointer).second) << shape << " " << rule.pointer;
  };
  check("shared", shared_rules());
  for (const auto* shape : shapes()) check(shape->name, shape->rules);
}

TEST(Rules, TheFirstNameWinsAndTheOtherBecomesALabel) {
  const auto event = event_of(R"({"title":"t","host":"a","hostname":"b","rule":"r","rule_id":"77"})");
  EXPECT_EQ(event.host, "a");
  EXPECT_EQ(event.labels.at("hostname"), "b");
  EXPECT_EQ(event.rule, "r");
  EXPECT_EQ(event.labels.at("rule_id"), "77");
}

TEST(Rules, WhichEndAnAddressWasIsKept) {
  const auto event = event_of(
      R"-({"title":"t","src_ip":"192.0.2.1","dst_ip":"192.0.2.2","domain":"no domain","url":"javascript:alert(1)"})-");
  ASSERT_EQ(event.observables.size(), 2U);
  EXPECT_EQ(event.labels.at("src_ip"), "192.0.2.1");
  EXPECT_EQ(event.labels.at("dst_ip"), "192.0.2.2");
}

TEST(Rules, WhatIsNoTechniqueIsKeptApart) {
  const auto event = event_of(R"({"title":"t","mitre":"Execution; t1059 - Shell, TA0002, T12345, T1078.0044"})");
  EXPECT_EQ(event.mitre, std::vector<std::string>{"T1059"});
  EXPECT_EQ(event.labels.at("mitre_other"), "Execution, TA0002, T12345, T1078.0044");
}

TEST(Rules, IntelIsReadBack) {
  const auto event = event_of(
      R"({"title":"t","intel":[{"observable":"192.0.2.1","source":"vt","verdict":"bad","at":"2026-04-21T14:22:09Z"},{"x":1}]})");
  ASSERT_EQ(event.intel.size(), 1U);
  EXPECT_EQ(event.intel.front().source, "vt");
}

TEST(Rules, ListsAreBounded) {
  json document{{"title", "t"}, {"tags", json::array()}, {"mitre", json::array()}};
  for (int i = 0; i < 5000; ++i) document["tags"].push_back("tag" + std::to_string(i));
  for (int i = 1000; i < 5000; ++i) document["mitre"].push_back("T" + std::to_string(i));
  for (int i = 0; i < 500; ++i) document["unknown" + std::to_string(i)] = std::string(5000, 'x');
  const auto event = event_of(document.dump());
  EXPECT_EQ(event.tags.size(), 512U);
  EXPECT_EQ(event.mitre.size(), 512U);
  EXPECT_EQ(event.labels.size(), 64U);
  for (const auto& [name, value] : event.labels) EXPECT_LE(value.size(), 1024U);
}

}  // namespace
}  // namespace wardex::normalise
