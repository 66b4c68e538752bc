#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "wardex/event.hpp"

namespace wardex {
namespace {

Event full() {
  Event e;
  e.id = "evt-7";
  e.kind = Kind::case_;
  e.origin = "control-plane";
  e.action = "updated";
  e.case_id = "CASE-1042";
  e.alert_ids = {"a1", "a2"};
  e.severity = Severity::high;
  e.status = Status::new_;
  e.title = "Suspicious shell";
  e.description = "two\nlines";
  e.endpoint_id = "macbook-sec-17";
  e.host = "mac17";
  e.user = "eve";
  e.process = "sh";
  e.rule = "office-child-process";
  e.score = 87;
  e.confidence = 0.5;
  e.mitre = {"T1204", "T1059.001"};
  e.observables = {{ObservableType::ipv4, "192.0.2.1"}, {ObservableType::sha256, "ab"}};
  e.assignee = "bob";
  e.tags = {"vip"};
  e.tenant = "lab";
  e.wardex_url = "https://console.example/cases/CASE-1042";
  e.occurred_at = Timestamp::parse("2026-04-21T14:22:09.120Z");
  e.received_at = *Timestamp::parse("2026-04-21T14:22:10Z");
  e.intel = {{"192.0.2.1", "abuseipdb", "malicious", *Timestamp::parse("2026-04-21T14:22:11Z")}};
  e.labels = {{"policy", "p1"}, {"a.b", "dotted"}};
  e.original = R"({"secret":"stays here"})";
  return e;
}

TEST(Names, RoundTrip) {
  for (const auto kind : kKinds) EXPECT_EQ(parse_kind(to_string(kind)), kind);
  for (const auto severity : kSeverities) EXPECT_EQ(parse_severity(to_string(severity)), severity);
  for (const auto status : kStatuses) EXPECT_EQ(parse_status(to_string(status)), status);
  EXPECT_EQ(to_string(Kind::case_), "case");
  EXPECT_EQ(to_string(Status::new_), "new");
  EXPECT_EQ(to_string(ObservableType::sha256), "sha256");
  // Exact names only.
  for (const auto name : {"", "Critical", "severe", "HIGH", " high"}) EXPECT_FALSE(parse_severity(name)) << name;
  EXPECT_FALSE(parse_kind("case_"));
  EXPECT_FALSE(parse_status("Triaging"));
}

TEST(Severity, IsOrdered) { EXPECT_TRUE(std::is_sorted(kSeverities.begin(), kSeverities.end())); }

TEST(Event, SubjectAndReference) {
  Event e = full();
  EXPECT_EQ(e.subject(), "CASE-1042");
  e.case_id.clear();
  EXPECT_EQ(e.subject(), "evt-7");
  EXPECT_EQ(e.reference(), "evt-7");
}

TEST(Event, When) {
  Event e = full();
  EXPECT_EQ(e.when().str(), "2026-04-21T14:22:09.120Z");
  e.occurred_at.reset();
  EXPECT_EQ(e.when().str(), "2026-04-21T14:22:10Z");
}

TEST(Event, IsResolved) {
  Event e;
  EXPECT_FALSE(e.is_resolved());
  for (const auto* action : {"resolved", "closed"}) {
    e.action = action;
    EXPECT_TRUE(e.is_resolved());
  }
  e.action = "updated";
  for (const auto status : kStatuses) {
    e.status = status;
    EXPECT_EQ(e.is_resolved(), status == Status::resolved || status == Status::closed);
  }
}

TEST(ToJson, IsCanonical) {
  const auto expected = nlohmann::json::parse(R"({
    "id":"evt-7","kind":"case","origin":"control-plane","action":"updated","case_id":"CASE-1042",
    "alert_ids":["a1","a2"],"severity":"high","status":"new","title":"Suspicious shell","description":"two\nlines",
    "endpoint_id":"macbook-sec-17","host":"mac17","user":"eve","process":"sh","rule":"office-child-process",
    "score":87,"confidence":0.5,"mitre":["T1204","T1059.001"],
    "observables":[{"type":"ipv4","value":"192.0.2.1"},{"type":"sha256","value":"ab"}],
    "assignee":"bob","tags":["vip"],"tenant":"lab","wardex_url":"https://console.example/cases/CASE-1042",
    "occurred_at":"2026-04-21T14:22:09.120Z","received_at":"2026-04-21T14:22:10Z",
    "intel":[{"observable":"192.0.2.1","source":"abuseipdb","verdict":"malicious","at":"2026-04-21T14:22:11Z"}],
    "labels":{"policy":"p1","a.b":"dotted"}})");
  EXPECT_EQ(to_json(full()), expected);
  EXPECT_EQ(to_json(full())["score"].dump(), "87");
}

TEST(ToJson, LeavesEmptyFieldsOut) {
  Event e;
  e.id = "x";
  e.received_at = *Timestamp::parse("2026-04-21T14:22:10Z");
  EXPECT_EQ(to_json(e).dump(),
            R"({"action":"created","id":"x","kind":"alert","received_at":"2026-04-21T14:22:10Z","severity":"info"})");
}

TEST(ToJson, CanAlwaysBeDumped) {
  Event e = full();
  for (auto* field : {&e.id, &e.title, &e.origin, &e.tenant}) *field = "\xFF\xC0";
  e.tags = {"\xED\xA0\x80"};
  e.labels = {{"\xFF", "\xFE"}};
  e.observables = {{ObservableType::url, "\xFF"}};
  e.intel = {{"\xFF", "\xFF", "\xFF", {}}};
  EXPECT_NO_THROW(static_cast<void>(to_json(e).dump()));
}

TEST(FieldValues, KnowsEveryName) {
  const Event e = full();
  const auto json = to_json(e);
  for (const auto& name : field_names()) {
    const auto values = field_values(e, name);
    ASSERT_TRUE(values) << name;
    EXPECT_FALSE(values->empty()) << name;
    EXPECT_TRUE(json.contains(name)) << name;
  }
  // And no field of the JSON is missing from the names: labels are reached one by one.
  for (const auto& [name, value] : json.items())
    EXPECT_TRUE(name == "labels" || std::count(field_names().begin(), field_names().end(), name) == 1) << name;
}

TEST(FieldValues, Table) {
  const Event e = full();
  using Values = std::vector<std::string>;
  const std::pair<std::string_view, Values> table[] = {
      {"kind", {"case"}},        {"severity", {"high"}},
      {"status", {"new"}},       {"score", {"87"}},
      {"confidence", {"0.5"}},   {"mitre", {"T1204", "T1059.001"}},
      {"tags", {"vip"}},         {"observables", {"192.0.2.1", "ab"}},
      {"intel", {"malicious"}},  {"occurred_at", {"2026-04-21T14:22:09.120Z"}},
      {"labels.policy", {"p1"}}, {"labels.a.b", {"dotted"}},
      {"labels.none", {}},
  };
  for (const auto& [name, values] : table) EXPECT_EQ(field_values(e, name), values) << name;
  for (const auto* name : {"", "labels", "labels.", "original", "Severity", "case", "severty"})
    EXPECT_FALSE(field_values(e, name)) << name;
}

TEST(FieldValues, AbsentIsEmpty) {
  const Event e;
  for (const auto* name : {"case_id", "status", "score", "mitre", "occurred_at", "labels.x"})
    EXPECT_EQ(field_values(e, name), std::vector<std::string>{}) << name;
}

}  // namespace
}  // namespace wardex
