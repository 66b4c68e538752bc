// Random lives of a store beside a model simple enough to be obviously right; fixed seeds, so a failure replays.
#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "store_fixture.hpp"

namespace wardex::store::test {
namespace {

struct Model {
  std::set<std::string> ids;
  std::set<Seq> events;
  std::map<std::string, std::map<Seq, std::uint32_t>> pending;  // connector -> seq -> attempts
  std::map<std::string, std::set<Seq>> mailbox;
  std::map<std::string, Account> accounts;
  std::map<Seq, std::set<std::string>> routed;                   // unmuted
  std::map<std::pair<Seq, std::string>, std::string> fallbacks;  // (event, connector) -> who got it as well
  std::map<std::pair<std::string, Seq>, int> deaths;
  std::set<std::pair<std::string, Seq>> handed_over;  // by the last settle
  Seq next = 1;
  std::uint64_t unrouted = 0;

  void leaves(const std::string& connector, Seq seq) {
    pending[connector].erase(seq);
    deaths.erase({connector, seq});
  }
  void hand_over(const std::string& from, const std::string& to, Seq seq) {
    bool has_it = routed[seq].contains(to);
    for (const auto& [key, fallback] : fallbacks) has_it = has_it || (key.first == seq && fallback == to);
    if (!fallbacks.try_emplace({seq, from}, to).second || has_it) return;
    pending[to][seq] = 0;
    ++accounts[to].routed;
    handed_over.emplace(to, seq);
  }
};

class StoreModel : public ::testing::TestWithParam<unsigned> {
 protected:
  void SetUp() override {
    h.options.idempotency_max = 100'000;
    h.open();
  }
  std::size_t pick(std::size_t below) { return random() % below; }
  const std::string& connector() { return connectors[pick(connectors.size())]; }
  const std::string& other_than(const std::string& one) {
    while (true)
      if (const std::string& other = connector(); other != one) return other;
  }

  void accept() {
    std::vector<NewEvent> events;
    std::vector<std::optional<Seq>> expected;
    const std::size_t count = pick(12);
    for (std::size_t i = 0; i < count; ++i) {
      const std::string id = "e" + std::to_string(pick(400));
      std::set<std::string> to;
      for (std::size_t k = pick(3); k > 0; --k) to.insert(connector());
      NewEvent item = h.event(id, {to.begin(), to.end()});
      for (NewTarget& target : item.targets) {
        if (pick(8) == 0) target.muted = "window";
      }
      if (model.ids.insert(id).second) {
        const Seq seq = model.next++;
        model.events.insert(seq);
        expected.emplace_back(seq);
        if (item.targets.empty()) ++model.unrouted;
        for (const NewTarget& target : item.targets) {
          Account& account = model.accounts[target.connector];
          ++account.routed;
          if (target.muted.empty()) {
            model.pending[target.connector][seq] = 0;
            model.routed[seq].insert(target.connector);
          } else {
            ++account.muted;
          }
        }
      } else {
        expected.emplace_back();
      }
      events.push_back(std::move(item));
    }
    const auto accepted = h.accept(std::move(events));
    ASSERT_TRUE(accepted);
    EXPECT_EQ(accepted->seqs, expected);
  }

  void settle() {
    const std::string to = connector();
    std::vector<Settle> settled;
    std::set<Seq> said;
    for (std::size_t i = pick(10); i > 0; --i) {
      const Seq seq = 1 + pick(model.next);  // often not pending at all
      if (!said.insert(seq).second) continue;
      auto& pending = model.pending[to];
      const bool waiting = pending.contains(seq);
      switch (pick(6)) {
        case 0:
          settled.push_back(delivered(seq));
          if (waiting) ++model.accounts[to].delivered;
          if (waiting) model.leaves(to, seq);
          break;
        case 1: {
          const std::string fallback = pick(2) == 0 ? "" : other_than(to);
          settled.push_back({seq, "S", Settle::Mailbox{"rejected", "HTTP 400", 1, fallback}});
          if (!waiting) break;
          model.leaves(to, seq);
          model.mailbox[to].insert(seq);
          if (!fallback.empty()) model.hand_over(to, fallback, seq);
          break;
        }
        case 2:
          settled.push_back({seq, "S", Settle::Coalesced{model.next}});
          if (waiting) ++model.accounts[to].coalesced;
          if (waiting) model.leaves(to, seq);
          break;
        case 3: {
          const std::string fallback = other_than(to);
          settled.push_back({seq, "S", Settle::HandOver{fallback, "out of order"}});
          if (waiting) model.hand_over(to, fallback, seq);
          break;
        }
        case 4:
          settled.push_back({seq, "S", Settle::Died{3}});
          if (!waiting) break;
          ++pending[seq];
          if (++model.deaths[{to, seq}] < 3) break;
          model.leaves(to, seq);
          model.mailbox[to].insert(seq);
          break;
        default: {
          const auto attempts = static_cast<std::uint32_t>(1 + pick(9));
          settled.push_back({seq, "S", Settle::Again{attempts, std::nullopt, "later", false}});
          if (!waiting) break;
          pending[seq] = attempts;
          model.deaths.erase({to, seq});
        }
      }
    }
    const auto done = h.settle(to, std::move(settled), {h.record("deliver", to)});
    ASSERT_TRUE(done);
    std::set<std::pair<std::string, Seq>> handed_over;
    for (const auto& [fallback, delivery] : done->handed_over) handed_over.emplace(fallback, delivery.seq);
    EXPECT_EQ(handed_over, model.handed_over);
    model.handed_over.clear();
  }

