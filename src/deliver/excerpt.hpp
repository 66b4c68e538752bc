// Texts from outside, made fit for audit, mailbox and status.
#pragma once

#include <string>
#include <string_view>

#include "deliver/report.hpp"
#include "wardex/request.hpp"

namespace wardex::deliver {

inline constexpr std::size_t kExcerptBytes = 1024;

/// One printable line of at most kExcerptBytes, without the request's secrets (receivers echo what they were sent).
std::string excerpt(std::string_view text, const Request* request);

/// Adds the last exchange to report.steps: what left the house stays provable when a delivery takes several requests.
void note_step(AttemptReport& report);

}  // namespace wardex::deliver
