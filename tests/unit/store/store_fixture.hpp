// What the store's tests share: a directory that vanishes, an executor to wait on, a clock to turn, and the verbs as
// plain calls.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/sqlite/open.hpp"
#include "store/store.hpp"

namespace wardex::store::test {

class TempDir {
 public:
  TempDir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "wardex-store-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Completions run on the test's thread, while it waits for something.
class Loop {
 public:
  void post(std::function<void()> task) {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    wake_.notify_one();
  }
  /// Runs completions until `done` holds; fails the test after half a minute without news.
  template <class Predicate>
  bool run_until(Predicate done) {
    while (!done()) {
      std::function<void()> task;
      {
        std::unique_lock lock(mutex_);
        if (!wake_.wait_for(lock, std::chrono::seconds(30), [this] { return !tasks_.empty(); })) {
          ADD_FAILURE() << "nothing happened for 30 s";
          return false;
        }
        task = std::move(tasks_.front());
        tasks_.pop_front();
      }
      task();
    }
    return true;
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
};

inline const WallTime kStart = Timestamp::parse("2026-04-21T14:22:09.000Z")->at;

class Harness {
 public:
  explicit Harness(std::filesystem::path directory) : now_(kStart.time_since_epoch().count()) {
    options.directory = std::move(directory);
    options.now = [this] { return now(); };
    options.post = [this](std::function<void()> task) { loop.post(std::move(task)); };
  }
  ~Harness() { store.reset(); }
  Harness(const Harness&) = delete;
  Harness& operator=(const Harness&) = delete;

  /// Opens the store; a failed opening fails the test.
  void open() {
    auto opened = sqlite::open(options);
    ASSERT_TRUE(opened) << opened.error().message;
    store = std::move(*opened);
  }
  void reopen() {
    store.reset();
    open();
  }
  [[nodiscard]] WallTime now() const { return WallTime(std::chrono::nanoseconds(now_.load())); }
  void advance(Millis by) { now_ += std::chrono::nanoseconds(by).count(); }

  template <class T>
  Result<T> await(const std::function<void(Done<T>)>& start) {
    auto result = std::make_shared<std::optional<Result<T>>>();
    start([result](Result<T> value) { *result = std::move(value); });
    if (!loop.run_until([&] { return result->has_value(); })) return Error{Fault::closed, "the test timed out"};
    return std::move(**result);
  }

