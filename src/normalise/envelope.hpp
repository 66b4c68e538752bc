// What the stream and the subscription put around a document: {"type":"alert","timestamp":...,"data":{...}}.
#pragma once

#include <string>
#include <variant>

#include "normalise/members.hpp"
#include "normalise/normalise.hpp"
#include "normalise/shape.hpp"

namespace wardex::normalise {

struct Envelope {
  const Node* document = nullptr;  ///< the inner one, or the whole if there is no envelope
  std::string pointer;             ///< "/data", or empty
  Hint hint = Hint::none;
  std::string action;     ///< of "case.updated"
  std::string timestamp;  ///< as stated
  std::string event_id;
};

/// An envelope is an object with `data` and a text `type` (or `event_type`, as the
/// control plane's subscriptions call it). A type that is unknown leaves it to the document to say what it is.
std::variant<Envelope, Heartbeat, Rejection> open_envelope(const Members& whole);

}  // namespace wardex::normalise
