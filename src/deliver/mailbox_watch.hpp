// Watches how full the failure mailbox is and how old its oldest entries are, and says so once when either crosses its
// mark. A look-up per connector every few seconds, however full it is.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "runtime/clock.hpp"
#include "runtime/timer.hpp"
#include "store/store.hpp"

namespace wardex::deliver {

/// Per connector; reached means alarm.
struct MailboxMarks {
  std::uint64_t entries = 0;
  Millis age{};
};
/// Why that is too much, or empty. Pure.
std::string mailbox_alarm(const MailboxMarks& marks, std::uint64_t entries, std::optional<Millis> oldest);

class MailboxWatch {
 public:
  /// What is known of one connector's entries.
  struct State {
    std::uint64_t entries = 0;
    std::optional<WallTime> oldest_at;  ///< as of the last look
    std::string alarm;                  ///< empty: none
  };

  /// All of them outlive the loop's last turn.
  MailboxWatch(store::Store& store, const runtime::Clock& clock, runtime::Timers& timers);
  ~MailboxWatch();
  MailboxWatch(const MailboxWatch&) = delete;
  MailboxWatch& operator=(const MailboxWatch&) = delete;

  /// The first call starts it.
  void configure(const MailboxMarks& marks);
  void stop();
  /// Connectors with entries or an alarm.
  [[nodiscard]] std::map<std::string, State> states() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace wardex::deliver
