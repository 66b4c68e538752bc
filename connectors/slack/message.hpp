// What a message looks like, within Slack's limits and safe against hostile alert text.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "slack/thread.hpp"
#include "wardex/delivery.hpp"

namespace wardex::slack {

/// How the whole of an event is shown. `mention` is from the settings ("<!here>"), empty for none.
struct Look {
  std::string mention;
  bool struck = false;  ///< the title crossed out: for editing a resolved case's message
};

/// Text, blocks and colour bar: everything about the event.
nlohmann::json full_message(const Delivery& delivery, const Look& look);
/// What changed since the thread's last message, for a reply in it.
nlohmann::json change_message(const Delivery& delivery, const CaseThread& thread, const std::string& mention);
/// `text` alone, at most 2000 characters: the last resort when Slack refuses the layout.
nlohmann::json plain_message(const Delivery& delivery);

}  // namespace wardex::slack
