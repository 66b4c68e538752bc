// Signed checkpoints: what is signed is what the transaction found, and the anchor goes with it.
#include <algorithm>

#include "contract_fixture.hpp"

namespace wardex::store::test {
namespace {

class Checkpoints : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(h.append_audit(h.record("config")));
  }
  Sign with_anchor(const std::string& id, std::vector<std::string> to) {
    return [anchor = h.event(id, std::move(to))](const ChainHead& head) {
      return Signed{"note of row " + std::to_string(head.row), "0a0b0c0d", anchor};
    };
  }
};

TEST_P(Checkpoints, SpeakOfTheHead) {
  const auto seen = std::make_shared<ChainHead>();
  h.advance(Millis(1500));
  const auto made = h.checkpoint(unsigned_note(seen));
  ASSERT_TRUE(made) << made.error().message;
  const auto newest = h.audit({.limit = 1})->front();
  EXPECT_EQ(seen->row, newest.id);
  EXPECT_EQ(seen->hash, newest.hash);
  EXPECT_EQ(seen->at, h.now());
  EXPECT_EQ(seen->instance.size(), 32U);
  EXPECT_EQ(seen->pruned.row, 0);
  EXPECT_EQ(made->head, *seen);
  EXPECT_FALSE(made->anchor);
  EXPECT_EQ(h.store->gauges().checkpoint_id, 3);
  EXPECT_EQ(h.store->gauges().checkpoint_at, h.now());
  EXPECT_EQ(h.audit()->size(), 3U) << "a checkpoint adds nothing to what it speaks of";
}

TEST_P(Checkpoints, AreKnownAfterARestart) {
  ASSERT_TRUE(h.checkpoint(unsigned_note()));
  const auto at = h.now();
  h.advance(Millis(5000));
  h.reopen();
  EXPECT_EQ(h.store->gauges().checkpoint_id, 3);
  EXPECT_EQ(h.store->gauges().checkpoint_at, at);
}

TEST_P(Checkpoints, NeedATrail) {
  TempDir other;
  Harness fresh(other.path());
  fresh.open();
  const auto made = fresh.checkpoint(unsigned_note());
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().fault, Fault::conflict);
}

TEST_P(Checkpoints, TheAnchorIsPendingFromThenOn) {
  const auto made = h.checkpoint(with_anchor("audit-checkpoint-3", {"archive", "siem"}));
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_TRUE(made->anchor);
  EXPECT_EQ(made->head.row, 3);
  EXPECT_EQ(made->key, "0a0b0c0d");
  EXPECT_EQ(made->event->id, "audit-checkpoint-3");
  EXPECT_EQ(made->connectors, (std::vector<std::string>{"archive", "siem"}));
  EXPECT_EQ(pending_seqs("archive"), (Seqs{*made->anchor}));
  EXPECT_EQ(pending_seqs("siem"), (Seqs{*made->anchor}));
  EXPECT_EQ(account("siem").routed, 1U);
  const auto accepted = h.audit({.limit = 1})->front();
  EXPECT_EQ(accepted.id, 4) << "after the row that was signed";
  EXPECT_EQ(accepted.actor, "gateway");
  EXPECT_EQ(accepted.action, "accept");
  EXPECT_NE(accepted.detail.find("the audit checkpoint of row 3"), std::string::npos);
}

TEST_P(Checkpoints, ARepeatedAnchorIsNotSentAgain) {
  ASSERT_TRUE(h.checkpoint(with_anchor("audit-checkpoint-3", {"siem"})));
  const auto again = h.checkpoint(with_anchor("audit-checkpoint-3", {"siem"}));
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->anchor);
  EXPECT_TRUE(again->connectors.empty());
  EXPECT_EQ(account("siem").routed, 1U);
}

TEST_P(Checkpoints, ASignerThatFailsChangesNothing) {
  const auto made = h.checkpoint([](const ChainHead&) -> Signed { throw std::runtime_error("no key"); });
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("no key"), std::string::npos);
  EXPECT_EQ(h.store->gauges().checkpoint_id, 0);
  EXPECT_FALSE(h.store->fault());
  EXPECT_TRUE(h.checkpoint(unsigned_note()));
}

TEST_P(Checkpoints, InOneTransactionWithOthersSpeakOfWhatCameBefore) {
  std::vector<std::int64_t> rows;
  int done = 0;
  for (int i = 0; i < 50; ++i) {
    h.store->append_audit(h.record("config"), [&done](Result<Ok>) { ++done; });
    h.store->checkpoint(unsigned_note(), [&](const Result<Checkpoint>& made) {
      rows.push_back(made->head.row);
      ++done;
    });
  }
  ASSERT_TRUE(h.loop.run_until([&done] { return done == 100; }));
  EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end()));
  EXPECT_EQ(rows.back(), 53);
}

INSTANTIATE_TEST_SUITE_P(Sqlite, Checkpoints, ::testing::Values("sqlite"));

}  // namespace
}  // namespace wardex::store::test
