// What the stream and the subscription put around a document: {"type":"alert","timestamp":...,"data":{...}}.
#pragma once

#include <string>
#include <variant>

#include <nlohmann/json_fwd.hpp>

#include "normalise/normalise.hpp"
#include "normalise/shape.hpp"

namespace wardex::normalise {

struct Envelope {
  const nlohmann::json* document = nullptr;  ///< the inner one, or the whole if there is no envelope
  std::string pointer;                       ///< "/data", or empty
  Hint hint = Hint::none;
  std::string action;     ///< of "case.updated"
  std::string timestamp;  ///< as stated
  std::string event_id;
};

/// `whole` must be an object. An envelope is an object with `data` and a text `type` (or `event_type`, as the
/// control plane's subscriptions call it). A type that is unknown leaves it to the document to say what it is.
std::variant<Envelope, Heartbeat, Rejection> open_envelope(const nlohmann::json& whole);

}  // namespace wardex::normalise