  void empty_mailbox(bool replay) {
    const std::string from = connector();
    const std::size_t limit = 1 + pick(4);
    std::vector<Seq> taken;  // the oldest entries, by id, which is the order of entering
    const auto listed = h.mailbox({.connector = from, .limit = limit});
    ASSERT_TRUE(listed);
    for (const MailboxEntry& entry : *listed) taken.push_back(entry.seq);
    if (replay) {
      const auto replayed = h.replay({.connector = from, .limit = limit});
      ASSERT_TRUE(replayed);
      ASSERT_EQ(replayed->size(), taken.size());
    } else {
      ASSERT_EQ(*h.discard({.connector = from, .limit = limit}), taken.size());
      if (!taken.empty()) model.accounts[from].discarded += taken.size();
    }
    for (const Seq seq : taken) {
      ASSERT_EQ(model.mailbox[from].erase(seq), 1U);
      if (replay) model.pending[from][seq] = 0;
    }
  }

  /// A day passes: ids are no longer known, and what nobody needs goes, a few rows at a time.
  void prune() {
    h.advance(Millis(25LL * 3600 * 1000));
    std::erase_if(model.events, [this](Seq seq) {
      return std::none_of(connectors.begin(), connectors.end(), [this, seq](const std::string& name) {
        return model.pending[name].contains(seq) || model.mailbox[name].contains(seq);
      });
    });
    model.ids.clear();
    for (const auto what : {Pruning::events, Pruning::audit}) {
      Prune step{.what = what, .before = h.now(), .max_rows = 0, .after = 0, .rows = 1 + pick(30)};
      for (bool more = true; more;) {
        const auto done = h.prune(step, unsigned_note());
        ASSERT_TRUE(done) << done.error().message;
        step.after = done->after;
        more = done->more;
      }
    }
    ASSERT_TRUE(h.report_pruned());
  }

  void compare() {
    std::set<Seq> events;
    for (const EventSummary& event : *h.events({.limit = 10'000})) events.insert(event.seq);
    ASSERT_EQ(events, model.events);

    const Totals totals = h.store->totals();
    ASSERT_EQ(totals.events, model.next - 1);
    ASSERT_EQ(totals.unrouted, model.unrouted);
    for (const std::string& name : connectors) {
      Account expected = model.accounts[name];
      expected.pending = model.pending[name].size();
      expected.mailbox = model.mailbox[name].size();
      const auto found = totals.connectors.find(name);
      const Account actual = found != totals.connectors.end() ? found->second : Account{};
      EXPECT_EQ(actual.routed, expected.routed);
      EXPECT_EQ(actual.delivered, expected.delivered);
      EXPECT_EQ(actual.muted, expected.muted);
      EXPECT_EQ(actual.coalesced, expected.coalesced);
      EXPECT_EQ(actual.discarded, expected.discarded);
      EXPECT_EQ(actual.pending, expected.pending);
      EXPECT_EQ(actual.mailbox, expected.mailbox);
      EXPECT_EQ(actual.mismatch(), 0);
      std::map<Seq, std::uint32_t> pending;
      for (const Pending& delivery : *h.pending(name, 0, 10'000)) {
        pending[delivery.seq] = delivery.attempts;
        const auto fallback = model.fallbacks.find({delivery.seq, name});
        EXPECT_EQ(delivery.fallback_to, fallback == model.fallbacks.end() ? "" : fallback->second);
      }
      EXPECT_EQ(pending, model.pending[name]);
      std::set<Seq> mailbox;
      for (const MailboxEntry& entry : *h.mailbox({.connector = name, .limit = 10'000})) mailbox.insert(entry.seq);
      EXPECT_EQ(mailbox, model.mailbox[name]);
    }
  }

  TempDir dir;
  Harness h{dir.path()};
  Model model;
  std::mt19937 random{GetParam()};
  std::vector<std::string> connectors{"hook", "slack", "jira"};
};

TEST_P(StoreModel, AgreesAfterEveryStep) {
  for (int step = 0; step < 150 && !HasFatalFailure(); ++step) {
    SCOPED_TRACE("seed " + std::to_string(GetParam()) + " step " + std::to_string(step));
    const std::size_t what = pick(100);
    if (what < 40) {
      accept();
    } else if (what < 80) {
      settle();
    } else if (what < 88) {
      empty_mailbox(true);
    } else if (what < 93) {
      empty_mailbox(false);
    } else if (what < 95) {
      prune();
    } else {
      h.reopen();
      h.wait_ready();
    }
    compare();
    if (HasFailure()) return;
  }
  const auto rows = h.audit({.limit = 10'000, .oldest_first = true});
  for (std::size_t i = 1; i < rows->size(); ++i) EXPECT_EQ((*rows)[i].prev_hash, (*rows)[i - 1].hash);
}

INSTANTIATE_TEST_SUITE_P(Seeds, StoreModel, ::testing::Range(1U, 9U));

}  // namespace
}  // namespace wardex::store::test
