// The books: what the conservation law counts. Changes are gathered as a Delta while a transaction runs and booked when
// it is durable; any thread may look at the last state booked.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "store/store.hpp"

namespace wardex::store::sqlite {

struct AccountDelta {
  std::int64_t routed = 0;
  std::int64_t delivered = 0;
  std::int64_t muted = 0;
  std::int64_t coalesced = 0;
  std::int64_t discarded = 0;
  std::int64_t pending = 0;
  std::int64_t mailbox = 0;
  AccountDelta& operator+=(const AccountDelta& other);
};

struct Delta {
  std::map<std::string, AccountDelta, std::less<>> connectors;
  std::int64_t events = 0;
  std::int64_t duplicates = 0;
  std::int64_t unrouted = 0;
  std::array<std::uint64_t, kPrunings.size()> pruned{};

  AccountDelta& of(std::string_view connector);
  Delta& operator+=(const Delta& other);
};

/// Rows found in deliveries and mailbox at opening.
struct RowCounts {
  std::map<std::string, AccountDelta, std::less<>> connectors;
};

class Accounts {
 public:
  /// What the database says. Until recounted() brings the rows really there, `pending` is what the law says it must be.
  void load(const Totals& persisted);
  /// `rows` as they were at load(); changes booked since then are kept.
  void recounted(const RowCounts& rows);
  void book(const Delta& delta);

  [[nodiscard]] Totals totals() const;
  /// What one account becomes when `delta` is booked.
  [[nodiscard]] Account after(std::string_view connector, const AccountDelta& delta) const;
  /// Events and unrouted ones after `delta`.
  [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> after_events(const Delta& delta) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, AccountDelta, std::less<>> current_;
  std::map<std::string, std::int64_t, std::less<>> assumed_pending_;
  std::uint64_t events_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t unrouted_ = 0;
  std::array<std::uint64_t, kPrunings.size()> pruned_{};
};

}  // namespace wardex::store::sqlite
