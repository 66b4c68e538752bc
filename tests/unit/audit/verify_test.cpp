// Every way to tamper with a trail that can be seen without an anchor is seen, at the right row.
#include "audit/verify.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "audit/export.hpp"
#include "store/audit_chain.hpp"
#include "unit/store/sqlite_file.hpp"
#include "unit/store/store_fixture.hpp"

namespace wardex::audit {
namespace {

using store::test::Harness;
using store::test::SqliteFile;
using store::test::TempDir;

class AuditVerify : public ::testing::Test {
 protected:
  void SetUp() override {
    h.open();
    for (int i = 0; i < 20; ++i) {
      store::AuditRecord record = h.record("deliver", "soc-hook");
      record.first_seq = record.last_seq = static_cast<store::Seq>(i + 1);
      record.count = 1;
      record.attempt = 1;
      record.outcome = i % 3 ? "delivered" : "retry";
      record.status_code = i % 3 ? 200 : 503;
      record.latency_ms = 10 + i;
      record.detail = "answer " + std::to_string(i);
      ASSERT_TRUE(h.append_audit(record));
      h.advance(Millis(100));
    }
    h.store.reset();
  }
  /// The database without the triggers that protect the trail: whoever can write the file can drop them.
  void tamper(const std::string& sql) {
    SqliteFile database(file);
    database.run(
        "drop trigger if exists audit_is_append_only_update; drop trigger if exists audit_is_append_only_delete");
    database.run("pragma ignore_check_constraints = on");
    database.run(sql);
    database.run("pragma wal_checkpoint(truncate)");
  }
  void expect_bad(std::int64_t row, const std::string& words, Flaw flaw) {
    const VerifyReport report = verify(file);
    EXPECT_FALSE(report.ok);
    EXPECT_EQ(report.bad_row(), row) << report.problem();
    EXPECT_NE(report.problem().find(words), std::string::npos) << report.problem();
    EXPECT_EQ(report.flaw(), flaw) << to_string(report.flaw());
    EXPECT_EQ(report.rows, static_cast<std::uint64_t>(report.head_id));
  }

  TempDir dir;
  Harness h{dir.path()};
  std::filesystem::path file = dir.path() / "gateway.db";
};

TEST_F(AuditVerify, AGoodTrailHolds) {
  const VerifyReport report = verify(file);
  EXPECT_TRUE(report.ok) << report.problem();
  EXPECT_EQ(report.rows, 20U);
  EXPECT_EQ(report.first_id, 1);
  EXPECT_EQ(report.head_id, 20);
  EXPECT_EQ(report.bad_row(), 0);
  EXPECT_EQ(report.head_at, "2026-04-21T14:22:10.900Z");
  EXPECT_EQ(report.head_hash, SqliteFile(file).get("select hash from audit where id = 20"));
}

TEST_F(AuditVerify, ALoneCopyIsReadWithoutTouchingItsFolder) {
  TempDir other;
  std::filesystem::copy_file(file, other.path() / "copy.db");
  EXPECT_TRUE(verify(other.path() / "copy.db").ok);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(other.path()), {}), 1);
}

