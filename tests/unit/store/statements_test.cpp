// No statement of the running store may read a big table from end to end.
#include "store/sqlite/statements.hpp"

#include <set>

#include "sqlite_file.hpp"
#include "store_fixture.hpp"

namespace wardex::store::test {
namespace {

using sqlite::kStatements;
using sqlite::Sql;

class Statements : public ::testing::Test {
 protected:
  void SetUp() override {
    h.open();
    h.store.reset();
  }
  TempDir dir;
  Harness h{dir.path()};
};

std::string plan_of(SqliteFile& file, std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const std::string explain = "EXPLAIN QUERY PLAN " + std::string(sql);
  EXPECT_EQ(sqlite3_prepare_v2(file.handle(), explain.c_str(), -1, &statement, nullptr), SQLITE_OK)
      << sqlite3_errmsg(file.handle()) << "\n"
      << sql;
  std::string plan;
  while (sqlite3_step(statement) == SQLITE_ROW) {
    plan += reinterpret_cast<const char*>(sqlite3_column_text(statement, 3));
    plan += '\n';
  }
  sqlite3_finalize(statement);
  return plan;
}

TEST_F(Statements, NoneScansABigTable) {
  SqliteFile file(dir.path() / "gateway.db");
  for (const auto& statement : kStatements) {
    const std::string plan = plan_of(file, statement.sql);
    // accounts, totals, meta and pruned are small: a row per connector or fewer.
    for (const std::string table :
         {"events", "deliveries", "mailbox", "links", "audit", "checkpoints", " e\n", " d\n"}) {
      EXPECT_EQ(plan.find("SCAN " + table), std::string::npos) << statement.name << ":\n" << plan;
    }
    EXPECT_EQ(plan.find("SCAN e"), std::string::npos) << statement.name << ":\n" << plan;
    EXPECT_EQ(plan.find("SCAN d"), std::string::npos) << statement.name << ":\n" << plan;
    const bool sorts = plan.find("TEMP B-TREE") != std::string::npos;
    // The rows of one event, bounded by the index, come in the order of its seqs; its mailbox entries by connector.
    EXPECT_EQ(sorts, statement.id == Sql::audit_of_event || statement.id == Sql::list_mailbox_by_seq)
        << statement.name << ":\n"
        << plan;
  }
}

// What a row costs is in the program that SQLite makes of its statement. A CHECK with a list of more than two values,
// for one, builds a temporary table for every row.
TEST_F(Statements, NoTableIsBuiltForARow) {
  SqliteFile file(dir.path() / "gateway.db");
  for (const Sql id :
       {Sql::insert_event, Sql::insert_deliveries, Sql::delete_deliveries, Sql::update_delivery, Sql::insert_audit}) {
    const auto& statement = sqlite::named(id);
    const std::string program = file.get("EXPLAIN " + std::string(statement.sql));
    EXPECT_NE(program.find("Halt"), std::string::npos) << statement.name;
    EXPECT_EQ(program.find("OpenEphemeral"), std::string::npos) << statement.name << ":\n" << program;
  }
}

TEST_F(Statements, TheTablesSayNo) {
  SqliteFile file(dir.path() / "gateway.db");
  const auto event = [](std::string_view severity, std::string_view at) {
    return "insert into events values (null, 'a', 'alert', " + std::string(severity) + ", null, null, 'test', '" +
           std::string(at) + "', '[]', '{}')";
  };
  for (const auto severity : kSeverities) {
    file.run(event("'" + std::string(to_string(severity)) + "'", "2026-04-21T00:00:00.000Z"));
  }
  const auto delivery = [](std::string_view columns, std::string_view values) {
    return "insert into deliveries (connector, seq, " + std::string(columns) + ") values ('hook', 1, " +
           std::string(values) + ")";
  };
  file.run(delivery("next_attempt_at, queued_at", "'2026-04-21T00:00:00.000Z', '2026-04-21T00:00:00.000Z'"));
  file.run("delete from deliveries");
  for (const std::string& sql :
       {event("'High'", "2026-04-21T00:00:00.000Z"), event("null", "2026-04-21T00:00:00.000Z"),
        event("'high'", "2026-04-21T00:00:00Z"), delivery("next_attempt_at", "'2026-04-21T00:00:00Z'"),
        delivery("queued_at", "''"), delivery("state", "'sent'"), delivery("attempts", "-1")}) {
    EXPECT_THROW(file.run(sql), std::runtime_error) << sql;
  }
}

TEST_F(Statements, AreAllDistinctAndNamed) {
  std::set<std::string_view> names;
  std::set<std::string_view> texts;
  for (const auto& statement : kStatements) {
    EXPECT_TRUE(names.insert(statement.name).second) << statement.name;
    const bool shared = statement.sql == "COMMIT";  // of the writer and of readers
    EXPECT_TRUE(texts.insert(statement.sql).second || shared) << statement.name;
  }
}

}  // namespace
}  // namespace wardex::store::test
