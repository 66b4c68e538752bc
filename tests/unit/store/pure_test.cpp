// The pure parts: the chain's canonical bytes, fingerprints, the window of ids, the books.
#include <random>
#include <unordered_map>

#include "store/audit_chain.hpp"
#include "store/fingerprint.hpp"
#include "store/sqlite/accounts.hpp"
#include "store/sqlite/ledger.hpp"
#include "store/sqlite/window.hpp"
#include "store_fixture.hpp"

namespace wardex::store::test {
namespace {

using sqlite::hash_id;
using sqlite::Window;

// Computed independently (Python's hashlib over struct.pack('>Q') frames): a change here breaks every trail out there.
TEST(AuditChain, GoldenVector) {
  AuditRow row;
  row.id = 1;
  row.at = kStart;
  row.actor = "control-plane";
  row.action = "accept";
  row.first_seq = 1;
  row.last_seq = 3;
  row.count = 3;
  row.outcome = "accepted";
  row.detail = R"({"duplicates":0})";
  row.prev_hash = kGenesisHash;
  const std::string first = chain_hash(row);
  EXPECT_EQ(first, "189bbb1f6af3628629f50805b70443c5f210ae200200dae4587accbddcfbc211");

  AuditRow next;
  next.id = 2;
  next.at = kStart + Millis(250);
  next.actor = "gateway";
  next.action = "deliver";
  next.connector = "soc-hook";
  next.first_seq = next.last_seq = 1;
  next.count = 1;
  next.attempt = 2;
  next.outcome = "retry";
  next.status_code = 503;
  next.latency_ms = 1042;
  next.request_digest = "sha256:ab";
  next.detail =
      "HTTP 503: \xC3\xBC"
      "berlastet";
  next.prev_hash = first;
  EXPECT_EQ(chain_hash(next), "2a3bb28af741cda6e7c3e15060609177868277269f620696939333ccdb1e0e33");
}

TEST(AuditChain, FramesKeepFieldsApart) {
  AuditRow a;
  a.actor = "ab";
  a.action = "c";
  AuditRow b;
  b.actor = "a";
  b.action = "bc";
  EXPECT_NE(canonical(a), canonical(b));
  AuditRow absent;
  AuditRow zero;
  zero.status_code = 0;
  EXPECT_NE(canonical(absent), canonical(zero));
  EXPECT_EQ(canonical(absent).substr(0, 16), std::string("wardex-audit-v1\0", 16));
}

TEST(AuditChain, SplitKeepsTheCount) {
  AuditRecord record;
  record.first_seq = 10;
  record.last_seq = 10 + 65535;
  record.count = 65536;
  EXPECT_EQ(sqlite::split(record).size(), 1U);
  record.last_seq = 10 + 65536;
  const auto parts = sqlite::split(record);
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].last_seq, 10U + 65535);
  EXPECT_EQ(parts[1].first_seq, 10U + 65536);
  EXPECT_EQ(parts[0].count + parts[1].count, 65536U);
}

TEST(Fingerprint, TakesOutWhatDiffersFromEventToEvent) {
  const std::pair<const char*, const char*> table[] = {
      {"", ""},
      {"connection refused", "connection refused"},
      {"HTTP 404: no such channel", "HTTP 404: no such channel"},
      {"HTTP 400: issue SEC-17 is closed.", "HTTP 400: issue # is closed."},
      {"took 1042 ms at 2026-04-21T14:22:09Z", "took # ms at #"},
      {"id=\"9f86d081884c7d65\" (try 3)", "id=\"#\" (try #)"},
      {"https://jira.example/SEC-9/x", "https://jira.example/#/x"},
      {"HTTP 4041", "HTTP #"},
      {"\xC3\xBC"
       "berlastet",
       "\xC3\xBC"
       "berlastet"},
  };
  for (const auto& [reason, expected] : table) EXPECT_EQ(generalise(reason), expected);
  EXPECT_EQ(fingerprint("hook", "rejected", "row 1"), fingerprint("hook", "rejected", "row 22"));
  EXPECT_NE(fingerprint("hook", "rejected", "row 1"), fingerprint("hook", "gave_up", "row 1"));
  EXPECT_NE(fingerprint("hook", "rejected", "row 1"), fingerprint("slack", "rejected", "row 1"));
  EXPECT_EQ(fingerprint("hook", "rejected", "row 1").size(), 16U);
}

TEST(IdWindow, FindsWhatWasPushedAndForgetsTheOldest) {
  Window window;
  EXPECT_FALSE(window.find(hash_id("x")));
  for (int i = 0; i < 1000; ++i) {
    window.push(hash_id("e" + std::to_string(i)), static_cast<Seq>(i + 1), kStart + std::chrono::seconds(i));
  }
  EXPECT_EQ(window.find(hash_id("e0")), 1U);
  EXPECT_EQ(window.find(hash_id("e999")), 1000U);
  window.evict(400, WallTime{});
  EXPECT_EQ(window.size(), 400U);
  EXPECT_FALSE(window.find(hash_id("e599")));
  EXPECT_EQ(window.find(hash_id("e600")), 601U);
  window.evict(400, kStart + std::chrono::seconds(900));
  EXPECT_EQ(window.size(), 100U);
  window.pop_newest(10);
  EXPECT_FALSE(window.find(hash_id("e995")));
  EXPECT_EQ(window.find(hash_id("e989")), 990U);
  window.pop_newest(1000);
  EXPECT_EQ(window.size(), 0U);
  window.push(hash_id("again"), 5, kStart);
  EXPECT_EQ(window.find(hash_id("again")), 5U);
}

