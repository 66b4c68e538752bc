// The closed set of things that can come of an attempt. Each failure class has its own clock in the engine.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "wardex/request.hpp"
#include "wardex/time.hpp"

namespace wardex {

/// The receiver took it.
struct Delivered {
  std::string external_ref;  ///< stored in `links` for the case when not empty
  std::string url;
  std::string state;  ///< the connector's memory for the case (see Link::state)
  std::string note;   ///< an honest qualification for the audit, e.g. "accepted by the workflow"
};
/// An outage: connect, TLS, timeout, 5xx. Exponential backoff with full jitter.
struct Retry {
  std::string reason;
  std::optional<Millis> after;  ///< the receiver's own wish (503 with Retry-After), clamped by the engine
};
/// The receiver is healthy and says when. Nothing is sent to it before.
struct Throttled {
  std::string reason;
  std::optional<Millis> after;  ///< absent: the engine's default pause
};
/// The credential is refused: the lane is held, nothing is burned, the owner is told.
struct Unauthorised {
  std::string reason;
};
/// This event will never be taken as it is: failure mailbox, at once.
struct Rejected {
  std::string reason;
};
/// One more request belongs to this delivery (look up, then create or update). `state` comes back in RenderContext.
struct Next {
  Request request;
  std::string state;
};

using ItemVerdict = std::variant<Delivered, Retry, Throttled, Unauthorised, Rejected>;
/// A batch of which the items fared differently; items[i] belongs to batch[i], sizes must match.
struct Partial {
  std::vector<ItemVerdict> items;
};

using Verdict = std::variant<Delivered, Retry, Throttled, Unauthorised, Rejected, Partial, Next>;

/// "delivered", "retry", "throttled", "unauthorised", "rejected", "partial", "next": the words of audit and metrics.
std::string_view outcome(const Verdict& verdict);
std::string_view outcome(const ItemVerdict& verdict);
/// The reason, or the note of a Delivered.
std::string_view reason(const ItemVerdict& verdict);

/// The usual HTTP reading, for connectors whose API follows RFC 9110: 2xx Delivered; 408/425/5xx Retry (503 with its
/// Retry-After); 429 Throttled; 401/403/407 Unauthorised; 3xx and other 4xx Rejected ("HTTP 404: <excerpt>").
ItemVerdict classify_http(int status, std::string_view retry_after, std::string_view body, WallTime now);

}  // namespace wardex