  Result<Accepted> accept(std::vector<NewEvent> events) {
    return await<Accepted>([&](Done<Accepted> done) { store->accept(events, record("accept"), std::move(done)); });
  }
  Result<Settled> settle(const std::string& connector, std::vector<Settle> settled,
                         std::vector<AuditRecord> audit = {}) {
    return await<Settled>([&](Done<Settled> done) { store->settle(connector, settled, audit, std::move(done)); });
  }
  Result<Control> control(Control what) {
    return await<Control>([&](Done<Control> done) { store->control(what, std::move(done)); });
  }
  Result<Ok> resume(const std::string& connector) {
    return await<Ok>([&](Done<Ok> done) { store->resume(connector, "cli:test", "done", now(), std::move(done)); });
  }
  Result<std::vector<Control>> controls() {
    return await<std::vector<Control>>([&](Done<std::vector<Control>> done) { store->controls(std::move(done)); });
  }
  Result<Ok> append_audit(const AuditRecord& audit) {
    return await<Ok>([&](Done<Ok> done) { store->append_audit(audit, std::move(done)); });
  }
  using Replayed = std::vector<std::pair<std::string, Pending>>;
  /// What the filter selects, as the API does it: the reader finds, the writer moves by id.
  Result<Replayed> replay(const MailboxFilter& which) {
    const auto ids = ids_of(which);
    return await<Replayed>([&](Done<Replayed> done) { store->replay(ids, "cli:test", now(), std::move(done)); });
  }
  Result<std::size_t> discard(const MailboxFilter& which, const std::string& reason = "noise") {
    const auto ids = ids_of(which);
    return await<std::size_t>(
        [&](Done<std::size_t> done) { store->discard(ids, "cli:test", reason, now(), std::move(done)); });
  }
  std::vector<std::int64_t> ids_of(const MailboxFilter& which) {
    if (!which.ids.empty()) return which.ids;
    std::vector<std::int64_t> ids;
    const auto found = mailbox(which);
    for (const MailboxEntry& entry : *found) ids.push_back(entry.id);
    return ids;
  }
  Result<Checkpoint> checkpoint(Sign sign) {
    return await<Checkpoint>([&](Done<Checkpoint> done) { store->checkpoint(std::move(sign), std::move(done)); });
  }
  Result<PruneStep> prune(Prune what, Sign sign = {}) {
    return await<PruneStep>([&](Done<PruneStep> done) { store->prune(what, std::move(sign), std::move(done)); });
  }
  Result<Ok> report_pruned() {
    return await<Ok>([&](Done<Ok> done) { store->report_pruned(std::move(done)); });
  }
  Result<Ok> release_space(std::size_t pages) {
    return await<Ok>([&](Done<Ok> done) { store->release_space(pages, std::move(done)); });
  }
  Result<Ok> backup(const std::filesystem::path& path) {
    return await<Ok>([&](Done<Ok> done) { store->backup(path.string(), std::move(done)); });
  }
  Result<std::vector<Pending>> pending(const std::string& connector, Seq after = 0, std::size_t limit = 1000) {
    return await<std::vector<Pending>>(
        [&](Done<std::vector<Pending>> done) { store->pending(connector, after, limit, std::move(done)); });
  }
  using WithLinks = std::vector<std::pair<StoredEvent, std::optional<Link>>>;
  Result<WithLinks> events_for(const std::string& connector, const std::vector<Seq>& seqs) {
    return await<WithLinks>([&](Done<WithLinks> done) { store->events_for(connector, seqs, std::move(done)); });
  }
  Result<std::vector<EventSummary>> events(const EventFilter& filter) {
    return await<std::vector<EventSummary>>(
        [&](Done<std::vector<EventSummary>> done) { store->events(filter, std::move(done)); });
  }
  Result<EventTrail> trail(const std::string& id) {
    return await<EventTrail>([&](Done<EventTrail> done) { store->trail(id, std::move(done)); });
  }
  Result<MailboxPage> mailbox_page(const MailboxFilter& filter = {}) {
    return await<MailboxPage>([&](Done<MailboxPage> done) { store->mailbox(filter, std::move(done)); });
  }
  Result<std::vector<MailboxEntry>> mailbox(const MailboxFilter& filter = {}) {
    auto page = mailbox_page(filter);
    if (!page) return page.error();
    return std::move(page->entries);
  }
  Result<MailboxSum> mailbox_sum(const MailboxFilter& filter = {}) {
    return await<MailboxSum>([&](Done<MailboxSum> done) { store->mailbox_sum(filter, std::move(done)); });
  }
  Result<MailboxGroups> mailbox_groups(const MailboxGroupFilter& filter = {}) {
    return await<MailboxGroups>([&](Done<MailboxGroups> done) { store->mailbox_groups(filter, std::move(done)); });
  }
  Result<std::map<std::string, WallTime>> mailbox_oldest() {
    return await<std::map<std::string, WallTime>>(
        [&](Done<std::map<std::string, WallTime>> done) { store->mailbox_oldest(std::move(done)); });
  }
  Result<std::vector<AuditRow>> audit(const AuditFilter& filter = {}) {
    return await<std::vector<AuditRow>>(
        [&](Done<std::vector<AuditRow>> done) { store->audit(filter, std::move(done)); });
  }

  /// After a start: waits until the known ids and the recount are in, which is when a (repeated) accept completes.
  void wait_ready() { ASSERT_TRUE(accept({})); }

  AuditRecord record(std::string action, std::string connector = {}) const {
    AuditRecord record;
    record.at = now();
    record.actor = "test";
    record.action = std::move(action);
    record.connector = std::move(connector);
    record.outcome = "ok";
    return record;
  }
  NewEvent event(const std::string& id, std::vector<std::string> connectors, const std::string& case_id = {}) const {
    auto made = std::make_shared<Event>();
    made->id = id;
    made->case_id = case_id;
    made->severity = Severity::high;
    made->origin = "control-plane";
    made->title = "Suspicious shell spawned from Office";
    made->received_at = {now(), 3};
    made->original = R"({"id":")" + id + R"("})";
    NewEvent item{std::move(made), {}};
    for (std::string& connector : connectors) item.targets.push_back({std::move(connector), "matrix high", ""});
    return item;
  }

  Loop loop;
  sqlite::Options options;
  std::unique_ptr<Store> store;

 private:
  std::atomic<std::int64_t> now_;
};

/// The conservation law holds for every connector.
inline void expect_balanced(const Store& store) {
  for (const auto& [connector, account] : store.totals().connectors) {
    EXPECT_EQ(account.mismatch(), 0) << connector << ": routed " << account.routed << " delivered " << account.delivered
                                     << " muted " << account.muted << " discarded " << account.discarded << " pending "
                                     << account.pending << " mailbox " << account.mailbox;
  }
}

/// Signs nothing, but remembers what it was to sign.
inline Sign unsigned_note(std::shared_ptr<ChainHead> seen = std::make_shared<ChainHead>()) {
  return [seen](const ChainHead& head) {
    *seen = head;
    return Signed{"note of row " + std::to_string(head.row), "00000000", std::nullopt};
  };
}

inline Settle delivered(Seq seq, std::optional<Link> link = std::nullopt, std::string subject = "S") {
  return {seq, std::move(subject), Settle::Delivered{std::move(link)}};
}
inline Settle rejected(Seq seq, std::string reason, std::uint32_t attempts = 1) {
  return {seq, "S", Settle::Mailbox{"rejected", std::move(reason), attempts}};
}

}  // namespace wardex::store::test
