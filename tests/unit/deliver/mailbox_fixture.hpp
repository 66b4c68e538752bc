// A world whose store has a failure mailbox.
#pragma once

#include <algorithm>

#include <gmock/gmock.h>

#include "deliver/mailbox_watch.hpp"
#include "deliver/replays.hpp"
#include "unit/deliver/fakes.hpp"

namespace wardex::deliver::test {

class MailboxStore final : public FakeStore {
 public:
  explicit MailboxStore(asio::io_context& loop) : FakeStore(loop), executor_(loop.get_executor()) {}

  std::map<std::int64_t, store::MailboxEntry> entries;
  std::vector<std::size_t> moves;  ///< how many each replay verb took

  void fill(const std::string& connector, std::size_t count, WallTime at = {}) {
    for (std::size_t i = 0; i < count; ++i) {
      Event event;
      event.id = connector + "-" + std::to_string(next_id_);
      event.original = "{}";
      const auto seq = put(event, {});
      auto& entry = entries[next_id_];
      entry.id = next_id_++;
      entry.connector = connector;
      entry.seq = seq;
      entry.event_id = event.id;
      entry.at = at;
    }
  }
  [[nodiscard]] store::MailboxSum sum(const std::string& connector = {}) const {
    store::MailboxSum out;
    for (const auto& [id, entry] : entries) {
      if (!connector.empty() && entry.connector != connector) continue;
      ++out.entries;
      ++out.connectors[entry.connector];
      out.last_id = id;
    }
    return out;
  }

  void mailbox(store::MailboxFilter filter, store::Done<store::MailboxPage> done) override {
    if (broken) return later(std::move(done), store::Result<store::MailboxPage>(*broken));
    store::MailboxPage page;
    for (auto entry = entries.upper_bound(filter.after_id); entry != entries.end(); ++entry) {
      if (filter.upto_id > 0 && entry->first > filter.upto_id) break;
      if (!filter.connector.empty() && entry->second.connector != filter.connector) continue;
      if (page.entries.size() == filter.limit) {
        page.next_after = page.entries.back().id;
        break;
      }
      page.entries.push_back(entry->second);
    }
    later(std::move(done), store::Result<store::MailboxPage>(std::move(page)));
  }
  using Replayed = std::vector<std::pair<std::string, store::Pending>>;
  void replay(std::vector<std::int64_t> ids, std::string, WallTime, store::Done<Replayed> done) override {
    if (broken) return later(std::move(done), store::Result<Replayed>(*broken));
    Replayed out;
    for (const auto id : ids) {
      const auto entry = entries.find(id);
      if (entry == entries.end()) continue;
      out.emplace_back(entry->second.connector, revive(entry->second.connector, entry->second.seq));
      entries.erase(entry);
    }
    if (out.empty())
      return later(std::move(done), store::Result<Replayed>(store::Error{store::Fault::conflict, "gone"}));
    moves.push_back(out.size());
    later(std::move(done), store::Result<Replayed>(std::move(out)));
  }
  void mailbox_oldest(store::Done<std::map<std::string, WallTime>> done) override {
    ++oldest_asked;
    if (broken) return later(std::move(done), store::Result<std::map<std::string, WallTime>>(*broken));
    std::map<std::string, WallTime> out;
    for (const auto& [id, entry] : entries) out.emplace(entry.connector, entry.at);
    later(std::move(done), store::Result<std::map<std::string, WallTime>>(std::move(out)));
  }
  [[nodiscard]] store::Totals totals() const override {
    store::Totals out;
    for (const auto& [id, entry] : entries) ++out.connectors[entry.connector].mailbox;
    for (const auto& connector : known) out.connectors[connector];
    return out;
  }
  std::set<std::string> known;
  std::size_t oldest_asked = 0;

 private:
  template <class T>
  void later(store::Done<T> done, store::Result<T> result) {
    asio::post(executor_, [done = std::move(done), result = std::move(result)]() mutable { done(std::move(result)); });
  }
  asio::any_io_executor executor_;
  std::int64_t next_id_ = 1;
};

}  // namespace wardex::deliver::test
