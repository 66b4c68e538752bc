// What only a signature, or only something kept elsewhere, can show: a recomputed chain, rows cut off, a database put
// back to an older copy, a horizon that nobody signed.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "audit/checkpoint.hpp"
#include "audit/verify.hpp"
#include "store/audit_chain.hpp"
#include "unit/store/sqlite_file.hpp"
#include "unit/store/store_fixture.hpp"

namespace wardex::audit {
namespace {

namespace fs = std::filesystem;
using store::test::Harness;
using store::test::SqliteFile;
using store::test::TempDir;

constexpr Millis kDay{24LL * 3600 * 1000};

class AnchorVerify : public ::testing::Test {
 protected:
  void SetUp() override { h.open(); }

  void append(int rows) {
    for (int i = 0; i < rows; ++i) {
      auto record = h.record("deliver", "soc-hook");
      record.detail = "answer " + std::to_string(++answers_);
      ASSERT_TRUE(h.append_audit(record));
      h.advance(Millis(100));
    }
  }
  store::Sign sign(const SigningKey& with) {
    return [this, with](const store::ChainHead& head) {
      const auto note = sign_checkpoint(head, with);
      notes.push_back(note);
      return store::Signed{note, to_string(key_id(signer_name(head.instance), with.public_key())), std::nullopt};
    };
  }
  /// A checkpoint of the head; what is kept elsewhere is in `notes`.
  void checkpoint() { ASSERT_TRUE(h.checkpoint(sign(key))); }
  void prune_older_than(Millis age) {
    ASSERT_TRUE(h.prune(
        {.what = store::Pruning::audit, .before = h.now() - age, .max_rows = 0, .after = 0, .rows = 500}, sign(key)));
  }
  void close() { h.store.reset(); }
  void tamper(const std::string& sql) {
    SqliteFile database(file);
    for (const std::string trigger : {"audit_is_append_only_update", "audit_is_append_only_delete",
                                      "audit_horizon_only_rises", "audit_horizon_stays"})
      database.run("drop trigger if exists " + trigger);
    database.run(sql);
    database.run("pragma wal_checkpoint(truncate)");
  }
  /// Changes a row and recomputes the chain from there on: what somebody with the file, but no key, can do.
  void rewrite(std::int64_t from) {
    SqliteFile database(file);
    database.run("drop trigger audit_is_append_only_update");
    h.open();
    auto rows = *h.audit({.after_id = from - 1, .limit = 10'000, .oldest_first = true});
    close();
    auto hash = rows.front().prev_hash;
    rows.front().detail = "nothing to see here";
    for (auto& row : rows) {
      row.prev_hash = hash;
      hash = row.hash = store::chain_hash(row);
      database.run("update audit set detail = '" + row.detail + "', prev_hash = '" + row.prev_hash + "', hash = '" +
                   hash + "' where id = " + std::to_string(row.id));
    }
    database.run("pragma wal_checkpoint(truncate)");
  }
  VerifyOptions with_key() const {
    return {.keys = {{key.public_key(), {}}}, .only_these_keys = false, .with_anchors = false, .anchors = {}};
  }
  VerifyOptions with_anchors(const std::vector<std::string>& kept) const {
    auto options = with_key();
    options.with_anchors = true;
    AnchorSearch search;
    for (const auto& note : kept) find_anchors_in(note, "anchors", search);
    options.anchors = search.found;
    return options;
  }
  void expect(const VerifyReport& report, Flaw flaw, std::int64_t row, const std::string& words) {
    EXPECT_FALSE(report.ok);
    EXPECT_EQ(to_string(report.flaw()), to_string(flaw)) << report.problem();
    EXPECT_EQ(report.bad_row(), row) << report.problem();
    EXPECT_NE(report.problem().find(words), std::string::npos) << report.problem();
  }

  TempDir dir;
  Harness h{dir.path()};
  fs::path file = dir.path() / "gateway.db";
  SigningKey key = SigningKey::generate();
  std::vector<std::string> notes;

 private:
  int answers_ = 0;
};

TEST_F(AnchorVerify, AllIsWell) {
  append(3);
  checkpoint();
  append(4);
  checkpoint();
  append(2);
  close();
  const auto report = verify(file, with_anchors(notes));
  EXPECT_TRUE(report.ok) << report.problem();
  EXPECT_EQ(report.rows, 9U);
  EXPECT_EQ(report.checkpoints, 2U);
  EXPECT_EQ(report.unchecked, 0U);
  EXPECT_EQ(report.anchors, 2U);
  EXPECT_EQ(report.newest_anchor.row, 7);
  EXPECT_EQ(report.newest_anchor.at, "2026-04-21T14:22:09.700Z");
  EXPECT_EQ(report.newest_checkpoint.row, 7);
  EXPECT_NE(report.newest_checkpoint.key.find("wardex-gateway/"), std::string::npos);
}

TEST_F(AnchorVerify, ALiveDatabaseIsVerifiedToo) {
  append(3);
  checkpoint();
  append(1);
  EXPECT_TRUE(verify(file, with_anchors(notes)).ok);
}

TEST_F(AnchorVerify, ARecomputedChainDoesNotFitItsCheckpoints) {
  append(5);
  checkpoint();
  append(5);
  checkpoint();
  close();
  rewrite(7);
  EXPECT_EQ(verify(file).flaw(), Flaw::rewritten) << "the note itself says another hash, whoever signed it";
  const auto report = verify(file, with_key());
  expect(report, Flaw::rewritten, 10, "row 10 has another hash than the checkpoint of 2026-04-21T14:22:10.000Z signed");
  EXPECT_NE(report.problem().find("rewritten, after row 5"), std::string::npos) << report.problem();
  EXPECT_EQ(report.rows, 10U) << "the chain itself is whole";
}

TEST_F(AnchorVerify, ARecomputedChainWithoutItsCheckpointsDoesNotFitItsAnchors) {
  append(5);
  checkpoint();
  append(5);
  checkpoint();
  close();
  rewrite(7);
  tamper("delete from checkpoints");
  EXPECT_TRUE(verify(file, with_key()).ok) << "nothing inside the file shows it";
  expect(verify(file, with_anchors(notes)), Flaw::rewritten, 10, "than the anchor of 2026-04-21T14:22:10.000Z signed");
}

TEST_F(AnchorVerify, RowsCutOffAreSeenByAnAnchor) {
  append(10);
  checkpoint();
  append(2);
  close();
  tamper("delete from audit where id > 8; delete from checkpoints");
  EXPECT_TRUE(verify(file, with_key()).ok);
  expect(verify(file, with_anchors(notes)), Flaw::truncated, 9,
         "the anchor of 2026-04-21T14:22:10.000Z speaks of row 10, the database ends at 8");
}

TEST_F(AnchorVerify, RowsCutOffWithTheirCheckpointLeftBehindAreSeen) {
  append(10);
  checkpoint();
  close();
  tamper("delete from audit where id > 8");
  expect(verify(file, with_key()), Flaw::truncated, 9, "the checkpoint of 2026-04-21T14:22:10.000Z speaks of row 10");
}

TEST_F(AnchorVerify, AnOlderCopyIsSeenByAnAnchor) {
  append(5);
  checkpoint();
  ASSERT_TRUE(h.backup(dir.path() / "older.db"));
  append(5);
  checkpoint();
  close();
  fs::copy_file(dir.path() / "older.db", file, fs::copy_options::overwrite_existing);
  fs::remove(file.string() + "-wal");
  fs::remove(file.string() + "-shm");
  expect(verify(file, with_anchors(notes)), Flaw::truncated, 6, "it was replaced by an older copy");

  // And it goes on from there.
  h.open();
  append(7);
  checkpoint();
  close();
  EXPECT_TRUE(verify(file, with_key()).ok);
  const auto report = verify(file, with_anchors(notes));
  expect(
      report, Flaw::rewritten, 10,
      "row 10 has another hash than the anchor of 2026-04-21T14:22:10.000Z signed: the database was rolled back to an "
      "older copy and continued, or rewritten, after row 5");
  EXPECT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.anchors, 2U) << "before, and after on the new line";
}

TEST_F(AnchorVerify, ARestoreThatWasRecordedIsNamed) {
  append(5);
  ASSERT_TRUE(h.backup(dir.path() / "older.db"));
  append(5);
  checkpoint();
  close();
  fs::copy_file(dir.path() / "older.db", file, fs::copy_options::overwrite_existing);
  fs::remove(file.string() + "-wal");
  fs::remove(file.string() + "-shm");
  h.open();
  ASSERT_TRUE(h.append_audit(h.record("restore")));
  append(6);
  close();
  expect(verify(file, with_anchors(notes)), Flaw::rewritten, 10, "; row 6 records that a backup was restored at ");
}

TEST_F(AnchorVerify, ABrokenChainComesFirst) {
  append(10);
  checkpoint();
  append(2);
  close();
  tamper("update audit set detail = 'x' where id = 4");
  const auto report = verify(file, with_anchors(notes));
  expect(report, Flaw::edited, 4, "row 4 was changed");
  EXPECT_EQ(report.findings.size(), 1U) << "what lies behind it cannot be judged";
}

TEST_F(AnchorVerify, EveryBitOfACheckpointCounts) {
  append(3);
  checkpoint();
  close();
  const auto note = notes.front();
  int forged = 0;
  for (std::size_t bit = 0; bit < note.size() * 8; bit += 7) {
    auto changed = note;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    if (changed.find('\0') != std::string::npos || changed.find('\'') != std::string::npos) continue;
    tamper("update checkpoints set note = '" + changed + "'");
    const auto report = verify(file, with_key());
    // A name or a key hash that nobody knows is a signature of nobody known; which is no proof of anything either.
    if (report.ok) {
      EXPECT_EQ(report.checkpoints, 0U) << bit;
      EXPECT_EQ(report.unchecked, 1U) << bit;
    } else {
      ++forged;
    }
    auto strict = with_key();
    strict.only_these_keys = true;
    EXPECT_FALSE(verify(file, strict).ok) << bit << ": " << changed;
  }
  EXPECT_GT(forged, 300);
}

TEST_F(AnchorVerify, ACheckpointOfAnotherRowOrGatewayIsSeen) {
  append(3);
  checkpoint();
  append(3);
  checkpoint();
  close();
  tamper("update checkpoints set note = (select note from checkpoints where audit_id = 3) where audit_id = 6");
  expect(verify(file, with_key()), Flaw::forged, 6, "the checkpoint of row 6 was changed: its note is another's");
  tamper("update meta set value = 'abc' where key = 'instance_id'");
  expect(verify(file, with_key()), Flaw::forged, 3, "its note is another's");
}

TEST_F(AnchorVerify, KeysAreReplaced) {
  append(3);
  checkpoint();
  const auto old_key = key;
  key = SigningKey::generate();
  append(3);
  checkpoint();
  close();
  auto options = with_key();
  auto report = verify(file, options);
  EXPECT_TRUE(report.ok) << report.problem();
  EXPECT_EQ(report.checkpoints, 1U);
  EXPECT_EQ(report.unchecked, 1U) << "by the key before";
  options.only_these_keys = true;
  expect(verify(file, options), Flaw::unknown_key, 3, "which is none of the keys");
  options.keys.push_back({old_key.public_key(), {}});
  report = verify(file, options);
  EXPECT_TRUE(report.ok) << report.problem();
  EXPECT_EQ(report.checkpoints, 2U);
}

TEST_F(AnchorVerify, ForgedAndStrangeAnchorsProveNothing) {
  append(5);
  checkpoint();
  close();
  const auto instance = SqliteFile(file).get("select value from meta where key = 'instance_id'");
  const store::ChainHead lie{instance, 3, std::string(64, 'f'), h.now(), {}};
  expect(verify(file, with_anchors({sign_checkpoint(lie, SigningKey::generate())})), Flaw::unknown_key, 3,
         "is signed by wardex-gateway/" + instance);

  auto forged = notes.front();
  forged.replace(forged.find("row 5"), 5, "row 4");
  expect(verify(file, with_anchors({forged})), Flaw::forged, 4, "is forged: the signature of wardex-gateway/");

  const store::ChainHead other{"abcdef", 99, std::string(64, 'f'), h.now(), {}};
  const auto foreign = sign_checkpoint(other, SigningKey::generate());
  const auto mixed = verify(file, with_anchors({notes.front(), foreign}));
  EXPECT_TRUE(mixed.ok) << mixed.problem();
  EXPECT_EQ(mixed.foreign_anchors, 1U);
  expect(verify(file, with_anchors({foreign})), Flaw::no_anchor, 0, "there is no anchor of this gateway");
  expect(verify(file, with_anchors({})), Flaw::no_anchor, 0, "there is no anchor of this gateway");
}

TEST_F(AnchorVerify, APrunedTrailStartsAtItsSignedHorizon) {
  append(6);
  checkpoint();
  h.advance(10 * kDay);
  append(4);
  const auto pruned_at = h.now();
  prune_older_than(5 * kDay);
  append(2);
  close();
  const auto report = verify(file, with_anchors({notes.front()}));
  EXPECT_TRUE(report.ok) << report.problem();
  EXPECT_EQ(report.first_id, 7);
  EXPECT_EQ(report.rows, 6U);
  EXPECT_EQ(report.pruned.row, 6);
  EXPECT_EQ(report.pruned.at, pruned_at);
  EXPECT_EQ(report.anchors, 1U) << "of the very row that the horizon names";
  EXPECT_EQ(report.newest_anchor.row, 6);
}

TEST_F(AnchorVerify, AnchorsOfPrunedRowsAreNoProblem) {
  append(3);
  checkpoint();
  append(3);
  h.advance(10 * kDay);
  append(4);
  checkpoint();
  prune_older_than(5 * kDay);
  close();
  const auto report = verify(file, with_anchors(notes));
  EXPECT_TRUE(report.ok) << report.problem();
  EXPECT_EQ(report.pruned_anchors, 1U);
  EXPECT_EQ(report.anchors, 2U) << "the one of its time, and the one of the prune";
}

TEST_F(AnchorVerify, RowsDeletedAtTheBeginningArePrunedOnlyIfThatIsSigned) {
  append(10);
  checkpoint();
  close();
  tamper(
      "update audit_horizon set audit_id = 4, hash = (select hash from audit where id = 4), at = "
      "'2026-04-21T14:22:09.000Z'; delete from audit where id <= 4");
  expect(verify(file, with_key()), Flaw::deleted, 1, "rows 1 to 4 are missing, and no checkpoint");
  EXPECT_EQ(verify(file).flaw(), Flaw::deleted) << "not even one by an unknown key";
}

TEST_F(AnchorVerify, AHorizonMovedOnIsNotSigned) {
  append(6);
  h.advance(10 * kDay);
  append(6);
  prune_older_than(5 * kDay);
  close();
  EXPECT_TRUE(verify(file, with_key()).ok);
  tamper(
      "update audit_horizon set audit_id = 8, hash = (select hash from audit where id = 8); delete from audit where "
      "id <= 8");
  expect(verify(file, with_key()), Flaw::deleted, 1, "rows 1 to 8 are missing, and no checkpoint");
}

TEST_F(AnchorVerify, AHorizonByAnotherKeyIsNotCheckedUnlessKeysAreNamed) {
  append(6);
  h.advance(10 * kDay);
  append(6);
  prune_older_than(5 * kDay);
  close();
  key = SigningKey::generate();
  EXPECT_TRUE(verify(file, with_key()).ok);
  auto strict = with_key();
  strict.only_these_keys = true;
  EXPECT_FALSE(verify(file, strict).ok);
}

TEST_F(AnchorVerify, RowsLeftBelowTheHorizonAreSeen) {
  append(6);
  h.advance(10 * kDay);
  append(3);
  prune_older_than(5 * kDay);
  close();
  tamper(
      "insert into audit select 5, at, actor, action, connector, first_seq, last_seq, count, attempt, outcome, "
      "status_code, latency_ms, request_digest, detail, prev_hash, hash from audit where id = 8");
  expect(verify(file, with_key()), Flaw::inserted, 5, "stands where the trail has no row");
}

TEST_F(AnchorVerify, ATrailThatIsBeingPrunedHoldsAtEveryMoment) {
  int done = 0;
  for (int i = 0; i < 20'000; ++i)
    h.store->append_audit(h.record("config"), [&done](store::Result<store::Ok>) { ++done; });
  ASSERT_TRUE(h.loop.run_until([&done] { return done == 20'000; }));
  h.advance(10 * kDay);
  append(1);
  std::atomic<bool> over{false};
  int verified = 0;
  std::string problem;
  std::thread reader([&] {
    while (!over || verified == 0) {
      const auto report = verify(file, with_key());
      if (!report.ok) problem = report.problem();
      ++verified;
    }
  });
  for (bool more = true; more;) {
    const auto step = h.prune(
        {.what = store::Pruning::audit, .before = h.now() - kDay, .max_rows = 0, .after = 0, .rows = 100}, sign(key));
    more = step && step->more;
  }
  over = true;
  reader.join();
  EXPECT_EQ(problem, "");
  EXPECT_EQ(verify(file, with_key()).pruned.row, 20'000);
}

TEST_F(AnchorVerify, RetentionRemovesNoEvidence) {
  append(6);
  close();
  tamper("update audit set detail = 'x' where id = 4");
  h.open();
  h.advance(10 * kDay);
  append(1);
  const auto refused = h.prune(
      {.what = store::Pruning::audit, .before = h.now() - kDay, .max_rows = 0, .after = 0, .rows = 500}, sign(key));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("row 4 does not hold"), std::string::npos) << refused.error().message;
  EXPECT_FALSE(h.store->fault());
  close();
  expect(verify(file, with_key()), Flaw::edited, 4, "row 4 was changed");
}

TEST_F(AnchorVerify, ADatabaseOfAnOlderSchemaHasItsChain) {
  append(3);
  close();
  tamper("drop table checkpoints; drop table audit_horizon");
  const auto report = verify(file, with_key());
  EXPECT_TRUE(report.ok) << report.problem();
  EXPECT_EQ(report.rows, 3U);
}

}  // namespace
}  // namespace wardex::audit
