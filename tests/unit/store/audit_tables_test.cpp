// What the schema itself says no to, and which checkpoints are kept.
#include <stdexcept>

#include "sqlite_file.hpp"
#include "store_fixture.hpp"

namespace wardex::store::test {
namespace {

constexpr Millis kDay{24LL * 3600 * 1000};

class AuditTables : public ::testing::Test {
 protected:
  void SetUp() override { h.open(); }
  void append(int rows) {
    for (int i = 0; i < rows; ++i) ASSERT_TRUE(h.append_audit(h.record("config")));
  }
  void prune(Millis age, std::size_t rows = 500) {
    ASSERT_TRUE(h.prune({.what = Pruning::audit, .before = h.now() - age, .max_rows = 0, .after = 0, .rows = rows},
                        unsigned_note()));
  }
  std::string get(const std::string& sql) { return SqliteFile(file).get(sql); }
  void refused(const std::string& sql) { EXPECT_THROW(SqliteFile(file).run(sql), std::runtime_error) << sql; }

  TempDir dir;
  Harness h{dir.path()};
  std::filesystem::path file = dir.path() / "gateway.db";
};

TEST_F(AuditTables, OnlyWhatIsBelowTheHorizonMayGo) {
  append(4);
  h.advance(10 * kDay);
  append(2);
  prune(5 * kDay, 3);
  EXPECT_EQ(get("select audit_id, at from audit_horizon"), "3|" + to_iso(h.now()));
  refused("delete from audit where id = 4");
  refused("delete from audit");
  refused("delete from audit_horizon");
  refused("update audit_horizon set audit_id = 2");
  refused("insert into audit_horizon values (2, 0, '', '')");
  SqliteFile(file).run(
      "insert into audit select 2, at, actor, action, connector, first_seq, last_seq, count, attempt, "
      "outcome, status_code, latency_ms, request_digest, detail, prev_hash, hash from audit where id = 4");
  SqliteFile(file).run("delete from audit where id = 2");
}

TEST_F(AuditTables, CheckpointsOfTheirTimeStayUntilTheirRowGoes) {
  append(2);
  ASSERT_TRUE(h.checkpoint(unsigned_note()));  // of row 2
  append(2);
  ASSERT_TRUE(h.checkpoint(unsigned_note()));  // of row 4
  h.advance(10 * kDay);
  append(2);
  prune(5 * kDay, 1);
  EXPECT_EQ(get("select audit_id, reason, key, note from checkpoints"),
            "2|interval|00000000|note of row 2\n4|interval|00000000|note of row 4\n6|prune|00000000|note of row 6");
  append(1);
  prune(5 * kDay, 2);
  EXPECT_EQ(get("select audit_id, reason from checkpoints"), "4|interval\n7|prune")
      << "a newer one covers all that an older one did";
  ASSERT_TRUE(h.checkpoint(unsigned_note()));
  EXPECT_EQ(get("select audit_id, reason from checkpoints"), "4|interval\n7|interval");
  prune(5 * kDay, 1);
  EXPECT_EQ(get("select audit_id, reason from checkpoints"), "7|interval");
  EXPECT_EQ(h.store->gauges().checkpoint_id, 7);
}

}  // namespace
}  // namespace wardex::store::test
