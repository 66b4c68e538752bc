// A delivery to Slack is one to three requests. Which one comes first follows from what is known of the case, which one
// comes next from the answer: a small state machine, of which the state travels in Next.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "slack/settings.hpp"
#include "slack/thread.hpp"

namespace wardex::slack {

enum class Step : std::uint8_t {
  hook,      ///< post to the incoming webhook
  post,      ///< post the case's first message
  edit,      ///< bring the first message up to date
  reply,     ///< say in the thread what changed
  announce,  ///< post a later event as a message of its own (thread_by_case: false)
};

struct Progress {
  Step step = Step::hook;
  std::string refused;  ///< the layout error because of which this step is sent as plain text; empty: in full

  static Progress first(const Settings& settings, const Event& event, const std::optional<CaseThread>& thread);
  /// An edit pings and notifies nobody, so it is always followed by words.
  static Progress after_edit(const Settings& settings);
  /// From RenderContext::state; nullopt when it is empty or not ours.
  static std::optional<Progress> parse(std::string_view state);
  [[nodiscard]] std::string str() const;
};

}  // namespace wardex::slack
