#include "deliver/backlog.hpp"

#include <gmock/gmock.h>

#include <map>
#include <random>
#include <set>

namespace wardex::deliver {
namespace {

store::Pending row(store::Seq seq) {
  store::Pending out;
  out.seq = seq;
  return out;
}
std::vector<store::Pending> rows(std::initializer_list<store::Seq> seqs) {
  std::vector<store::Pending> out;
  for (const auto seq : seqs) out.push_back(row(seq));
  return out;
}

TEST(Backlog, BeginsBehindAndCatchesUp) {
  Backlog backlog;
  EXPECT_TRUE(backlog.behind());
  EXPECT_EQ(backlog.begin_read(), 0U);
  EXPECT_EQ(backlog.end_read(rows({3, 5}), 2).size(), 2U);
  EXPECT_TRUE(backlog.behind()) << "the page was full";
  EXPECT_EQ(backlog.begin_read(), 5U);
  backlog.end_read(rows({6}), 2);
  EXPECT_FALSE(backlog.behind());
  EXPECT_FALSE(backlog.admit(6, true)) << "it was in the page";
  EXPECT_TRUE(backlog.admit(7, true));
}

TEST(Backlog, WhatIsCommittedWhileAPageIsReadIsReadNext) {
  Backlog backlog;
  backlog.begin_read();
  EXPECT_FALSE(backlog.admit(9, true));
  backlog.end_read(rows({1}), 10);
  EXPECT_TRUE(backlog.behind());
  EXPECT_EQ(backlog.begin_read(), 1U);
  backlog.end_read(rows({9}), 10);
  EXPECT_FALSE(backlog.behind());
}

TEST(Backlog, WhatLeftWhileAPageWasReadIsNotTakenAgain) {
  Backlog backlog;
  backlog.begin_read();
  backlog.left({2});
  const auto page = backlog.end_read(rows({1, 2, 3}), 10);
  ASSERT_EQ(page.size(), 2U);
  EXPECT_EQ(page[1].seq, 3U);
}

TEST(Backlog, AReplayAheadOfTheCursorWaitsForItsPage) {
  Backlog backlog;
  backlog.begin_read();
  backlog.end_read(rows({1, 2}), 2);
  EXPECT_FALSE(backlog.admit_again(50, true)) << "older events of its case may lie between";
  EXPECT_TRUE(backlog.admit_again(1, true));
  backlog.begin_read();
  backlog.end_read({}, 2);
  EXPECT_TRUE(backlog.admit_again(50, true));
  EXPECT_FALSE(backlog.admit_again(40, false)) << "no room";
  EXPECT_EQ(backlog.begin_read(), 39U);
}

/// A model: events are committed, offered later, replayed, delivered; pages are snapshots that arrive late. Every event
/// is taken in exactly once per time it becomes pending, and none is missed.
TEST(Backlog, MissesNothingAndTakesNothingTwice) {
  for (std::uint32_t seed = 0; seed < 2000; ++seed) {
    std::mt19937 random(seed);
    const auto chance = [&random](unsigned percent) { return random() % 100 < percent; };
    Backlog backlog;
    std::set<store::Seq> pending;  // in the store
    std::set<store::Seq> window;   // in the lane
    std::set<store::Seq> mailbox;
    std::map<store::Seq, int> taken;  // minus times it left
    std::vector<store::Seq> offers;   // committed, callback still to come
    std::vector<store::Seq> replays;
    std::optional<std::vector<store::Pending>> page;
    const std::size_t room = 1 + random() % 20;
    const std::size_t limit = 1 + random() % 8;
    store::Seq next = 1;
    const auto take = [&](store::Seq seq) {
      if (!window.insert(seq).second) return;
      ASSERT_TRUE(pending.contains(seq)) << "seed " << seed << ": taken after it had left";
      ++taken[seq];
    };
    for (int step = 0; step < 400; ++step) {
      const bool late = step > 300;  // then everything comes to rest
      switch (random() % 7) {
        case 0:
          if (late) break;
          pending.insert(next);
          offers.push_back(next++);
          break;
        case 1:
          if (offers.empty()) break;
          if (backlog.admit(offers.front(), window.size() < room)) take(offers.front());
          offers.erase(offers.begin());
          break;
        case 2:  // delivered, or to the mailbox
          if (window.empty()) break;
          {
            auto gone = window.begin();
            std::advance(gone, random() % window.size());
            const auto seq = *gone;
            pending.erase(seq);
            window.erase(gone);
            --taken[seq];
            backlog.left({seq});
            if (!late && chance(30)) mailbox.insert(seq);
          }
          break;
        case 3:
          if (mailbox.empty() || late) break;
          pending.insert(*mailbox.begin());
          replays.push_back(*mailbox.begin());
          mailbox.erase(mailbox.begin());
          // The callback comes before anything else can have delivered it (see LaneRunner): at once here.
          if (backlog.admit_again(replays.back(), window.size() < room)) take(replays.back());
          replays.pop_back();
          break;
        case 4:
        case 5:
          if (backlog.behind() && !backlog.reading() && window.size() <= room / 2) {
            const auto after = backlog.begin_read();
            page.emplace();
            for (auto at = pending.upper_bound(after); at != pending.end() && page->size() < limit; ++at)
              page->push_back(row(*at));
          }
          break;
        default:
          if (!page) break;
          for (const auto& one : backlog.end_read(std::move(*page), limit)) take(one.seq);
          page.reset();
      }
      if (HasFatalFailure()) return;
    }
    for (int rest = 0; rest < 500 && (!pending.empty() || !offers.empty()); ++rest) {
      for (const auto seq : offers)
        if (backlog.admit(seq, window.size() < room)) take(seq);
      offers.clear();
      for (const auto seq : window) {
        pending.erase(seq);
        backlog.left({seq});
      }
      window.clear();
      if (page) {
        for (const auto& one : backlog.end_read(std::move(*page), limit)) take(one.seq);
        page.reset();
      } else if (backlog.behind()) {
        const auto after = backlog.begin_read();
        page.emplace();
        for (auto at = pending.upper_bound(after); at != pending.end() && page->size() < limit; ++at)
          page->push_back(row(*at));
      }
      if (HasFatalFailure()) return;
    }
    ASSERT_TRUE(pending.empty()) << "seed " << seed << ": stored but never sent";
  }
}

}  // namespace
}  // namespace wardex::deliver
