// What the connector remembers of a case: its first message, and what it last said about it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "wardex/delivery.hpp"

namespace wardex::slack {

/// What a reader of the channel already knows.
struct Shown {
  std::string severity;
  std::string status;
  std::string assignee;
  std::string description_digest;  ///< tells a changed description without keeping it
  bool resolved = false;

  static Shown of(const Event& event);
};

struct CaseThread {
  std::string channel;     ///< the ID from Slack's answer
  std::string configured;  ///< the setting it was posted under: another one means a new thread
  std::string ts;          ///< of the first message; also Link::external_ref
  Shown shown;

  /// The thread in this link; nullopt without one, or when `channel` was configured anew since.
  static std::optional<CaseThread> of(const std::optional<Link>& link, std::string_view configured);
  /// For Link::state.
  [[nodiscard]] std::string state() const;
};

}  // namespace wardex::slack
