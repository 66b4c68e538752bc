#include "store/sqlite/accounts.hpp"

#include <algorithm>

namespace wardex::store::sqlite {
namespace {

// Negative only between load() and recounted(), when a mailbox row not yet counted leaves the mailbox.
std::uint64_t shown(std::int64_t count) { return static_cast<std::uint64_t>(std::max<std::int64_t>(count, 0)); }

Account shown(const AccountDelta& account) {
  return {.routed = shown(account.routed),
          .delivered = shown(account.delivered),
          .muted = shown(account.muted),
          .coalesced = shown(account.coalesced),
          .discarded = shown(account.discarded),
          .pending = shown(account.pending),
          .mailbox = shown(account.mailbox)};
}

void add(std::array<std::uint64_t, kPrunings.size()>& sums, const std::array<std::uint64_t, kPrunings.size()>& more) {
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += more[i];
}

AccountDelta& find_or_add(std::map<std::string, AccountDelta, std::less<>>& accounts, std::string_view connector) {
  auto found = accounts.find(connector);
  if (found == accounts.end()) found = accounts.emplace(connector, AccountDelta{}).first;
  return found->second;
}

}  // namespace

AccountDelta& AccountDelta::operator+=(const AccountDelta& other) {
  routed += other.routed;
  delivered += other.delivered;
  muted += other.muted;
  coalesced += other.coalesced;
  discarded += other.discarded;
  pending += other.pending;
  mailbox += other.mailbox;
  return *this;
}

AccountDelta& Delta::of(std::string_view connector) { return find_or_add(connectors, connector); }

Delta& Delta::operator+=(const Delta& other) {
  for (const auto& [connector, account] : other.connectors) of(connector) += account;
  events += other.events;
  duplicates += other.duplicates;
  unrouted += other.unrouted;
  add(pruned, other.pruned);
  return *this;
}

void Accounts::load(const Totals& persisted) {
  const std::lock_guard lock(mutex_);
  events_ = persisted.events;
  unrouted_ = persisted.unrouted;
  for (const auto& [connector, account] : persisted.connectors) {
    AccountDelta& loaded = current_[connector];
    loaded.routed = static_cast<std::int64_t>(account.routed);
    loaded.delivered = static_cast<std::int64_t>(account.delivered);
    loaded.muted = static_cast<std::int64_t>(account.muted);
    loaded.coalesced = static_cast<std::int64_t>(account.coalesced);
    loaded.discarded = static_cast<std::int64_t>(account.discarded);
    loaded.pending = loaded.routed - loaded.delivered - loaded.muted - loaded.coalesced - loaded.discarded;
    assumed_pending_[connector] = loaded.pending;
  }
}

void Accounts::recounted(const RowCounts& rows) {
  const std::lock_guard lock(mutex_);
  for (const auto& [connector, assumed] : assumed_pending_) current_[connector].pending -= assumed;
  assumed_pending_.clear();
  for (const auto& [connector, counted] : rows.connectors) {
    AccountDelta& account = find_or_add(current_, connector);
    account.pending += counted.pending;
    account.mailbox += counted.mailbox;
  }
}

void Accounts::book(const Delta& delta) {
  const std::lock_guard lock(mutex_);
  for (const auto& [connector, account] : delta.connectors) find_or_add(current_, connector) += account;
  events_ += static_cast<std::uint64_t>(delta.events);
  duplicates_ += static_cast<std::uint64_t>(delta.duplicates);
  unrouted_ += static_cast<std::uint64_t>(delta.unrouted);
  add(pruned_, delta.pruned);
}

Totals Accounts::totals() const {
  const std::lock_guard lock(mutex_);
  Totals totals{
      .events = events_, .duplicates = duplicates_, .unrouted = unrouted_, .pruned = pruned_, .connectors = {}};
  for (const auto& [connector, account] : current_) totals.connectors.emplace(connector, shown(account));
  return totals;
}

Account Accounts::after(std::string_view connector, const AccountDelta& delta) const {
  const std::lock_guard lock(mutex_);
  const auto found = current_.find(connector);
  AccountDelta account = found != current_.end() ? found->second : AccountDelta{};
  account += delta;
  return shown(account);
}

std::pair<std::uint64_t, std::uint64_t> Accounts::after_events(const Delta& delta) const {
  const std::lock_guard lock(mutex_);
  return {events_ + static_cast<std::uint64_t>(delta.events), unrouted_ + static_cast<std::uint64_t>(delta.unrouted)};
}

}  // namespace wardex::store::sqlite
