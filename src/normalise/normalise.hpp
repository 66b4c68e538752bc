// Wardex's shapes -> the canonical Event. Pure: the same bytes and options give the same event, today and when it is
// re-derived from the store.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "normalise/node.hpp"
#include "wardex/event.hpp"

namespace wardex::normalise {

struct Options {
  std::string console_url;            ///< wardex.console_url: a case's URL is made from it where the sender gave none
  std::string case_prefix = "CASE-";  ///< put before numeric case ids
  std::string origin;                 ///< the authenticated sender
  WallTime received_at{};
  /// From the Idempotency-Key header: an event without an id of its own gets hash(origin, key, index) instead of a hash
  /// of its content. Empty: none.
  std::string idempotency_key;
  std::size_t index = 0;
};

/// Why this is no event: where (RFC 6901 pointer into the item) and what to do.
struct Rejection {
  std::string pointer;
  std::string reason;
};
/// A stream heartbeat: acknowledged, not stored.
struct Heartbeat {};

using Outcome = std::variant<Event, Heartbeat, Rejection>;

/// `original` must be the bytes `document` was read from (see Document); they are kept verbatim in Event::original.
Outcome normalise(const Node& document, std::string_view original, const Options& options);

/// The event as it was accepted, from its stored bytes. Identity (id, case_id) is what the store says, so that a later
/// change of the case prefix cannot move a case.
Event restore(std::string_view body, std::string id, std::string case_id, const Options& options);

// --- bytes -> documents -------------------------------------------------------------------------------------------

struct ParseError {
  std::size_t offset = 0;  ///< byte offset into the text
  std::string message;
};
/// Strict JSON with nesting <= max_depth, checked while parsing (nlohmann/json 3.11 recurses in copy and dump).
/// Duplicate keys are refused. A number that neither 64 bits nor a double's shortest form state exactly becomes a
/// string of its digits, since it may be an id. Invalid UTF-8 and lone surrogate escapes inside strings become U+FFFD:
/// whoever may name a file could otherwise keep the alert about it from being read.
std::variant<nlohmann::json, ParseError> parse_json(std::string_view text, std::size_t max_depth);

/// The top-level elements of a JSON array (or the one object) as slices of `text`; checks brackets, commas and strings
/// only, each slice still has to be parsed. An error for anything that is neither an object nor an array.
std::variant<std::vector<std::string_view>, ParseError> split_json(std::string_view text, std::size_t max_depth);

}  // namespace wardex::normalise
