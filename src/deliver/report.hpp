// What came of one attempt: of render, one or several exchanges, and their reading.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wardex/response.hpp"
#include "wardex/time.hpp"
#include "wardex/verdict.hpp"

namespace wardex::deliver {

struct AttemptReport {
  /// One per delivery of the batch, in its order. Reasons are scrubbed of secrets, single-line and bounded.
  std::vector<ItemVerdict> items;
  bool partial = false;         ///< the receiver judged item by item; otherwise all items share one verdict
  bool unrenderable = false;    ///< render() threw: nothing was sent
  std::string reduced;          ///< not empty: render() threw this, and took the event's bare essentials instead
  bool misconfigured = false;   ///< the transport will never send this (egress guard, bad URL): no fault of the event
  bool reached = false;         ///< the receiver answered, or may have acted
  bool unanswered = false;      ///< bytes left and no answer came: the outcome is unknown
  bool may_have_acted = false;  ///< unanswered, or failed after an earlier step had succeeded

  unsigned requests = 0;
  std::optional<Quota> quota;  ///< what the last answer says is left of the receiver's own limit
  std::optional<int> status_code;
  Millis latency{};
  std::string request_digest;  ///< of the last request
  std::string steps;           ///< of several requests: their digests and statuses, for the audit
  std::string response;        ///< printable, bounded, redacted excerpt of the last answer
};

/// The audit's and metrics' word for an item, e.g. "delivered", "retry", "unknown", "unrenderable".
std::string_view outcome_word(const AttemptReport& report, const ItemVerdict& verdict);
/// The same for the attempt as a whole; "partial" when its items differ.
std::string_view outcome_word(const AttemptReport& report);

}  // namespace wardex::deliver