TEST(IdWindow, NumbersTheNewOnesOfABatch) {
  sqlite::KnownIds known(1'000'000, Millis(1000));
  const auto batch = [&](int from, int count) {
    std::vector<sqlite::NewId> ids;
    for (int i = from; i < from + count; ++i) ids.push_back({hash_id("e" + std::to_string(i)), kStart});
    return ids;
  };
  EXPECT_TRUE(known.remember({}, 1).empty());
  // Grows several times, in the middle of what is being filled.
  const auto seqs = known.remember(batch(0, 3000), 1);
  for (std::size_t i = 0; i < 3000; ++i) ASSERT_EQ(seqs[i], i + 1);

  auto mixed = batch(2998, 4);  // two known ones, two new ones ...
  mixed.push_back(mixed[2]);    // ... of which one comes twice
  EXPECT_EQ(known.remember(mixed, 5000),
            (std::vector<std::optional<Seq>>{std::nullopt, std::nullopt, 5000, 5001, std::nullopt}));
  EXPECT_EQ(known.size(), 3002U);
  known.pop_newest(2);
  EXPECT_EQ(known.remember(batch(2999, 2), 6000), (std::vector<std::optional<Seq>>{std::nullopt, 6000}));
  EXPECT_EQ(known.place(hash_id("e2999")).seq, 3000U);
}
TEST(IdWindow, AgreesWithAMapUnderRandomUse) {
  for (const unsigned seed : {1U, 2U, 3U, 4U, 5U}) {
    std::mt19937 random(seed);
    Window window;
    std::deque<std::pair<std::string, Seq>> model;
    Seq next = 1;
    for (int step = 0; step < 4000; ++step) {
      const auto what = random() % 100;
      if (what < 70) {
        const std::string id = "e" + std::to_string(next);
        window.push(hash_id(id), next, kStart);
        model.emplace_back(id, next++);
      } else if (what < 85) {
        const std::size_t keep = random() % (model.size() + 1);
        window.evict(keep, WallTime{});
        while (model.size() > keep) model.pop_front();
      } else {
        const std::size_t count = random() % 5;
        window.pop_newest(count);
        for (std::size_t i = 0; i < count && !model.empty(); ++i, --next) model.pop_back();
        if (model.empty()) next += 7;
      }
      ASSERT_EQ(window.size(), model.size());
      if (!model.empty()) {
        ASSERT_FALSE(window.push(hash_id(model[random() % model.size()].first), next, kStart));
      }
      if (step % 50 == 0) {
        for (const auto& [id, seq] : model) ASSERT_EQ(window.find(hash_id(id)), seq) << "seed " << seed;
        ASSERT_FALSE(window.find(hash_id("e" + std::to_string(next))));
      }
    }
  }
}

TEST(IdWindow, SurvivesSeqsFarApart) {
  Window window;
  window.push(hash_id("old"), 1, kStart);
  window.push(hash_id("mid"), 0xfffffff0U, kStart);
  window.evict(1, WallTime{});
  window.push(hash_id("new"), 0x1'0000'0010ULL, kStart);
  EXPECT_EQ(window.find(hash_id("mid")), 0xfffffff0U);
  EXPECT_EQ(window.find(hash_id("new")), 0x1'0000'0010ULL);
}

TEST(Books, AssumeTheLawUntilTheRecountIsIn) {
  sqlite::Accounts accounts;
  Totals persisted;
  persisted.events = 10;
  persisted.connectors["hook"] = {.routed = 10, .delivered = 4, .muted = 1};
  accounts.load(persisted);
  EXPECT_EQ(accounts.totals().connectors.at("hook").pending, 5U);
  EXPECT_EQ(accounts.totals().connectors.at("hook").mismatch(), 0);

  sqlite::Delta meanwhile;  // one is delivered, one leaves the mailbox for good
  meanwhile.of("hook").delivered = 1;
  meanwhile.of("hook").pending = -1;
  meanwhile.of("hook").mailbox = -1;
  meanwhile.of("hook").discarded = 1;
  accounts.book(meanwhile);

  sqlite::RowCounts rows;  // as they were at load()
  rows.connectors["hook"].pending = 3;
  rows.connectors["hook"].mailbox = 2;
  accounts.recounted(rows);
  const Account account = accounts.totals().connectors.at("hook");
  EXPECT_EQ(account.pending, 2U);
  EXPECT_EQ(account.mailbox, 1U);
  EXPECT_EQ(account.mismatch(), 0);
}

TEST(Books, ARecountThatDisagreesShowsAsAMismatch) {
  sqlite::Accounts accounts;
  Totals persisted;
  persisted.connectors["hook"] = {.routed = 10, .delivered = 4};
  accounts.load(persisted);
  sqlite::RowCounts rows;
  rows.connectors["hook"].pending = 5;  // one row is gone
  accounts.recounted(rows);
  EXPECT_EQ(accounts.totals().connectors.at("hook").mismatch(), 1);
}

}  // namespace
}  // namespace wardex::store::test
