// One event on its way to one connector.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "wardex/event.hpp"

namespace wardex {

/// What a connector remembers of a case at the receiver: the ticket, the message, the incident.
struct Link {
  std::string external_ref;  ///< issue key, Slack ts, PagerDuty dedup key
  std::string url;           ///< where a human opens it; may be empty
  std::string state;         ///< the connector's own memory (small JSON text), handed back unread by the gateway
};

struct Delivery {
  std::uint64_t seq = 0;  ///< the event's sequence number in this gateway's store
  SharedEvent event;
  /// Stable over retries, restarts and replays: a pure function of connector id and event id. What an
  /// Idempotency-Key or webhook-id carries. Never contains '.'.
  std::string key;
  unsigned attempt = 1;           ///< 1 for the first try
  std::optional<Link> link;       ///< what this connector stored for event.subject() earlier
  bool previous_unknown = false;  ///< an earlier attempt may have reached the receiver: look up before creating
  std::string stands_in_for;      ///< when this is a fallback's delivery: who did not take it ("pager, soc-hook")
  std::string also_sent_via;  ///< the fallback that got the event meanwhile, because this connector was out of order
  std::size_t coalesced = 0;  ///< so many older states of the case are left out, because this one replaces them
};

using Batch = std::span<const Delivery>;

/// What render() and interpret() may know of the world.
struct RenderContext {
  WallTime now{};              ///< this attempt's time: signatures are made with it
  std::string_view connector;  ///< the instance id in the config ("soc-hook")
  std::string_view state;      ///< what the last Next carried; empty for the first request
};

/// The stable delivery key: "wdx_" + first 32 hex digits of SHA-256 over length-framed (connector, event id).
std::string delivery_key(std::string_view connector, std::string_view event_id);

}  // namespace wardex