TEST_F(AuditVerify, ALiveDatabaseAndItsWalAreRead) {
  h.options.idle_after = Millis(600'000);
  h.open();
  ASSERT_TRUE(h.append_audit(h.record("config")));
  const VerifyReport report = verify(file);
  EXPECT_TRUE(report.ok) << report.problem();
  EXPECT_EQ(report.head_id, 21);
}

TEST_F(AuditVerify, AnEditOfAnyColumnIsSeenAtItsRow) {
  const std::string edits[] = {"at = '2026-04-21T14:22:09.001Z'",
                               "at = '2026-04-21 14:22:09.600'",
                               "actor = 'nobody'",
                               "action = 'accept'",
                               "connector = 'other'",
                               "first_seq = first_seq - 1",
                               "last_seq = last_seq + 1",
                               "first_seq = null, last_seq = null",
                               "count = 2",
                               "attempt = 0",
                               "outcome = 'delivered '",
                               "status_code = 201",
                               "status_code = null",
                               "status_code = 4294967496",
                               "latency_ms = null",
                               "request_digest = 'x'",
                               "detail = detail || ' '",
                               "prev_hash = replace(prev_hash, substr(prev_hash, 1, 1), '0')",
                               "hash = upper(hash)"};
  for (const std::string& edit : edits) {
    std::filesystem::copy_file(file, dir.path() / "kept.db", std::filesystem::copy_options::overwrite_existing);
    tamper("update audit set " + edit + " where id = 6");
    const VerifyReport report = verify(file);
    EXPECT_FALSE(report.ok) << edit;
    EXPECT_EQ(report.bad_row(), 6) << edit << ": " << report.problem();
    std::filesystem::copy_file(dir.path() / "kept.db", file, std::filesystem::copy_options::overwrite_existing);
  }
}

TEST_F(AuditVerify, DeletedRowsAreNamed) {
  tamper("delete from audit where id = 7");
  expect_bad(7, "row 7 is missing", Flaw::deleted);
}
TEST_F(AuditVerify, SeveralDeletedRowsAreNamed) {
  tamper("delete from audit where id between 7 and 9");
  expect_bad(7, "row 7 to 9 are missing", Flaw::deleted);
}
TEST_F(AuditVerify, ADeletedFirstRowIsSeen) {
  tamper("delete from audit where id = 1");
  expect_bad(1, "missing", Flaw::deleted);
}
TEST_F(AuditVerify, DeletingAndRenumberingIsSeen) {
  tamper("delete from audit where id = 7; update audit set id = id - 1 where id > 7");
  expect_bad(7, "row 7 is what was row 8: rows were moved or renumbered", Flaw::reordered);
}
TEST_F(AuditVerify, ReorderingIsSeen) {
  tamper(
      "update audit set id = -1 where id = 4; update audit set id = 4 where id = 5; update audit set id = 5 where id = "
      "-1");
  expect_bad(4, "row 4 is what was row 5: rows were moved or renumbered", Flaw::reordered);
}
TEST_F(AuditVerify, AnInsertedRowIsSeen) {
  tamper(
      "insert into audit select 21, at, actor, action, connector, first_seq, last_seq, count, attempt, outcome, "
      "status_code, latency_ms, request_digest, detail, prev_hash, hash from audit where id = 20");
  expect_bad(21, "row 21 is what was row 20", Flaw::reordered);
}
TEST_F(AuditVerify, ARowBeforeTheFirstIsSeen) {
  tamper(
      "insert into audit select 0, at, actor, action, connector, first_seq, last_seq, count, attempt, outcome, "
      "status_code, latency_ms, request_digest, detail, prev_hash, hash from audit where id = 20");
  expect_bad(0, "where the trail has no row", Flaw::inserted);
}
TEST_F(AuditVerify, AnEditWithARecomputedHashBreaksTheNextLink) {
  store::AuditRow row;
  EXPECT_TRUE(export_rows(file, {.first_id = 8, .last_id = 8}, [&row](std::string_view line) {
                const auto json = nlohmann::json::parse(line);
                row.id = 8;
                row.at = *from_iso(json["at"].get<std::string>());
                row.actor = json["actor"];
                row.action = json["action"];
                row.connector = json["connector"];
                row.first_seq = json["first_seq"];
                row.last_seq = json["last_seq"];
                row.count = json["count"];
                row.attempt = json["attempt"];
                row.outcome = "delivered, honestly";
                row.status_code = json["status_code"];
                row.latency_ms = json["latency_ms"];
                row.detail = json["detail"];
                row.prev_hash = json["prev_hash"];
              }).ok);
  tamper("update audit set outcome = '" + row.outcome + "', hash = '" + store::chain_hash(row) + "' where id = 8");
  expect_bad(9, "does not continue the row before it", Flaw::replaced);
}
TEST_F(AuditVerify, ACutOffTailNeedsAnAnchor) {
  tamper("delete from audit where id > 15");
  const VerifyReport report = verify(file);
  EXPECT_TRUE(report.ok);
  EXPECT_EQ(report.head_id, 15);  // what an anchor kept elsewhere is compared with
}

TEST_F(AuditVerify, TheDatabaseItselfRefusesChanges) {
  SqliteFile database(file);
  EXPECT_THROW(database.run("update audit set detail = '' where id = 1"), std::runtime_error);
  EXPECT_THROW(database.run("delete from audit where id = 20"), std::runtime_error);
}

TEST_F(AuditVerify, WhatIsNoTrailIsSaidSo) {
  EXPECT_NE(verify(dir.path() / "nothing.db").problem().find("is no file"), std::string::npos);
  SqliteFile(dir.path() / "other.db").run("create table x(y)");
  EXPECT_NE(verify(dir.path() / "other.db").problem().find("not a gateway's database"), std::string::npos);
  std::ofstream(dir.path() / "text.db") << std::string(5000, 'x');
  const VerifyReport report = verify(dir.path() / "text.db");
  EXPECT_FALSE(report.ok);
  EXPECT_EQ(report.bad_row(), 0);
}

TEST_F(AuditVerify, AnEmptyTrailHolds) {
  TempDir other;
  Harness fresh(other.path());
  fresh.open();
  fresh.store.reset();
  const VerifyReport report = verify(other.path() / "gateway.db");
  EXPECT_TRUE(report.ok) << report.problem();
  EXPECT_EQ(report.rows, 0U);
  EXPECT_EQ(report.head_hash, store::kGenesisHash);
}

TEST_F(AuditVerify, ALongTrailIsReadInPages) {
  h.open();
  int done = 0;
  for (int i = 0; i < 12'000; ++i) {
    h.store->append_audit(h.record("config"), [&done](store::Result<store::Ok>) { ++done; });
  }
  ASSERT_TRUE(h.loop.run_until([&done] { return done == 12'000; }));
  h.store.reset();
  const VerifyReport report = verify(file);
  EXPECT_TRUE(report.ok) << report.problem();
  EXPECT_EQ(report.rows, 12'020U);
}

TEST_F(AuditVerify, ExportIsJsonLinesWithProof) {
  std::vector<nlohmann::json> lines;
  const auto collect = [&lines](std::string_view line) {
    ASSERT_TRUE(line.ends_with('\n'));
    lines.push_back(nlohmann::json::parse(line));
  };
  const ExportReport exported = export_rows(file, {.first_id = 5, .last_id = 8}, collect);
  EXPECT_TRUE(exported.ok) << exported.problem;
  EXPECT_EQ(exported.rows, 4U);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0]["id"], 5);
  EXPECT_EQ(lines[0]["connector"], "soc-hook");
  EXPECT_EQ(lines[0]["at"], "2026-04-21T14:22:09.400Z");
  EXPECT_EQ(lines[0]["chain"], "wardex-audit-v1");
  EXPECT_EQ(lines[1]["prev_hash"], lines[0]["hash"]);
  lines.clear();
  EXPECT_EQ(export_rows(file, {}, collect).rows, 20U);
  EXPECT_FALSE(export_rows(dir.path() / "nothing.db", {}, collect).ok);
}

}  // namespace
}  // namespace wardex::audit
