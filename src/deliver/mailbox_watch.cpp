#include "deliver/mailbox_watch.hpp"

#include <algorithm>
#include <utility>

#include "runtime/log.hpp"

namespace wardex::deliver {
namespace {
constexpr Millis kEvery{5'000};
}

std::string mailbox_alarm(const MailboxMarks& marks, std::uint64_t entries, std::optional<Millis> oldest) {
  if (entries == 0) return {};
  if (entries >= marks.entries)
    return std::to_string(entries) + " entries are at the mark of " + std::to_string(marks.entries) +
           " (mailbox.alarm.entries)";
  if (oldest && *oldest >= marks.age)
    return "the oldest entry has been there for " +
           format_duration(std::chrono::duration_cast<Millis>(std::chrono::floor<std::chrono::seconds>(*oldest))) +
           ", the mark is " + format_duration(marks.age) + " (mailbox.alarm.age)";
  return {};
}

struct MailboxWatch::Impl : std::enable_shared_from_this<Impl> {
  store::Store& store;
  const runtime::Clock& clock;
  std::unique_ptr<runtime::Timer> timer;
  MailboxMarks marks;
  bool started = false;
  bool stopped = false;
  std::map<std::string, WallTime> oldest;
  std::map<std::string, std::string> alarms;

  Impl(store::Store& the_store, const runtime::Clock& the_clock, runtime::Timers& timers)
      : store(the_store), clock(the_clock), timer(timers.make()) {}

  void look();
  void seen(store::Result<std::map<std::string, WallTime>> found);
  void judge();
  void announce(const std::string& connector, std::uint64_t entries, std::string why);
};

void MailboxWatch::Impl::look() {
  if (stopped) return;
  timer->arm(clock.mono() + kEvery, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->look();
  });
  const auto totals = store.totals();
  const bool empty = std::all_of(totals.connectors.begin(), totals.connectors.end(),
                                 [](const auto& account) { return account.second.mailbox == 0; });
  if (empty) return seen(std::map<std::string, WallTime>{});
  store.mailbox_oldest([weak = weak_from_this()](store::Result<std::map<std::string, WallTime>> found) {
    const auto self = weak.lock();
    if (self && !self->stopped) self->seen(std::move(found));
  });
}

void MailboxWatch::Impl::seen(store::Result<std::map<std::string, WallTime>> found) {
  // A read that failed leaves the ages as they were known.
  if (found) oldest = std::move(*found);
  judge();
}

void MailboxWatch::Impl::judge() {
  const auto now = clock.wall();
  for (const auto& [connector, account] : store.totals().connectors) {
    std::optional<Millis> age;
    if (const auto since = oldest.find(connector); since != oldest.end())
      age = std::chrono::duration_cast<Millis>(now - since->second);
    announce(connector, account.mailbox, mailbox_alarm(marks, account.mailbox, age));
  }
}

void MailboxWatch::Impl::announce(const std::string& connector, std::uint64_t entries, std::string why) {
  const auto known = alarms.find(connector);
  if (why.empty()) {
    if (known == alarms.end()) return;
    alarms.erase(known);
    log::info("mailbox.alarm_cleared", "the failure mailbox is below its marks again",
              {{"connector", connector}, {"entries", entries}});
    return;
  }
  if (known == alarms.end()) log::warning("mailbox.alarm", why, {{"connector", connector}, {"entries", entries}});
  alarms[connector] = std::move(why);
}

MailboxWatch::MailboxWatch(store::Store& store, const runtime::Clock& clock, runtime::Timers& timers)
    : impl_(std::make_shared<Impl>(store, clock, timers)) {}
MailboxWatch::~MailboxWatch() { stop(); }

void MailboxWatch::configure(const MailboxMarks& marks) {
  impl_->marks = marks;
  if (std::exchange(impl_->started, true)) return impl_->judge();
  impl_->look();
}

void MailboxWatch::stop() {
  impl_->stopped = true;
  impl_->timer->cancel();
}

std::map<std::string, MailboxWatch::State> MailboxWatch::states() const {
  std::map<std::string, State> out;
  for (const auto& [connector, account] : impl_->store.totals().connectors) {
    const auto alarm = impl_->alarms.find(connector);
    if (account.mailbox == 0 && alarm == impl_->alarms.end()) continue;
    auto& state = out[connector];
    state.entries = account.mailbox;
    if (const auto since = impl_->oldest.find(connector); since != impl_->oldest.end() && account.mailbox > 0)
      state.oldest_at = since->second;
    if (alarm != impl_->alarms.end()) state.alarm = alarm->second;
  }
  return out;
}

}  // namespace wardex::deliver
