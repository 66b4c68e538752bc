// Which key signs the audit trail's checkpoints, and the event that carries a checkpoint elsewhere.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/generation.hpp"
#include "audit/signing_key.hpp"
#include "store/store.hpp"

namespace wardex::app {

/// audit.checkpoints.key as a key; null without one. A key that is none is a problem.
std::shared_ptr<const audit::SigningKey> configured_key(const config::Config& config, Problems& problems);
/// Gives a generation without a configured key the one in the data directory, which is made if there is none. Or why
/// that cannot be.
std::optional<std::string> use_own_key(Generation& generation);

/// The event that an anchor is: its JSON holds the note and what it says, and the event is derived from that JSON as
/// from anybody's. Its id says which row and hash it is about, so that no receiver takes two for one.
store::NewEvent anchor_event(const store::ChainHead& head, const std::string& note, const config::Config& config);

/// Signs with `key`; with `anchors`, for the connectors that `config` names.
store::Sign signer(std::shared_ptr<const audit::SigningKey> key, std::shared_ptr<const config::Config> config,
                   bool anchors);

}  // namespace wardex::app
