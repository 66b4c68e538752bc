// Ids for events that come without one: the same event has the same id whenever and however often it is sent.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "normalise/node.hpp"
#include "normalise/normalise.hpp"

namespace wardex::normalise {

/// "evt_" and 32 hex digits over the document without `volatile_members`; neither key order nor white space counts.
/// `context` is what the envelope adds to it (the action, a time that the document itself lacks).
std::string content_id(const Node& document, std::span<const std::string_view> volatile_members,
                       std::string_view context);
/// The same form, over (origin, Idempotency-Key, position in the request).
std::string key_id(const Options& options);

}  // namespace wardex::normalise
